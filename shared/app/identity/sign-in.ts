// Signs a person in by e-mail address and password. An unknown address, a wrong password, a closed account and a surface
// without a grant are told alike and cost the same work; too many attempts are refused before any of it.
import type { Surface, User } from '../../domain/principal.ts';
import { type Failure, fail, ok, type Result } from '../../domain/result.ts';
import type { IdentityDeps } from './identity-deps.ts';
import { openSession, type Tokens } from './open-session.ts';

export type SignIn = { surface: Surface; email: string; password: string; sourceAddress: string };

/** Failed attempts in a window, on one account from one address, and on one account from anywhere. */
export const signInWindowMs = 15 * 60_000;
export const failuresPerAddressMax = 10;
export const failuresPerAccountMax = 100;

export async function signIn(deps: IdentityDeps, command: SignIn): Promise<Result<{ user: User; tokens: Tokens }>> {
  const email = command.email.trim().toLowerCase();
  // Counted before the password is looked at, so that attempts at the same instant cannot all slip in.
  const locked = await countAttempt(deps, email, command.sourceAddress, 1);
  if (locked) return locked;

  const user = await deps.users.byEmail(email);
  const role = user?.grants[command.surface];
  if (!user?.active || !role) {
    await deps.hasher.pretend(command.password);
    return fail('UNAUTHENTICATED', 'Invalid email or password');
  }
  const { matches, outdated } = await deps.hasher.verify(command.password, user.passwordHash);
  if (!matches) return fail('UNAUTHENTICATED', 'Invalid email or password');

  await countAttempt(deps, email, command.sourceAddress, -1);
  const signedIn: User = {
    ...user,
    lastSignInAt: new Date(deps.clock.now()).toISOString(),
    ...(outdated && { passwordHash: await deps.hasher.hash(command.password) }),
  };
  // A change made at the same moment wins: the time of this sign-in is not worth losing it.
  await deps.users.update(signedIn);
  return ok({ user: signedIn, tokens: await openSession(deps, user, command.surface, role) });
}

/** `account`: an e-mail address, or whatever else names an account without a second spelling. */
export async function countAttempt(
  { counter, clock }: Pick<IdentityDeps, 'counter' | 'clock'>,
  account: string,
  sourceAddress: string,
  amount: 1 | -1,
): Promise<Failure | undefined> {
  const window = { now: clock.now(), windowMs: signInWindowMs };
  const [perAddress, perAccount] = await Promise.all([
    counter.add(`sign-in#${account}#${sourceAddress}`, window, amount),
    counter.add(`sign-in#${account}`, window, amount),
  ]);
  if (perAddress.count <= failuresPerAddressMax && perAccount.count <= failuresPerAccountMax) return undefined;
  const retryAt = new Date(perAddress.resetAt).toISOString();
  return fail('RATE_LIMITED', `Too many failed sign-ins; try again after ${retryAt}`, { retry_at: retryAt });
}
