// Decisions: one item each in one partition per reconciliation, which is read strongly consistent: what is in it decides
// what a run goes by.
import { $add, PutItemCommand, UpdateItemCommand } from 'dynamodb-toolbox';
import type { Decision } from '../../domain/decision.ts';
import type { DecisionStore } from '../../ports/decision-store.ts';
import { dependency } from '../dependency-fault.ts';
import { openDecisionItems } from './decision-items.ts';
import { readDocument } from './document.ts';
import { queryPage } from './query.ts';
import { conditionally, getItem, keyText, openEntity, type StoreTable } from './table.ts';

export function createDecisionStore(table: StoreTable): DecisionStore {
  const { entity, partitionOf, keyOf, itemOf } = openDecisionItems(table);
  const counters = openEntity(table, 'decision-number');
  return {
    async create(proposed) {
      const { tenant, reconciliationId } = proposed;
      const { Attributes } = await dependency('DynamoDB', () =>
        counters
          .build(UpdateItemCommand)
          .item({ pk: keyText(tenant, 'reconciliation', reconciliationId), sk: 'decision-number', count: $add(1) })
          .options({ returnValues: 'ALL_NEW' })
          .send(),
      );
      // A crash before the put leaves a gap in the numbers, which nothing minds.
      const decision = { ...proposed, number: (Attributes as { count: number }).count, version: 1 };
      await dependency('DynamoDB', () => entity.build(PutItemCommand).item(itemOf(decision)).send());
      return decision;
    },
    async get(ref) {
      const item = await getItem(entity, keyOf(ref));
      return item && readDocument<Decision>(item);
    },
    save(decision) {
      const put = entity.build(PutItemCommand).item(itemOf({ ...decision, version: decision.version + 1 }));
      return conditionally(() => put.options({ condition: { attr: 'version', eq: decision.version } }).send());
    },
    async list(ref, { status }, cursor, limit = 100) {
      const filter = status === undefined ? {} : { filter: { attr: 'status' as const, eq: status } };
      const page = await queryPage(table, entity, { partition: partitionOf(ref), ...filter }, limit, cursor);
      return { ...page, items: page.items.map((item) => readDocument<Decision>(item)) };
    },
  };
}
