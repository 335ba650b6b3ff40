// Signs a person in to the break surface by the directory's word. Whatever the directory has against them is told alike and takes
// the same time; too many attempts are refused before it is asked, so that guessing here never reaches it.
import { canonicalText } from '../../domain/distinguished-name.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { DirectoryPerson } from '../../ports/directory.ts';
import type { DirectoryIdentityDeps } from './directory-deps.ts';
import { type DirectorySession, directorySessionMs, standingOf } from './directory-session.ts';
import { countAttempt } from './sign-in.ts';

export type DirectorySignIn = { username: string; password: string; sourceAddress: string };

export async function signInByDirectory(
  deps: DirectoryIdentityDeps,
  { username, password, sourceAddress }: DirectorySignIn,
): Promise<Result<{ token: string; person: DirectoryPerson }>> {
  const startedAt = deps.clock.now();
  // All spellings that the directory could take for one name are one account.
  const account = `directory#${canonicalText(username)}`;
  const locked = await countAttempt(deps, account, sourceAddress, 1);
  if (locked) return locked;

  const found = await askDirectory(deps, { username, password, account, sourceAddress });
  if (!found.ok && found.code === 'SERVICE_UNAVAILABLE') return found;
  if (!found.ok) {
    await untilStep(deps, startedAt);
    return fail('UNAUTHENTICATED', 'Invalid user name or password');
  }
  await countAttempt(deps, account, sourceAddress, -1);

  const person = found.value;
  const now = deps.clock.now();
  const session: DirectorySession = {
    tenant: deps.directoryPolicy.tenant,
    userId: canonicalText(person.name),
    sessionId: deps.ids.uuid(),
    surface: 'breaks',
    permissions: [],
    ...standingOf(person, deps.directoryPolicy.adminGroup, now),
    // No token with it is ever signed.
    refreshId: deps.ids.uuid(),
    createdAt: new Date(now).toISOString(),
    expiresAt: now + directorySessionMs,
  };
  await deps.sessions.create(session);
  const { tenant, userId, sessionId } = session;
  const claims = { tenant, userId, sessionId, kind: 'access' as const, tokenId: deps.ids.uuid() };
  return ok({ token: await deps.signer.sign(claims, now, session.expiresAt), person });
}

/**
 * A name that nobody has is looked up, and one that somebody has is looked up and its password tried: on a server by a hash of its
 * own cost. Refusals come at whole steps from the start, so that the difference is not seen.
 */
async function untilStep({ clock, pause }: DirectoryIdentityDeps, startedAt: number): Promise<void> {
  const elapsed = clock.now() - startedAt;
  await pause((Math.floor(elapsed / refusalStepMs) + 1) * refusalStepMs - elapsed);
}
/** Longer than a server takes over a sign-in. */
const refusalStepMs = 1_000;

async function askDirectory(
  deps: DirectoryIdentityDeps,
  { username, password, account, sourceAddress }: DirectorySignIn & { account: string },
): Promise<Result<DirectoryPerson>> {
  try {
    return await deps.directory.signIn(username, password);
  } catch (error) {
    deps.onDirectoryFault(error);
    // A directory that is away is nobody's failed attempt.
    await countAttempt(deps, account, sourceAddress, -1);
    return fail('SERVICE_UNAVAILABLE', 'The directory does not answer; try again later');
  }
}
