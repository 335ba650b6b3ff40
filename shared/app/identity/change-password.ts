// Changes one's own password, knowing the current one, and ends every other session.
import { passwordFault } from '../../domain/password-policy.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { SignedInActor } from './identify.ts';
import type { IdentityDeps } from './identity-deps.ts';

export async function changePassword(
  deps: Pick<IdentityDeps, 'users' | 'sessions' | 'hasher'>,
  actor: SignedInActor,
  command: { currentPassword: string; newPassword: string },
): Promise<Result<undefined>> {
  const user = await deps.users.get(actor.tenant, actor.userId);
  if (!user) return fail('UNAUTHENTICATED');
  const { matches } = await deps.hasher.verify(command.currentPassword, user.passwordHash);
  if (!matches) return fail('REQUEST_INVALID', 'The current password is wrong', { field: 'current_password' });
  const fault = passwordFault(command.newPassword, user.email);
  if (fault) return fail('REQUEST_INVALID', fault, { field: 'new_password' });

  const passwordHash = await deps.hasher.hash(command.newPassword);
  if (!(await deps.users.update({ ...user, passwordHash }))) return fail('CONCURRENT_CHANGE');
  await deps.sessions.revokeAll(actor, actor.sessionId);
  return ok(undefined);
}
