// A signed-in session: what its holder may do, and which refresh token is the current one. All tokens made by rotating one
// sign-in are of one session, so that revoking it ends the whole family.
import type { Surface } from './principal.ts';

export type SessionRef = { tenant: string; userId: string; sessionId: string };

export type Session = SessionRef & {
  surface: Surface;
  role: string;
  permissions: string[];
  name: string;
  /** Of a person that a directory knows: their own DN, the groups that they are in, and when (epoch ms) it was asked. */
  dn?: string;
  groups?: string[];
  groupsAt?: number;
  /** When (epoch ms) the directory was last asked and did not answer. */
  groupsTriedAt?: number;
  /** Id of the one refresh token that is good; any other of this session was used before. */
  refreshId: string;
  createdAt: string;
  /** Epoch ms. */
  expiresAt: number;
};

export const accessTokenSeconds = 3600;
export const sessionDays = 30;
