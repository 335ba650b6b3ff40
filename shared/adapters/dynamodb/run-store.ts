// Runs: one item each, with the feed in the same transaction where a claim or an ending changes it.
import { PutTransaction } from 'dynamodb-toolbox';
import type { ReconciliationRef } from '../../domain/reconciliation.ts';
import type { Run } from '../../domain/run.ts';
import type { RunStore } from '../../ports/run-store.ts';
import { openDecisionItems } from './decision-items.ts';
import { readDocument, writeDocument } from './document.ts';
import { openFeedItems } from './feed-items.ts';
import { queryPage } from './query.ts';
import { runItemKey } from './run-keys.ts';
import { getItem, getItems, keyText, openEntity, type StoreTable, sortable, transact } from './table.ts';

export function createRunStore(table: StoreTable): RunStore {
  const entity = openEntity(table, 'run');
  const feeds = openFeedItems(table);
  const decisions = openDecisionItems(table);
  const listOf = (ref: ReconciliationRef) => keyText(ref.tenant, 'runs-of', ref.reconciliationId);
  const itemOf = (run: Run) => ({
    ...runItemKey(run),
    gsi1pk: listOf(run),
    gsi1sk: sortable(run.number),
    ...(active.has(run.status) && { gsi2pk: activePartition, gsi2sk: keyText(run.queuedAt, run.runId) }),
    status: run.status,
    owner: run.tenant,
    generation: run.generation,
    version: run.version,
    ...writeDocument(run),
  });
  return {
    async create(run, feed, given = []) {
      const put = entity
        .build(PutTransaction)
        .item(itemOf(run))
        .options({ condition: { attr: 'pk', exists: false } });
      return (await transact([put, feeds.put(feed), ...given.map(decisions.put)])).length === 0;
    },
    async get(ref) {
      const item = await getItem(entity, runItemKey(ref));
      return item && readDocument<Run>(item);
    },
    async byNumber(ref, number) {
      const query = { index: 'gsi1' as const, partition: listOf(ref), range: { beginsWith: sortable(number) } };
      const [found] = (await queryPage(table, entity, query, 1)).items;
      // The index may lag behind.
      const item = found && (await getItem(entity, found));
      return item && readDocument<Run>(item);
    },
    async save(run, feed) {
      const put = entity
        .build(PutTransaction)
        .item(itemOf({ ...run, version: run.version + 1 }))
        .options({ condition: { attr: 'version', eq: run.version } });
      return (await transact(feed ? [put, feeds.put(feed)] : [put])).length === 0;
    },
    async list(ref, cursor, limit = 100) {
      const query = { index: 'gsi1' as const, partition: listOf(ref), reverse: true };
      const page = await queryPage(table, entity, query, limit, cursor);
      return { ...page, items: page.items.map((item) => readDocument<Run>(item)) };
    },
    async saveFeed(feed) {
      return (await transact([feeds.put(feed)])).length === 0;
    },
    async active(tenant, limit) {
      const filter = tenant === undefined ? {} : { filter: { attr: 'owner' as const, eq: tenant } };
      const query = { index: 'gsi2' as const, partition: activePartition, ...filter };
      const { items } = await queryPage(table, entity, query, limit);
      const current = await getItems(table, entity, items);
      return current.filter(({ status }) => active.has(status ?? '')).map((item) => readDocument<Run>(item));
    },
  };
}
/** Of gsi2, over all tenants: what runs at a time is little, and the sweep asks for all. */
const activePartition = 'active-runs';
const active = new Set<string>(['QUEUED', 'RUNNING'] satisfies Run['status'][]);
