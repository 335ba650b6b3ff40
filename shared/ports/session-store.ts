// Sessions. One that is absent or past its time gives no access; expiry is judged by the reader's clock.
import type { Session, SessionRef } from '../domain/session.ts';

export type SessionStore = {
  create(session: Session): Promise<void>;
  get(ref: SessionRef): Promise<Session | undefined>;
  /** Makes `to` the good refresh token where `from` is it, and moves the expiry; false when it is not, or the session is gone. */
  rotate(ref: SessionRef, refresh: { from: string; to: string }, expiresAt: number): Promise<boolean>;
  /** Keeps what a directory says now, where the session still is and its groups are of `groupsAt`; false when not. */
  renew(session: Session, groupsAt: number): Promise<boolean>;
  revoke(ref: SessionRef): Promise<void>;
  /** Ends all sessions of a person but the one to keep. */
  revokeAll(person: { tenant: string; userId: string }, keepSessionId?: string): Promise<void>;
};
