// Export tickets keep what their port promises, in memory and on the emulator.
import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, inject, test } from 'vitest';
import { openTable } from '../../../shared/adapters/dynamodb/table.ts';
import { createTicketStore } from '../../../shared/adapters/dynamodb/ticket-store.ts';
import { createMemoryTicketStore } from '../../../shared/adapters/memory/ticket-store.ts';
import type { ExportTicket } from '../../../shared/domain/export-ticket.ts';
import type { TicketStore } from '../../../shared/ports/ticket-store.ts';
import { createTable } from '../ports/create-table.ts';

const now = Date.UTC(2026, 0, 5, 9);
const ticket: ExportTicket = {
  hash: 'ab'.repeat(32),
  session: { tenant: 't', userId: 'u', sessionId: 's' },
  runId: 1_000_000_007,
  expiresAt: now + 60_000,
};

const implementations: Record<string, () => Promise<TicketStore>> = {
  memory: async () => createMemoryTicketStore(),
  emulator: async () => {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = new DynamoDBClient({ endpoint: inject('awsEndpoint'), region: 'eu-central-1', credentials });
    const name = `tieout-${randomUUID()}`;
    await createTable(name, client);
    return createTicketStore(openTable(name, client));
  },
};

describe.each(Object.entries(implementations))('in %s', (_name, open) => {
  test('excel-window-open: a ticket is given back once', async () => {
    const tickets = await open();
    await tickets.create(ticket);
    expect(await tickets.take(ticket.hash, ticket.runId, now)).toEqual(ticket);
    expect(await tickets.take(ticket.hash, ticket.runId, now)).toBeUndefined();
  });

  test('excel-window-open: of many who take it at once, one gets it', async () => {
    const tickets = await open();
    await tickets.create(ticket);
    const taken = await Promise.all(Array.from({ length: 8 }, () => tickets.take(ticket.hash, ticket.runId, now)));
    expect(taken.filter((one) => one !== undefined)).toEqual([ticket]);
  });

  test('excel-window-open: one of another run, past its time or never given is not taken, and stays for its own run', async () => {
    const tickets = await open();
    await tickets.create(ticket);
    expect(await tickets.take(ticket.hash, ticket.runId + 1, now)).toBeUndefined();
    expect(await tickets.take(ticket.hash, ticket.runId, ticket.expiresAt)).toBeUndefined();
    expect(await tickets.take('cd'.repeat(32), ticket.runId, now)).toBeUndefined();
    expect(await tickets.take(ticket.hash, ticket.runId, ticket.expiresAt - 1)).toEqual(ticket);
  });
});
