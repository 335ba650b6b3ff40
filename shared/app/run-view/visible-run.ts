// Runs as a person of the break management surface finds them: the latest that has settled, or any by its id.
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import { joinNumber, splitNumber } from '../../domain/composite-number.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Run } from '../../domain/run.ts';
import type { Deps } from '../deps.ts';
import {
  type AccessDeps,
  type GraphReconciliation,
  type VisibleDefinition,
  visibleDefinition,
} from './visible-definition.ts';

export type RunDeps = AccessDeps & Pick<Deps, 'runs' | 'batches'>;

export type VisibleRun = VisibleDefinition & { run: Run };

export function runIdOf({ graph }: Pick<GraphReconciliation, 'graph'>, { number }: Pick<Run, 'number'>): number {
  return joinNumber({ number: graph.number, sequence: number });
}

/** The newest run whose breaks are the known ones: a run that failed, is under way or looked back is not it. */
export async function latestRun(deps: RunDeps, actor: BreaksActor, number: number): Promise<Result<VisibleRun>> {
  const visible = await visibleDefinition(deps, actor, number);
  if (!visible.ok) return visible;
  const { reconciliation } = visible.value;
  const { settled } = await deps.batches.feed(reconciliation);
  const run = settled && (await deps.runs.get({ ...refOf(reconciliation), runId: settled.runId }));
  return run ? ok({ ...visible.value, run }) : fail('NOT_FOUND', `Reconciliation ${number} has no completed run`);
}

export async function visibleRun(deps: RunDeps, actor: BreaksActor, runId: number): Promise<Result<VisibleRun>> {
  const missing = fail('NOT_FOUND', `There is no run ${runId}`);
  const parts = splitNumber(runId);
  if (!parts) return missing;
  const visible = await visibleDefinition(deps, actor, parts.number);
  if (!visible.ok) return missing;
  const run = await runByNumber(deps, visible.value.reconciliation, parts.sequence);
  return run ? ok({ ...visible.value, run }) : missing;
}

/** The feed knows the runs that are under way, which a list may not know yet. */
async function runByNumber(deps: RunDeps, reconciliation: Reconciliation, number: number): Promise<Run | undefined> {
  const found = await deps.runs.byNumber(reconciliation, number);
  if (found) return found;
  const { activeRuns, settled } = await deps.batches.feed(reconciliation);
  const known = [...activeRuns, ...(settled ? [settled] : [])].find((one) => one.number === number);
  return known && deps.runs.get({ ...refOf(reconciliation), runId: known.runId });
}

function refOf({ tenant, reconciliationId }: Reconciliation) {
  return { tenant, reconciliationId };
}
