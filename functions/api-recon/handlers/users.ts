// User management. The routes let only administrators through, but for one's own record.
import { createUser } from '../../../shared/app/identity/create-user.ts';
import type { SignedInActor } from '../../../shared/app/identity/identify.ts';
import { changeUser, deleteUser, getUser, listUsers, type UserFilter } from '../../../shared/app/identity/users.ts';
import type { userRoutes } from '../../../shared/contracts/recon/users.ts';
import { passwordFault } from '../../../shared/domain/password-policy.ts';
import { fail, ok } from '../../../shared/domain/result.ts';
import type { Handlers } from '../../../shared/http/handlers.ts';
import { defined } from '../defined.ts';
import { created, data, message, type PageQuery, pageOf, pagination } from '../envelope.ts';
import { presentUser } from '../present/user.ts';
import type { ReconDeps } from '../recon-deps.ts';

export function userHandlers(deps: ReconDeps): Handlers<typeof userRoutes, SignedInActor> {
  async function list(actor: SignedInActor, filter: UserFilter, query: PageQuery) {
    const users = await listUsers(deps, actor, 'recon', filter);
    return ok(data({ users: pageOf(users, query).map(presentUser), pagination: pagination(users.length, query) }));
  }
  return {
    listUsers({ actor, query }) {
      const active = query.is_active === undefined ? undefined : query.is_active === 'true';
      return list(actor, defined({ search: query.search, role: query.role, active }), query);
    },
    searchUsers: ({ actor, query }) => list(actor, { search: query.q }, query),
    async getUser({ actor, params }) {
      // Whether another person exists is not everybody's to know.
      if (actor.role !== 'admin' && params.id !== actor.userId) return fail('NOT_FOUND', 'There is no such user');
      const user = await getUser(deps, actor, params.id);
      return user.ok ? ok(data(presentUser(user.value))) : user;
    },
    async createUser({ actor, body }) {
      const fault = passwordFault(body.password, body.email);
      if (fault) return fail('REQUEST_INVALID', fault, { field: 'password' });
      const user = await createUser(deps, {
        tenant: actor.tenant,
        email: body.email,
        password: body.password,
        firstName: body.first_name,
        lastName: body.last_name,
        grants: { recon: body.role },
      });
      return user.ok ? ok(created(presentUser(user.value))) : user;
    },
    async updateUser({ actor, params, body }) {
      const change = defined({
        firstName: body.first_name,
        lastName: body.last_name,
        role: body.role,
        active: body.is_active,
      });
      const user = await changeUser(deps, actor, 'recon', params.id, change);
      return user.ok ? ok(data(presentUser(user.value))) : user;
    },
    async deleteUser({ actor, params }) {
      const deleted = await deleteUser(deps, actor, params.id);
      return deleted.ok ? ok(message('User deleted successfully')) : deleted;
    },
  };
}
