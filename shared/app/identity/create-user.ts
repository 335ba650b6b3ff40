// Makes an account with explicit grants: an administrator's or a set-up script's act. The password policy is not asked, because
// local demo accounts have documented passwords; whoever calls this for a person checks it first.
import type { User } from '../../domain/principal.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { IdentityDeps } from './identity-deps.ts';

export type NewUser = Pick<User, 'tenant' | 'email' | 'firstName' | 'lastName' | 'grants'> & { password: string };

export async function createUser(
  deps: Pick<IdentityDeps, 'users' | 'hasher' | 'clock' | 'ids'>,
  { password, ...user }: NewUser,
): Promise<Result<User>> {
  const created: User = {
    ...user,
    userId: deps.ids.uuid(),
    email: user.email.trim().toLowerCase(),
    passwordHash: await deps.hasher.hash(password),
    active: true,
    createdAt: new Date(deps.clock.now()).toISOString(),
    version: 1,
  };
  return (await deps.users.create(created)) ? ok(created) : fail('EMAIL_TAKEN', undefined, { field: 'email' });
}
