// Export tickets, each good for one use. Expiry is judged by the reader's clock.
import type { ExportTicket } from '../domain/export-ticket.ts';

export type TicketStore = {
  create(ticket: ExportTicket): Promise<void>;
  /** Removes the ticket where it is of this run and not past its time, and gives it: to one caller, however many ask. */
  take(hash: string, runId: number, now: number): Promise<ExportTicket | undefined>;
};
