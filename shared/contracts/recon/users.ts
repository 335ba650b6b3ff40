// Routes of user management: an administrator's, but for one's own record.
import { z } from 'zod';
import { route } from '../route.ts';
import { email, personName, role, sessionUser } from './auth.ts';
import { dataOf, idParams, messageOf, pageQuery, pagination } from './envelope.ts';

export const user = sessionUser.omit({ permissions: true });
const userList = dataOf(z.object({ users: z.array(user), pagination }));
const admin = { tag: 'Users', auth: 'bearer', roles: ['admin'], status: 200 } as const;

export const userRoutes = {
  listUsers: route({
    ...admin,
    method: 'GET',
    path: '/api/users',
    summary: 'List users',
    query: z.object({
      ...pageQuery,
      search: z.string().max(200).optional().describe('Part of the e-mail address or name'),
      role: role.optional(),
      is_active: z.enum(['true', 'false']).optional(),
    }),
    result: userList,
    errors: ['FORBIDDEN'],
  }),
  searchUsers: route({
    ...admin,
    method: 'GET',
    path: '/api/users/search',
    summary: 'Search users by name or e-mail address',
    query: z.object({ ...pageQuery, q: z.string().min(1).max(200) }),
    result: userList,
    errors: ['FORBIDDEN'],
  }),
  getUser: route({
    method: 'GET',
    path: '/api/users/{id}',
    tag: 'Users',
    auth: 'bearer',
    summary: 'A user: oneself, or anyone of the tenant for an administrator',
    params: idParams,
    result: dataOf(user),
    status: 200,
    errors: ['NOT_FOUND'],
  }),
  createUser: route({
    ...admin,
    method: 'POST',
    path: '/api/users',
    status: 201,
    extension: true,
    idempotent: true,
    summary: 'Create an account with a role',
    body: z.strictObject({
      email,
      password: z.string().min(1).max(1_024),
      first_name: personName,
      last_name: personName,
      role,
    }),
    result: z.object({ success: z.literal(true), data: user, ...user.shape }),
    errors: ['FORBIDDEN', 'EMAIL_TAKEN'],
  }),
  updateUser: route({
    ...admin,
    method: 'PUT',
    path: '/api/users/{id}',
    summary: 'Change name, role or activity; a change of role or activity ends the sessions of that user',
    params: idParams,
    body: z.strictObject({
      first_name: personName.optional(),
      last_name: personName.optional(),
      role: role.optional(),
      is_active: z.boolean().optional(),
    }),
    result: dataOf(user),
    errors: ['FORBIDDEN', 'NOT_FOUND', 'CONCURRENT_CHANGE'],
  }),
  deleteUser: route({
    ...admin,
    method: 'DELETE',
    path: '/api/users/{id}',
    summary: 'Delete an account',
    params: idParams,
    result: messageOf('User deleted successfully'),
    errors: ['FORBIDDEN', 'NOT_FOUND'],
  }),
};
