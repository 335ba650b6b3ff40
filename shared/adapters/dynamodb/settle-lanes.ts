// The lanes of a settlement: for each of its writers one item that says who may write and how far it has come. Each is an
// item of its own, because transactions that meet on one item refuse each other.
import { PutItemCommand, PutTransaction } from 'dynamodb-toolbox';
import type { LaneMove, SettleLane } from '../../ports/break-store.ts';
import { conditionally, getItem, type ItemKey, keyText, openEntity, type StoreTable } from './table.ts';

export function openSettleLanes(table: StoreTable) {
  const entity = openEntity(table, 'settle-lane');
  const keyOf = ({ tenant, reconciliationId, index }: SettleLane): ItemKey => ({
    pk: keyText(tenant, 'reconciliation', reconciliationId),
    sk: keyText('settle-lane', String(index)),
  });
  const itemOf = (lane: SettleLane, position: number) => ({
    ...keyOf(lane),
    owner: lane.runId,
    fence: lane.fence,
    count: position,
  });
  const isAs = (runId: string, fence: number, position: number) => ({
    and: [
      { attr: 'owner' as const, eq: runId },
      { attr: 'fence' as const, eq: fence },
      { attr: 'count' as const, eq: position },
    ],
  });
  return {
    async enter(lane: SettleLane): Promise<number | 'fenced'> {
      for (;;) {
        const stored = await getItem(entity, keyOf(lane));
        const { owner = '', fence = 0, count = 0 } = stored ?? {};
        if (fence > lane.fence) return 'fenced';
        const position = owner === lane.runId ? count : 0;
        const condition = stored ? isAs(owner, fence, count) : { attr: 'pk' as const, exists: false as const };
        const put = entity.build(PutItemCommand).item(itemOf(lane, position));
        // Refused when its holder wrote meanwhile; it ends, because each time that holder came closer to its end.
        if (await conditionally(() => put.options({ condition }).send())) return position;
      }
    },
    move(lane: SettleLane, { from, to }: LaneMove) {
      return entity
        .build(PutTransaction)
        .item(itemOf(lane, to))
        .options({ condition: isAs(lane.runId, lane.fence, from) });
    },
    /** True when the lane is still held and has this position: a write whose answer was lost. */
    async stands(lane: SettleLane, position: number): Promise<boolean> {
      const stored = await getItem(entity, keyOf(lane));
      return stored?.owner === lane.runId && stored.fence === lane.fence && stored.count === position;
    },
  };
}
