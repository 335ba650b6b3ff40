// Asks for a run to be looked at: whoever takes the message starts it, opens its next stage, or finds nothing to do.
import type { Run } from '../../domain/run.ts';
import type { Deps } from '../deps.ts';

export async function announce(deps: Pick<Deps, 'queue'>, run: Run): Promise<void> {
  const { tenant, reconciliationId, runId, generation, stage } = run;
  await deps.queue.send([{ kind: 'advance', tenant, reconciliationId, runId, generation, stage }]);
}
