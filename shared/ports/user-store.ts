// People and their passwords' hashes. An e-mail address belongs to at most one of them, over all tenants.
import type { User } from '../domain/principal.ts';
import type { Page } from './page.ts';

export type UserStore = {
  /** False when the e-mail address is taken. */
  create(user: User): Promise<boolean>;
  get(tenant: string, userId: string): Promise<User | undefined>;
  byEmail(email: string): Promise<User | undefined>;
  /** Writes version + 1 where the stored version is the given one; false on a conflict. The e-mail address never changes. */
  update(user: User): Promise<boolean>;
  delete(user: Pick<User, 'tenant' | 'userId' | 'email'>): Promise<void>;
  list(tenant: string, cursor?: string, limit?: number): Promise<Page<User>>;
};
