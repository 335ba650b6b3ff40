// Opens a session for a person on a surface and signs its first pair of tokens. Grants nothing that the person has not.
import { fullName, permissionsOf, type Surface, type User } from '../../domain/principal.ts';
import { accessTokenSeconds, type Session, type SessionRef, sessionDays } from '../../domain/session.ts';
import type { IdentityDeps } from './identity-deps.ts';

export type Tokens = { accessToken: string; refreshToken: string; accessExpiresAt: number };

export const sessionMs = sessionDays * 24 * 60 * 60 * 1000;

export async function openSession(
  deps: Pick<IdentityDeps, 'sessions' | 'signer' | 'clock' | 'ids'>,
  user: User,
  surface: Surface,
  role: string,
): Promise<Tokens> {
  const now = deps.clock.now();
  const session: Session = {
    tenant: user.tenant,
    userId: user.userId,
    sessionId: deps.ids.uuid(),
    surface,
    role,
    permissions: permissionsOf(role),
    name: fullName(user),
    refreshId: deps.ids.uuid(),
    createdAt: new Date(now).toISOString(),
    expiresAt: now + sessionMs,
  };
  await deps.sessions.create(session);
  return signTokens(deps, session, session.refreshId, session.expiresAt);
}

export async function signTokens(
  deps: Pick<IdentityDeps, 'signer' | 'clock' | 'ids'>,
  { tenant, userId, sessionId }: SessionRef,
  refreshId: string,
  refreshExpiresAt: number,
): Promise<Tokens> {
  const now = deps.clock.now();
  const accessExpiresAt = now + accessTokenSeconds * 1000;
  const ref = { tenant, userId, sessionId };
  const [accessToken, refreshToken] = await Promise.all([
    deps.signer.sign({ ...ref, kind: 'access', tokenId: deps.ids.uuid() }, now, accessExpiresAt),
    deps.signer.sign({ ...ref, kind: 'refresh', tokenId: refreshId }, now, refreshExpiresAt),
  ]);
  return { accessToken, refreshToken, accessExpiresAt };
}
