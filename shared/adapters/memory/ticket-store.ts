// Twin of the DynamoDB ticket store.
import type { ExportTicket } from '../../domain/export-ticket.ts';
import type { TicketStore } from '../../ports/ticket-store.ts';

export function createMemoryTicketStore(): TicketStore {
  const tickets = new Map<string, ExportTicket>();
  return {
    async create(ticket) {
      tickets.set(ticket.hash, structuredClone(ticket));
    },
    async take(hash, runId, now) {
      const ticket = tickets.get(hash);
      if (!ticket || ticket.runId !== runId || ticket.expiresAt <= now) return undefined;
      tickets.delete(hash);
      return ticket;
    },
  };
}
