// Whom a token of the break surface stands for, now. Groups that are 15 minutes old are asked of the directory again: a person
// who is gone or closed loses the session; while the directory is away the old groups hold for an hour, and no longer.
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import { type Failure, fail, ok, type Result } from '../../domain/result.ts';
import type { SessionRef } from '../../domain/session.ts';
import type { DirectoryIdentityDeps } from './directory-deps.ts';
import { actorOf, type DirectorySession, isDirectorySession, standingOf } from './directory-session.ts';

/** A change of groups reaches the holder of a session within this time. */
export const groupsFreshMs = 15 * 60_000;
/** Since the last answer: long enough for a restart or a failover, short beside a day in which rights are withdrawn. */
export const groupsHeldMs = 60 * 60_000;
/** Between two questions to a directory that does not answer: each costs its request some seconds. */
export const groupsRetryMs = 60_000;

export type IdentifyDeps = Omit<DirectoryIdentityDeps, 'counter' | 'ids' | 'pause'>;

export async function identifyByDirectory(deps: IdentifyDeps, accessToken: string): Promise<Result<BreaksActor>> {
  const claims = await deps.signer.verify(accessToken, 'access', deps.clock.now());
  return claims ? identifySession(deps, claims) : invalid();
}

/** Whose session it is, for whoever holds it by another proof than its token. */
export async function identifySession(
  deps: Omit<IdentifyDeps, 'signer'>,
  ref: SessionRef,
): Promise<Result<BreaksActor>> {
  const now = deps.clock.now();
  const session = await deps.sessions.get(ref);
  if (!session || session.expiresAt <= now || !isDirectorySession(session)) return invalid();
  if (now - session.groupsAt < groupsFreshMs) return ok(actorOf(session));
  if (session.groupsTriedAt !== undefined && now - session.groupsTriedAt < groupsRetryMs) return held(session, now);
  return askAgain(deps, session, now);
}

async function askAgain(
  deps: Omit<IdentifyDeps, 'signer'>,
  session: DirectorySession,
  now: number,
): Promise<Result<BreaksActor>> {
  const { groupsTriedAt: _, ...answered } = session;
  let renewed: DirectorySession;
  try {
    const found = await deps.directory.lookUp(session.dn);
    if (!found.ok) {
      await deps.sessions.revoke(session);
      return invalid();
    }
    renewed = { ...answered, ...standingOf(found.value, deps.directoryPolicy.adminGroup, now) };
  } catch (error) {
    deps.onDirectoryFault(error);
    await deps.sessions.renew({ ...session, groupsTriedAt: now }, session.groupsAt);
    return held(session, now);
  }
  if (await deps.sessions.renew(renewed, session.groupsAt)) return ok(actorOf(renewed));
  // Another request renewed it at the same moment, or it has ended since: what is kept says which.
  const kept = await deps.sessions.get(session);
  return kept && isDirectorySession(kept) ? ok(actorOf(kept)) : invalid();
}

function held(session: DirectorySession, now: number): Result<BreaksActor> {
  if (now - session.groupsAt < groupsHeldMs) return ok(actorOf(session));
  return fail(
    'SERVICE_UNAVAILABLE',
    'The directory does not answer, and what it said last is too old; try again later',
  );
}

function invalid(): Failure {
  return fail('UNAUTHENTICATED', 'The token is not valid or has expired');
}
