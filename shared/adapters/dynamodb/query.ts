// Pages of one partition of the table or of an index, with a cursor that is of use in that partition only.
import { type Condition, QueryCommand } from 'dynamodb-toolbox';
import { FailureError, fail } from '../../domain/result.ts';
import type { Page } from '../../ports/page.ts';
import { dependency } from '../dependency-fault.ts';
import type { StoredItem, StoreEntity, StoreTable } from './table.ts';

export type PartitionQuery = {
  index?: 'gsi1' | 'gsi2';
  partition: string;
  range?: { beginsWith: string } | { lt: string } | { gt: string };
  reverse?: boolean;
  filter?: Condition<StoreEntity>;
};

/** At most `limit` items that pass the filter; the base table is read strongly consistent. */
export async function queryPage(
  table: StoreTable,
  entity: StoreEntity,
  query: PartitionQuery,
  limit: number,
  cursor?: string,
): Promise<Page<StoredItem>> {
  const items: StoredItem[] = [];
  let start = cursor === undefined ? undefined : readCursor(query, cursor);
  do {
    const command = table
      .build(QueryCommand)
      .entities(entity)
      .query({
        partition: query.partition,
        ...(query.index && { index: query.index }),
        ...(query.range && { range: query.range }),
      } as never)
      .options({
        limit: Math.max(limit + 1 - items.length, evaluatedMin),
        // Kinds share a partition only where a range tells them apart, so no filter by kind is needed.
        entityAttrFilter: false,
        ...(query.index ? {} : { consistent: true }),
        ...(query.reverse && { reverse: true }),
        ...(start && { exclusiveStartKey: start }),
        ...(query.filter && { filters: { [entity.entityName]: query.filter } }),
      } as never);
    const { Items, LastEvaluatedKey } = await dependency('DynamoDB', () => command.send());
    items.push(...((Items ?? []) as StoredItem[]));
    start = LastEvaluatedKey;
  } while (start && items.length <= limit);
  const page = items.slice(0, limit);
  const last = page.at(-1);
  return { items: page, ...(items.length > limit && last && { cursor: writeCursor(query, last) }) };
}
/** A filter may pass few of the items that are looked at. */
const evaluatedMin = 25;

/** All items of a query, page by page. */
export async function queryAll(table: StoreTable, entity: StoreEntity, query: PartitionQuery): Promise<StoredItem[]> {
  const items: StoredItem[] = [];
  let cursor: string | undefined;
  do {
    const page = await queryPage(table, entity, query, pageItems, cursor);
    items.push(...page.items);
    cursor = page.cursor;
  } while (cursor);
  return items;
}
const pageItems = 1_000;

function writeCursor({ index }: PartitionQuery, item: StoredItem): string {
  const key = [item.pk, item.sk, ...(index ? [item[`${index}sk`]] : [])];
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** The partition comes from the query, never from the cursor: a cursor of another tenant leads nowhere. */
function readCursor({ index, partition }: PartitionQuery, cursor: string): Record<string, string> {
  let key: unknown;
  try {
    key = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    key = undefined;
  }
  const wanted = index ? 3 : 2;
  if (!Array.isArray(key) || key.length !== wanted || !key.every((part) => typeof part === 'string')) {
    throw new FailureError(fail('REQUEST_INVALID', 'The cursor is not one that this list has given'));
  }
  const [pk, sk, indexSk] = key as [string, string, string];
  if (!index) {
    if (pk !== partition) throw new FailureError(fail('REQUEST_INVALID', 'The cursor is of another list'));
    return { pk, sk };
  }
  return { pk, sk, [`${index}pk`]: partition, [`${index}sk`]: indexSk };
}
