// Starts a run because a person of the break management surface asks for it, and waits a while for its end: most have settled
// before a person would ask again.
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import { isActive, type RunNote } from '../../domain/run.ts';
import type { CreateRunDeps } from '../runs/create-run.ts';
import { startRun } from '../runs/start-run.ts';
import { type WaitDeps, whileUnderWay } from '../while-under-way.ts';
import { visibleDefinition } from './visible-definition.ts';
import type { RunDeps, VisibleRun } from './visible-run.ts';

export type TriggerDeps = RunDeps &
  CreateRunDeps &
  WaitDeps & {
    /** How long a request waits for its run, well inside what the gateway waits. */
    runWaitMs: number;
  };

/** Makers and checkers run what they answer for; who may only look, and an administrator as such, may not. */
export async function triggerRun(
  deps: TriggerDeps,
  actor: BreaksActor,
  number: number,
  note: RunNote,
): Promise<Result<VisibleRun>> {
  const visible = await visibleDefinition(deps, actor, number);
  if (!visible.ok) return visible;
  const { reconciliation, roles } = visible.value;
  if (!roles.has('MAKER') && !roles.has('CHECKER'))
    return fail('FORBIDDEN', 'Only makers and checkers of the reconciliation start a run');
  if (reconciliation.status !== 'PUBLISHED')
    return fail('NOT_PUBLISHED', `The reconciliation is ${reconciliation.status}`);
  const { reconciliationId } = reconciliation;
  const started = await startRun(deps, actor, { reconciliationId, note: { ...note, actorDn: actor.dn } });
  if (!started.ok) return started;
  const read = () => deps.runs.get(started.value);
  const run = await whileUnderWay(deps, started.value, deps.runWaitMs, isActive, read);
  return ok({ ...visible.value, run });
}
