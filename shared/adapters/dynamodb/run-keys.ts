// Where a run is kept: its tasks and their counts lie in the same partition.
import type { RunRef } from '../../domain/run.ts';
import { type ItemKey, keyText } from './table.ts';

export function runPartition({ tenant, reconciliationId, runId }: RunRef): string {
  return keyText(tenant, 'run', reconciliationId, runId);
}

export function runItemKey(run: RunRef): ItemKey {
  return { pk: runPartition(run), sk: 'run' };
}
