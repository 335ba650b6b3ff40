// Whom a download is made by: the bearer of a token, or the holder of a ticket that a plain link carries. A token in an address is
// refused, even a good one: addresses are written into histories and logs, where a ticket is worth nothing after its use.
import { type TicketDeps, takeTicket } from '../../shared/app/exports/tickets.ts';
import { type IdentifyDeps, identifySession } from '../../shared/app/identity/identify-by-directory.ts';
import type { BreaksActor } from '../../shared/domain/breaks-actor.ts';
import { fail, type Result } from '../../shared/domain/result.ts';
import type { HttpRequest } from '../../shared/http/message.ts';
import { authenticate } from './auth.ts';

export async function authenticateDownload(
  deps: IdentifyDeps & Pick<TicketDeps, 'tickets'>,
  request: HttpRequest,
  runId: string | undefined,
): Promise<Result<BreaksActor>> {
  const tickets = new URLSearchParams(request.query).getAll('token');
  // A ticket has no dots, and a JWT has two.
  if (tickets.some((ticket) => ticket.includes('.'))) return fail('UNAUTHENTICATED', tokenInAddress);
  const [ticket] = tickets;
  if (ticket === undefined) {
    const actor = await authenticate(deps, request);
    return actor.ok || request.headers.authorization !== undefined ? actor : fail('UNAUTHENTICATED', neither);
  }
  if (tickets.length > 1 || request.headers.authorization !== undefined)
    return fail('UNAUTHENTICATED', 'Send one credential: a ticket as ?token=, or a token in the Authorization header');
  const session = await takeTicket(deps, ticket, Number(runId));
  if (!session.ok) return session;
  const actor = await identifySession(deps, session.value);
  if (actor.ok || actor.code !== 'UNAUTHENTICATED') return actor;
  return fail('UNAUTHENTICATED', 'The session that the ticket was given to has ended');
}

const tokenInAddress =
  'A JWT is not accepted in an address, which histories and logs keep. POST /api/exports/tickets with it in the Authorization header; send the ticket that it gives as ?token=';
const neither =
  'Send the token as Authorization: Bearer <token>, or a ticket of POST /api/exports/tickets as ?token=<ticket>';
