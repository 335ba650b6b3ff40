// Twin of the DynamoDB session store.
import type { Session, SessionRef } from '../../domain/session.ts';
import type { SessionStore } from '../../ports/session-store.ts';
import { keyOf } from './state.ts';

export function createMemorySessionStore(): SessionStore {
  const sessions = new Map<string, Session>();
  const refKey = ({ tenant, userId, sessionId }: SessionRef) => keyOf(tenant, userId, sessionId);
  return {
    async create(session) {
      sessions.set(refKey(session), structuredClone(session));
    },
    async get(ref) {
      return structuredClone(sessions.get(refKey(ref)));
    },
    async rotate(ref, { from, to }, expiresAt) {
      const session = sessions.get(refKey(ref));
      if (session?.refreshId !== from) return false;
      sessions.set(refKey(ref), { ...session, refreshId: to, expiresAt });
      return true;
    },
    async renew(session, groupsAt) {
      const stored = sessions.get(refKey(session));
      if (stored?.groupsAt !== groupsAt || stored.refreshId !== session.refreshId) return false;
      sessions.set(refKey(session), structuredClone(session));
      return true;
    },
    async revoke(ref) {
      sessions.delete(refKey(ref));
    },
    async revokeAll({ tenant, userId }, keepSessionId) {
      for (const [key, session] of sessions) {
        if (session.tenant === tenant && session.userId === userId && session.sessionId !== keepSessionId)
          sessions.delete(key);
      }
    },
  };
}
