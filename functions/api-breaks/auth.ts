// Whom a request to the break management surface is made by: a bearer token names a session, and the session holds the
// person's DN and groups. A session of another surface, or one that no directory vouched for, is nobody here.
import type { IdentityDeps } from '../../shared/app/identity/identity-deps.ts';
import type { BreaksActor } from '../../shared/domain/breaks-actor.ts';
import { fail, ok, type Result } from '../../shared/domain/result.ts';
import type { SessionRef } from '../../shared/domain/session.ts';
import type { HttpRequest } from '../../shared/http/message.ts';

export async function authenticate(
  deps: Pick<IdentityDeps, 'sessions' | 'signer' | 'clock'>,
  request: HttpRequest,
): Promise<Result<BreaksActor>> {
  const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  if (!token) return fail('UNAUTHENTICATED', 'Send the token as Authorization: Bearer <token>');
  const claims = await deps.signer.verify(token, 'access', deps.clock.now());
  const actor = claims && (await actorOf(deps, claims));
  return actor ? ok(actor) : fail('UNAUTHENTICATED', 'The token is not valid or has expired');
}

/** Whose session it is, as long as it lasts. */
export async function actorOf(
  deps: Pick<IdentityDeps, 'sessions' | 'clock'>,
  ref: SessionRef,
): Promise<BreaksActor | undefined> {
  const session = await deps.sessions.get(ref);
  if (!session || session.expiresAt <= deps.clock.now() || session.surface !== 'breaks') return undefined;
  const { tenant, userId, dn, groups, name, sessionId } = session;
  if (!dn || !groups) return undefined;
  return { tenant, userId, role: session.role === 'admin' ? 'admin' : 'user', dn, groups, name, sessionId };
}
