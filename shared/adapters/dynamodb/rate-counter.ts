// Counters of fixed windows: one item each, raised in one atomic update, cleared up by the table's TTL.
import { $add, UpdateItemCommand } from 'dynamodb-toolbox';
import type { RateCounter } from '../../ports/rate-counter.ts';
import { dependency } from '../dependency-fault.ts';
import { keyText, openEntity, type StoreTable } from './table.ts';

/** After its window, so that a clock that runs behind still finds the count. */
const keptSeconds = 3600;

export function createRateCounter(table: StoreTable): RateCounter {
  const entity = openEntity(table, 'rate-count');
  return {
    async add(key, { now, windowMs }, amount) {
      const window = Math.floor(now / windowMs);
      const resetAt = (window + 1) * windowMs;
      const update = entity
        .build(UpdateItemCommand)
        .item({
          pk: keyText('$rate', key),
          sk: String(window),
          count: $add(amount),
          expiresAt: Math.ceil(resetAt / 1000) + keptSeconds,
        })
        .options({ returnValues: 'ALL_NEW' });
      const { Attributes } = await dependency('DynamoDB', () => update.send());
      return { count: (Attributes as { count: number }).count, resetAt };
    },
  };
}
