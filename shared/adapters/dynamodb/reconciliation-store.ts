// Reconciliations: one item each beside an item that holds the tenant's code, so that a code is given once.
import { DeleteTransaction, PutItemCommand, PutTransaction } from 'dynamodb-toolbox';
import type { Reconciliation, ReconciliationRef } from '../../domain/reconciliation.ts';
import type { ReconciliationStore } from '../../ports/reconciliation-store.ts';
import { readDocument, writeDocument } from './document.ts';
import { queryPage } from './query.ts';
import { conditionally, getItem, type ItemKey, keyText, openEntity, type StoreTable, transact } from './table.ts';

export function createReconciliationStore(table: StoreTable): ReconciliationStore {
  const entity = openEntity(table, 'reconciliation');
  const codes = openEntity(table, 'reconciliation-code');
  const partitionOf = (tenant: string) => keyText(tenant, 'reconciliations');
  const projectOf = (tenant: string, projectId: string) => keyText(tenant, 'reconciliations-of', projectId);
  const keyOf = (ref: ReconciliationRef): ItemKey => ({ pk: partitionOf(ref.tenant), sk: ref.reconciliationId });
  const codeKey = (tenant: string, code: string): ItemKey => ({
    pk: keyText(tenant, 'reconciliation-code', code),
    sk: 'code',
  });
  const itemOf = (reconciliation: Reconciliation) => ({
    ...keyOf(reconciliation),
    ...(reconciliation.projectId !== undefined && {
      gsi1pk: projectOf(reconciliation.tenant, reconciliation.projectId),
      gsi1sk: reconciliation.reconciliationId,
    }),
    version: reconciliation.version,
    owner: reconciliation.code,
    ...writeDocument(reconciliation),
  });
  const get = async (ref: ReconciliationRef): Promise<Reconciliation | undefined> => {
    const item = await getItem(entity, keyOf(ref));
    return item && readDocument<Reconciliation>(item);
  };
  return {
    async create(reconciliation) {
      const { tenant, code, reconciliationId } = reconciliation;
      const refused = await transact([
        entity
          .build(PutTransaction)
          .item(itemOf(reconciliation))
          .options({ condition: { attr: 'pk', exists: false } }),
        codes
          .build(PutTransaction)
          .item({ ...codeKey(tenant, code), owner: reconciliationId })
          .options({ condition: { attr: 'pk', exists: false } }),
      ]);
      return refused.length === 0;
    },
    get,
    async byCode(tenant, code) {
      const owner = (await getItem(codes, codeKey(tenant, code)))?.owner;
      return owner === undefined ? undefined : get({ tenant, reconciliationId: owner });
    },
    async update(reconciliation) {
      const { version, code } = reconciliation;
      const put = entity.build(PutItemCommand).item(itemOf({ ...reconciliation, version: version + 1 }));
      const written = await conditionally(() =>
        put
          .options({
            condition: {
              and: [
                { attr: 'version', eq: version },
                { attr: 'owner', eq: code },
              ],
            },
          })
          .send(),
      );
      if (written) return true;
      const stored = await get(reconciliation);
      if (stored?.version === version) throw new Error('the code of a reconciliation never changes');
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
      ]);
    },
  };
}
