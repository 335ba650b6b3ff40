// Gives tickets for the workbook of a run, and takes each back once. The ticket itself is kept nowhere.
import { createHash } from 'node:crypto';
import { ticketSeconds } from '../../domain/export-ticket.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { SessionRef } from '../../domain/session.ts';
import type { Clock, Ids } from '../../ports/clock.ts';
import type { TicketStore } from '../../ports/ticket-store.ts';

export type TicketDeps = { tickets: TicketStore; clock: Clock; ids: Ids };

export type GivenTicket = { ticket: string; expiresAt: string };

/** The caller has checked that the session may see the run; it is checked again when the ticket is used. */
export async function giveTicket(deps: TicketDeps, session: SessionRef, runId: number): Promise<GivenTicket> {
  const ticket = deps.ids.secret();
  const expiresAt = deps.clock.now() + ticketSeconds * 1000;
  const { tenant, userId, sessionId } = session;
  await deps.tickets.create({ hash: hashOf(ticket), session: { tenant, userId, sessionId }, runId, expiresAt });
  return { ticket, expiresAt: new Date(expiresAt).toISOString() };
}

/** Whose ticket it is. One that was used, has expired or is of another run says no more than one that never was. */
export async function takeTicket(
  deps: Pick<TicketDeps, 'tickets' | 'clock'>,
  ticket: string,
  runId: number,
): Promise<Result<SessionRef>> {
  const taken = await deps.tickets.take(hashOf(ticket), runId, deps.clock.now());
  return taken ? ok(taken.session) : fail('UNAUTHENTICATED', refusal);
}

const refusal =
  'The ticket is not valid for this run: it was used before, is older than a minute or was never given. POST /api/exports/tickets gives a new one';

function hashOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('hex');
}
