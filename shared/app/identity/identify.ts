// Whom an access token stands for, now: the token names the session, and the session says what its holder may do.
import type { Actor, Surface } from '../../domain/principal.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { IdentityDeps } from './identity-deps.ts';

/** An actor with the session that the request came through, for signing out. */
export type SignedInActor = Actor & { sessionId: string };

export async function identify(
  deps: Pick<IdentityDeps, 'sessions' | 'signer' | 'clock'>,
  surface: Surface,
  accessToken: string,
): Promise<Result<SignedInActor>> {
  const now = deps.clock.now();
  const claims = await deps.signer.verify(accessToken, 'access', now);
  const session = claims && (await deps.sessions.get(claims));
  if (!session || session.expiresAt <= now || session.surface !== surface)
    return fail('UNAUTHENTICATED', 'The access token is not valid or has expired');
  const { tenant, userId, role, permissions, name, sessionId } = session;
  return ok({ tenant, userId, role, permissions, name, sessionId });
}
