// Counters of a tenant: one item each, raised in one atomic update. An update whose answer is lost leaves a gap.
import { $add, UpdateItemCommand } from 'dynamodb-toolbox';
import type { NumberStore } from '../../ports/number-store.ts';
import { dependency } from '../dependency-fault.ts';
import { keyText, openEntity, type StoreTable } from './table.ts';

export function createNumberStore(table: StoreTable): NumberStore {
  const counters = openEntity(table, 'number-counter');
  return {
    async take(tenant, kind, count) {
      const update = counters
        .build(UpdateItemCommand)
        .item({ pk: keyText(tenant, 'numbers'), sk: kind, count: $add(count) })
        .options({ returnValues: 'ALL_NEW' });
      const { Attributes } = await dependency('DynamoDB', () => update.send());
      return (Attributes as { count: number }).count - count + 1;
    },
  };
}
