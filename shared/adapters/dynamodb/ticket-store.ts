// Export tickets: one item each under the hash of the ticket, taken by one conditional delete, cleared up by the table's TTL.
import { DeleteItemCommand, PutItemCommand } from 'dynamodb-toolbox';
import type { ExportTicket } from '../../domain/export-ticket.ts';
import type { TicketStore } from '../../ports/ticket-store.ts';
import { dependency } from '../dependency-fault.ts';
import { readDocument, writeDocument } from './document.ts';
import { conditionally, keyText, openEntity, type StoredItem, type StoreTable } from './table.ts';

export function createTicketStore(table: StoreTable): TicketStore {
  const entity = openEntity(table, 'export-ticket');
  const keyOf = (hash: string) => ({ pk: keyText('$export-ticket', hash), sk: 'ticket' });
  return {
    async create(ticket) {
      const { hash, runId, expiresAt } = ticket;
      const ends = { leaseUntil: expiresAt, expiresAt: Math.ceil(expiresAt / 1000) };
      const item = { ...keyOf(hash), owner: String(runId), ...ends, ...writeDocument(ticket) };
      await dependency('DynamoDB', () => entity.build(PutItemCommand).item(item).send());
    },
    async take(hash, runId, now) {
      const good = { and: [{ attr: 'owner', eq: String(runId) } as const, { attr: 'leaseUntil', gt: now } as const] };
      let taken: StoredItem | undefined;
      const removal = entity.build(DeleteItemCommand).key(keyOf(hash));
      await conditionally(async () => {
        const { Attributes } = await removal.options({ condition: good, returnValues: 'ALL_OLD' }).send();
        taken = Attributes as StoredItem | undefined;
      });
      return taken && readDocument<ExportTicket>(taken);
    },
  };
}
