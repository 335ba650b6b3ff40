// Reconciliations: one item each beside the items that hold the tenant's code and, with a graph, its number, so that each
// is given once.
import { DeleteTransaction, PutTransaction } from 'dynamodb-toolbox';
import type { Reconciliation, ReconciliationRef } from '../../domain/reconciliation.ts';
import type { ReconciliationStore } from '../../ports/reconciliation-store.ts';
import { openActivityItems } from './activity-items.ts';
import { readDocument, writeDocument } from './document.ts';
import { queryPage } from './query.ts';
import { wakeAttributes } from './schedule-store.ts';
import { getItem, type ItemKey, keyText, openEntity, type StoreTable, transact } from './table.ts';

export function createReconciliationStore(table: StoreTable): ReconciliationStore {
  const entity = openEntity(table, 'reconciliation');
  const codes = openEntity(table, 'reconciliation-code');
  const numbers = openEntity(table, 'reconciliation-number');
  const activity = openActivityItems(table);
  const partitionOf = (tenant: string) => keyText(tenant, 'reconciliations');
  const projectOf = (tenant: string, projectId: string) => keyText(tenant, 'reconciliations-of', projectId);
  const keyOf = (ref: ReconciliationRef): ItemKey => ({ pk: partitionOf(ref.tenant), sk: ref.reconciliationId });
  const codeKey = (tenant: string, code: string): ItemKey => ({
    pk: keyText(tenant, 'reconciliation-code', code),
    sk: 'code',
  });
  const numberKey = (tenant: string, number: number): ItemKey => ({
    pk: keyText(tenant, 'reconciliation-number', String(number)),
    sk: 'number',
  });
  const itemOf = (reconciliation: Reconciliation) => ({
    ...keyOf(reconciliation),
    ...(reconciliation.projectId !== undefined && {
      gsi1pk: projectOf(reconciliation.tenant, reconciliation.projectId),
      gsi1sk: reconciliation.reconciliationId,
    }),
    ...wakeAttributes(reconciliation),
    version: reconciliation.version,
    owner: reconciliation.code,
    ...(reconciliation.graph && { total: reconciliation.graph.number }),
    ...writeDocument(reconciliation),
  });
  const get = async (ref: ReconciliationRef): Promise<Reconciliation | undefined> => {
    const item = await getItem(entity, keyOf(ref));
    return item && readDocument<Reconciliation>(item);
  };
  return {
    async create(reconciliation, told) {
      const { tenant, code, reconciliationId, graph } = reconciliation;
      const refused = await transact([
        entity
          .build(PutTransaction)
          .item(itemOf(reconciliation))
          .options({ condition: { attr: 'pk', exists: false } }),
        codes
          .build(PutTransaction)
          .item({ ...codeKey(tenant, code), owner: reconciliationId })
          .options({ condition: { attr: 'pk', exists: false } }),
        ...(graph
          ? [
              numbers
                .build(PutTransaction)
                .item({ ...numberKey(tenant, graph.number), owner: reconciliationId })
                .options({ condition: { attr: 'pk', exists: false } }),
            ]
          : []),
        ...activity.partsOf(told),
      ]);
      return refused.length === 0;
    },
    get,
    async byCode(tenant, code) {
      const owner = (await getItem(codes, codeKey(tenant, code)))?.owner;
      return owner === undefined ? undefined : get({ tenant, reconciliationId: owner });
    },
    async byNumber(tenant, number) {
      const owner = (await getItem(numbers, numberKey(tenant, number)))?.owner;
      return owner === undefined ? undefined : get({ tenant, reconciliationId: owner });
    },
    async update(reconciliation, told) {
      const { version, code, graph } = reconciliation;
      const put = entity.build(PutTransaction).item(itemOf({ ...reconciliation, version: version + 1 }));
      const condition = {
        and: [
          { attr: 'version', eq: version },
          { attr: 'owner', eq: code },
          graph ? { attr: 'total', eq: graph.number } : { attr: 'total', exists: false },
        ],
      };
      if ((await transact([put.options({ condition }), ...activity.partsOf(told)])).length === 0) return true;
      const stored = await get(reconciliation);
      if (stored?.version === version)
        throw new Error('the code of a reconciliation and the number of its graph never change');
      return false;
    },
    async list(tenant, { projectId }, cursor, limit = 100) {
      const query =
        projectId === undefined
          ? { partition: partitionOf(tenant) }
          : { index: 'gsi1' as const, partition: projectOf(tenant, projectId) };
      const page = await queryPage(table, entity, query, limit, cursor);
      return { ...page, items: page.items.map((item) => readDocument<Reconciliation>(item)) };
    },
    async delete(ref) {
      const stored = await get(ref);
      if (!stored) return;
      await transact([
        entity.build(DeleteTransaction).key(keyOf(ref)),
        codes.build(DeleteTransaction).key(codeKey(ref.tenant, stored.code)),
        ...(stored.graph ? [numbers.build(DeleteTransaction).key(numberKey(ref.tenant, stored.graph.number))] : []),
      ]);
    },
  };
}
