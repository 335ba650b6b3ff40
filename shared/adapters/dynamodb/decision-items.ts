// Decisions as items of their reconciliation, in the order they were proposed: ids begin with the time. Runs write them
// in the transaction of their creation.
import { PutTransaction } from 'dynamodb-toolbox';
import type { Decision, DecisionRef } from '../../domain/decision.ts';
import type { ReconciliationRef } from '../../domain/reconciliation.ts';
import { writeDocument } from './document.ts';
import { type ItemKey, keyText, openEntity, type StoreTable } from './table.ts';

export function openDecisionItems(table: StoreTable) {
  const entity = openEntity(table, 'decision');
  const partitionOf = ({ tenant, reconciliationId }: ReconciliationRef): string =>
    keyText(tenant, 'decisions', reconciliationId);
  const keyOf = (ref: DecisionRef): ItemKey => ({ pk: partitionOf(ref), sk: ref.decisionId });
  const itemOf = (decision: Decision) => ({
    ...keyOf(decision),
    status: decision.status,
    version: decision.version,
    ...writeDocument(decision),
  });
  return {
    entity,
    partitionOf,
    keyOf,
    itemOf,
    /** Writes the next version where the stored one is the given. */
    put(decision: Decision) {
      return entity
        .build(PutTransaction)
        .item(itemOf({ ...decision, version: decision.version + 1 }))
        .options({ condition: { attr: 'version', eq: decision.version } });
    },
  };
}
