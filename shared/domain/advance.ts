// Which stage follows which, what its tasks are, and whose turn it is. Pure.
import type { Feed } from './feed.ts';
import { groupParts } from './plan-chunks.ts';
import { type Run, type RunInputs, type Stage, type Task, tasksPerStageMax } from './run.ts';

/** What `plan` found; it becomes part of the run when the stage is done. */
export type Planned = Required<
  Pick<Run, 'definition' | 'readings' | 'definitionHash' | 'inputHash' | 'chunks' | 'inputsKey'>
> &
  Pick<Run, 'claims' | 'rebuild' | 'decided' | 'learned' | 'dimensions'>;

/** Undefined after the last. One chunk needs no partitioning, and sees the residue of all its passes itself. */
export function stageAfter(stage: Stage, plan: Partial<Planned>): Stage | undefined {
  if (stage === 'prepare') return 'plan';
  if (stage === 'plan') return (plan.chunks ?? 1) > 1 ? 'partition' : 'match';
  if (stage === 'partition') return 'match';
  if (stage === 'match') return handsOn(plan) ? 'residue' : 'settle';
  return stage === 'residue' ? 'settle' : undefined;
}

/** Whether chunks match by key alone, and what they leave is matched together: records put together may be of several. */
export function handsOn(plan: Pick<Partial<Planned>, 'chunks' | 'definition' | 'decided'>): boolean {
  const beyondKey = plan.decided || plan.definition?.passes.some((pass) => pass.kind !== 'exact-key');
  return (plan.chunks ?? 1) > 1 && beyondKey === true;
}

export type PartitionInput = { source: string; from: number; to: number };
export type MatchInput = { chunk: number };

/** Fixed before the first attempt. `inputs` is needed for `partition` alone. */
export function tasksOf(run: Run, stage: Stage, inputs: RunInputs | undefined): Pick<Task, 'index' | 'input'>[] {
  if (stage === 'match')
    return numbered(Array.from({ length: run.chunks ?? 1 }, (_, chunk): MatchInput => ({ chunk })));
  if (stage !== 'partition') return numbered([{}]);
  if (!inputs) throw new Error('partition tasks are made from the inputs of the run');
  const groupsMax = Math.floor(tasksPerStageMax / inputs.sources.length);
  return numbered(
    inputs.sources.flatMap(({ source, parts }): PartitionInput[] =>
      groupParts(parts.length, groupsMax).map((group) => ({ source, ...group })),
    ),
  );
}

function numbered(inputs: Record<string, unknown>[]): Pick<Task, 'index' | 'input'>[] {
  return inputs.map((input, index) => ({ index, input }));
}

/**
 * Settling goes in the order of the runs. Planning does too where a source is an increment, because what a run carries
 * over is known only when the one before has settled.
 */
export function needsTurn(stage: Stage, hasIncrements: boolean): boolean {
  return stage === 'settle' || (stage === 'plan' && hasIncrements);
}

export function hasTurn(feed: Feed, runId: string): boolean {
  return feed.activeRuns[0]?.runId === runId;
}
