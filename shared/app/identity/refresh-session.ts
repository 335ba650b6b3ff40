// Trades a refresh token for a new pair. Each is good once: one that comes a second time was stolen or copied, and ends
// the session with all its tokens, whoever holds them.
import type { User } from '../../domain/principal.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { IdentityDeps } from './identity-deps.ts';
import { sessionMs, signTokens, type Tokens } from './open-session.ts';

export async function refreshSession(
  deps: Pick<IdentityDeps, 'users' | 'sessions' | 'signer' | 'clock' | 'ids'>,
  refreshToken: string,
): Promise<Result<{ user: User; tokens: Tokens }>> {
  const now = deps.clock.now();
  const invalid = fail('UNAUTHENTICATED', 'The refresh token is not valid');
  const claims = await deps.signer.verify(refreshToken, 'refresh', now);
  if (!claims) return invalid;
  const session = await deps.sessions.get(claims);
  if (!session || session.expiresAt <= now) return invalid;

  const user = await deps.users.get(claims.tenant, claims.userId);
  if (!user?.active || !user.grants[session.surface]) {
    await deps.sessions.revoke(claims);
    return invalid;
  }
  const refreshId = deps.ids.uuid();
  const expiresAt = now + sessionMs;
  if (!(await deps.sessions.rotate(claims, { from: claims.tokenId, to: refreshId }, expiresAt))) {
    await deps.sessions.revoke(claims);
    return invalid;
  }
  return ok({ user, tokens: await signTokens(deps, claims, refreshId, expiresAt) });
}
