// Routes of signing in. The directory decides who it is; the reply is the document's, field for field.
import { z } from 'zod';
import { route } from '../route.ts';

/** Longer than any name in a directory. */
const username = z.string().min(1).max(256);
const password = z.string().min(1).max(1_024);

const common = { method: 'POST', tag: 'Authentication', rate: 'auth' } as const;

export const authRoutes = {
  login: route({
    ...common,
    path: '/api/auth/login',
    auth: 'none',
    summary: 'Sign in with the name and password of the directory',
    description:
      'The token is good for 8 hours. The groups are asked of the directory again while it is used: a change of groups holds after 15 minutes at the latest, and a closed account ends it.',
    body: z.strictObject({ username, password }),
    result: z.object({
      token: z.string().describe('JWT, HS256; it names a session and carries no groups'),
      displayName: z.string(),
      groups: z.array(z.string()).describe('Full DNs, also of groups that hold the person’s groups'),
    }),
    status: 200,
    errors: ['UNAUTHENTICATED'],
  }),
  logout: route({
    ...common,
    path: '/api/auth/logout',
    auth: 'bearer',
    summary: 'End the session: its token stops working at once',
    result: z.object({ ended: z.literal(true) }),
    status: 200,
    errors: [],
    extension: true,
  }),
};
