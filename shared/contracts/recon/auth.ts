// Routes of signing in and out. Log-in and refresh answer in both documented shapes at once: flat and enveloped.
import { z } from 'zod';
import { route } from '../route.ts';
import { createdOf, dataOf, messageOf, timestamp } from './envelope.ts';

export const email = z.email({ error: 'Email address is invalid' }).max(254, { error: 'Email address is invalid' });
/** Long enough for any pass phrase, and short enough that hashing it is no attack. */
const password = z.string().min(1).max(1_024);
export const personName = z.string().trim().min(1).max(100);
export const role = z.enum(['user', 'analyst', 'admin']);

export const sessionUser = z.object({
  id: z.uuid(),
  email: z.string(),
  first_name: z.string(),
  last_name: z.string(),
  role: z.string(),
  is_active: z.boolean(),
  created_at: timestamp,
  last_login: timestamp.nullable(),
  permissions: z.array(z.string()),
});

const session = {
  access_token: z.string(),
  refresh_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.int().describe('Seconds that the access token lives'),
};

const signedIn = z.object({
  success: z.literal(true),
  ...session,
  user: sessionUser,
  data: z.object({ user: sessionUser, token: z.string(), expires_at: timestamp, ...session }),
});

const common = { method: 'POST', tag: 'Authentication', rate: 'auth', status: 200 } as const;

export const authRoutes = {
  login: route({
    ...common,
    path: '/api/auth/login',
    auth: 'none',
    summary: 'Sign in with e-mail address and password',
    body: z.strictObject({ email, password }),
    result: signedIn,
    errors: ['UNAUTHORIZED'],
  }),
  refresh: route({
    ...common,
    path: '/api/auth/refresh',
    auth: 'none',
    summary: 'Trade a refresh token for a new pair',
    description:
      'Each refresh token is good once. One that is used a second time ends its session: all tokens of that sign-in stop working.',
    body: z.strictObject({ refresh_token: z.string().min(1).max(4_096) }),
    result: signedIn,
    errors: ['UNAUTHORIZED'],
  }),
  logout: route({
    ...common,
    path: '/api/auth/logout',
    auth: 'bearer',
    summary: 'End the session and all its tokens',
    // Clients that follow the flow send the refresh token along; the session is ended whole either way.
    body: z.strictObject({ refresh_token: z.string().max(4_096).optional() }),
    bodyOptional: true,
    result: messageOf('Logged out successfully'),
    errors: [],
  }),
  register: route({
    ...common,
    path: '/api/auth/register',
    auth: 'none',
    status: 201,
    summary: 'Create an account of role `user`',
    description:
      'Off in AWS unless the deployment switches it on. Passwords: 10 to 128 characters, lower and upper case, a digit.',
    body: z.strictObject({ email, password, first_name: personName, last_name: personName }),
    result: createdOf(z.object({ user: sessionUser, token: z.string(), expires_at: timestamp, ...session })),
    errors: ['REGISTRATION_CLOSED', 'EMAIL_TAKEN'],
  }),
  me: route({
    method: 'GET',
    path: '/api/auth/me',
    tag: 'Authentication',
    auth: 'bearer',
    rate: 'general',
    summary: 'The signed-in user',
    result: dataOf(sessionUser),
    status: 200,
    errors: [],
  }),
  changePassword: route({
    ...common,
    path: '/api/auth/change-password',
    auth: 'bearer',
    summary: 'Change one’s own password; every other session ends',
    body: z.strictObject({ current_password: password, new_password: password }),
    result: messageOf('Password changed successfully'),
    errors: ['CONCURRENT_CHANGE'],
  }),
};
