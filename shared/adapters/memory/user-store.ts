// Twin of the DynamoDB user store.
import type { User } from '../../domain/principal.ts';
import type { UserStore } from '../../ports/user-store.ts';
import { keyOf, pageOf } from './state.ts';

export function createMemoryUserStore(): UserStore {
  const users = new Map<string, User>();
  return {
    async create(user) {
      if ([...users.values()].some(({ email }) => email === user.email)) return false;
      users.set(keyOf(user.tenant, user.userId), structuredClone(user));
      return true;
    },
    async get(tenant, userId) {
      return structuredClone(users.get(keyOf(tenant, userId)));
    },
    async byEmail(email) {
      return structuredClone([...users.values()].find((user) => user.email === email));
    },
    async update(user) {
      const key = keyOf(user.tenant, user.userId);
      const stored = users.get(key);
      if (stored?.version !== user.version) return false;
      if (stored.email !== user.email) throw new Error('the e-mail address of a user never changes');
      users.set(key, { ...structuredClone(user), version: user.version + 1 });
      return true;
    },
    async delete({ tenant, userId }) {
      users.delete(keyOf(tenant, userId));
    },
    async list(tenant, cursor, limit = 100) {
      const ofTenant = [...users.values()]
        .filter((user) => user.tenant === tenant)
        .sort((a, b) => (a.userId < b.userId ? -1 : 1));
      return pageOf(ofTenant, (user) => user.userId, cursor, limit);
    },
  };
}
