// Reading and changing people of one's own tenant. Who may call what is the surface's to say; another tenant's id is not found.

import type { Actor } from '../../domain/principal.ts';
import { fullName, type Surface, type User } from '../../domain/principal.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import { everyItem } from '../every-item.ts';
import type { IdentityDeps } from './identity-deps.ts';

export type UserFilter = { search?: string; role?: string; active?: boolean };

export async function listUsers(
  { users }: Pick<IdentityDeps, 'users'>,
  actor: Actor,
  surface: Surface,
  filter: UserFilter,
): Promise<User[]> {
  const search = filter.search?.toLowerCase();
  const all = await everyItem((cursor) => users.list(actor.tenant, cursor));
  return all.filter(
    (user) =>
      user.grants[surface] !== undefined &&
      (search === undefined || `${fullName(user)} ${user.email}`.toLowerCase().includes(search)) &&
      (filter.role === undefined || user.grants[surface] === filter.role) &&
      (filter.active === undefined || user.active === filter.active),
  );
}

export async function getUser(
  { users }: Pick<IdentityDeps, 'users'>,
  actor: Actor,
  userId: string,
): Promise<Result<User>> {
  const user = await users.get(actor.tenant, userId);
  return user ? ok(user) : fail('NOT_FOUND', 'There is no such user');
}

export type UserChange = { firstName?: string; lastName?: string; role?: string; active?: boolean };

export async function changeUser(
  { users, sessions }: Pick<IdentityDeps, 'users' | 'sessions'>,
  actor: Actor,
  surface: Surface,
  userId: string,
  change: UserChange,
): Promise<Result<User>> {
  const user = await users.get(actor.tenant, userId);
  if (!user) return fail('NOT_FOUND', 'There is no such user');
  const loses = (change.role !== undefined && change.role !== actor.role) || change.active === false;
  if (userId === actor.userId && loses)
    return fail('FORBIDDEN', 'Nobody takes their own role or account away; ask another administrator');
  const changed: User = {
    ...user,
    firstName: change.firstName ?? user.firstName,
    lastName: change.lastName ?? user.lastName,
    active: change.active ?? user.active,
    grants: { ...user.grants, ...(change.role !== undefined && { [surface]: change.role }) },
  };
  if (!(await users.update(changed))) return fail('CONCURRENT_CHANGE');
  // Sessions carry role and permissions: old ones would go on with what was taken away.
  if (changed.active !== user.active || changed.grants[surface] !== user.grants[surface])
    await sessions.revokeAll(user);
  return ok({ ...changed, version: changed.version + 1 });
}

export async function deleteUser(
  { users, sessions }: Pick<IdentityDeps, 'users' | 'sessions'>,
  actor: Actor,
  userId: string,
): Promise<Result<undefined>> {
  if (userId === actor.userId) return fail('FORBIDDEN', 'Nobody deletes their own account; ask another administrator');
  const user = await users.get(actor.tenant, userId);
  if (!user) return fail('NOT_FOUND', 'There is no such user');
  await users.delete(user);
  await sessions.revokeAll(user);
  return ok(undefined);
}
