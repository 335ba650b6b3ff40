// Writes the end of a run into the activity, once, however often it is called: whoever finds the run ended calls it, so
// that a process which died between the run's last write and this one is made up for.
import { joinNumber } from '../../domain/composite-number.ts';
import { isActive, type Run, type RunRef } from '../../domain/run.ts';
import type { Deps } from '../deps.ts';

export type NoteRunDeps = Pick<Deps, 'reconciliations' | 'runs' | 'activity'>;

/** Only of reconciliations with a graph: others have no activity that anybody reads. */
export async function noteRunEnd(deps: NoteRunDeps, ref: RunRef): Promise<void> {
  const run = await deps.runs.get(ref);
  if (!run || isActive(run)) return;
  const reconciliation = await deps.reconciliations.get(run);
  if (!reconciliation?.graph) return;
  const { tenant, reconciliationId, runId, status, generation } = run;
  await deps.activity.record({
    tenant,
    reconciliationId,
    eventType: 'RECONCILIATION_RUN',
    details: `Run ${joinNumber({ number: reconciliation.graph.number, sequence: run.number })} ${endingOf(run)}`,
    actorDn: actorOf(run),
    // A run that is resumed ends again, in another generation.
    cause: `run-ended/${runId}/${status}/${generation}`,
  });
}

function endingOf({ status, reason, anomalies }: Run): string {
  if (status === 'COMPLETED') return `completed successfully${toldOf(anomalies)}`;
  return `${status === 'STOPPED' ? 'was stopped' : 'failed'}: ${reason?.code}: ${reason?.detail}`;
}

/** The furthest of what is unusual about it, and how much else is. */
function toldOf(anomalies: Run['anomalies']): string {
  const { found = [], more = 0, breaks = 0 } = anomalies ?? {};
  const [furthest] = found;
  const others = found.length + more - 1;
  const parts = [
    ...(furthest ? [furthest.explanation] : []),
    ...(others > 0 ? [`${others} more unusual ${others === 1 ? 'figure' : 'figures'}`] : []),
    ...(breaks > 0 ? [`${breaks} unusual ${breaks === 1 ? 'break' : 'breaks'}`] : []),
  ];
  return parts.length > 0 ? `. ${parts.join('; ')}` : '';
}

/** Runs that a person asked for on another surface have no name of a directory. */
function actorOf({ trigger, actor, request }: Run): string {
  return request?.actorDn ?? (trigger === 'api' || trigger === 'decision' ? actor : 'SYSTEM');
}
