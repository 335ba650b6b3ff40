// Mails: one item each; gsi2 has those that are not sent yet, by when somebody should have been at them.
import { PutItemCommand } from 'dynamodb-toolbox';
import type { Mail, MailRef } from '../../domain/mail.ts';
import type { MailOutbox } from '../../ports/mail-outbox.ts';
import { readDocument, writeDocument } from './document.ts';
import { queryPage } from './query.ts';
import {
  conditionally,
  getItem,
  getItems,
  type ItemKey,
  keyText,
  openEntity,
  type StoreTable,
  sortable,
} from './table.ts';

export function createMailOutbox(table: StoreTable): MailOutbox {
  const entity = openEntity(table, 'mail');
  const keyOf = ({ tenant, mailId }: MailRef): ItemKey => ({ pk: keyText(tenant, 'mail', mailId), sk: 'mail' });
  const itemOf = (mail: Mail) => ({
    ...keyOf(mail),
    ...(unsent.has(mail.status) && { gsi2pk: unsentPartition, gsi2sk: sortable(mail.busyUntil) }),
    status: mail.status,
    version: mail.version,
    ...writeDocument(mail),
  });
  const get = async (ref: MailRef): Promise<Mail | undefined> => {
    const item = await getItem(entity, keyOf(ref));
    return item && readDocument<Mail>(item);
  };
  return {
    keep(mail) {
      const put = entity.build(PutItemCommand).item(itemOf(mail));
      return conditionally(() => put.options({ condition: { attr: 'pk', exists: false } }).send());
    },
    get,
    save(mail) {
      const put = entity.build(PutItemCommand).item(itemOf({ ...mail, version: mail.version + 1 }));
      return conditionally(() => put.options({ condition: { attr: 'version', eq: mail.version } }).send());
    },
    async overdue(now, limit) {
      const query = { index: 'gsi2' as const, partition: unsentPartition, range: { lt: sortable(now) } };
      const { items } = await queryPage(table, entity, query, limit);
      // The index lags: what it names is read again.
      const current = (await getItems(table, entity, items)).map((item) => readDocument<Mail>(item));
      return current
        .filter(({ status, busyUntil }) => unsent.has(status) && busyUntil < now)
        .map(({ tenant, mailId }) => ({ tenant, mailId }));
    },
  };
}
const unsent = new Set<string>(['WAITING', 'SENDING'] satisfies Mail['status'][]);
/** Of gsi2, over all tenants: the sweep alone reads it. */
const unsentPartition = 'mails-unsent';
