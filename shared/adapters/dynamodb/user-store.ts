// People: one item in the tenant's partition, and one that holds the e-mail address over all tenants. Both are written in one
// transaction, so that an address can never belong to two.
import { DeleteTransaction, PutItemCommand, PutTransaction } from 'dynamodb-toolbox';
import type { User } from '../../domain/principal.ts';
import type { UserStore } from '../../ports/user-store.ts';
import { readDocument, writeDocument } from './document.ts';
import { queryPage } from './query.ts';
import { conditionally, getItem, keyText, openEntity, type StoreTable, transact } from './table.ts';

type AddressHolder = { tenant: string; userId: string };

export function createUserStore(table: StoreTable): UserStore {
  const users = openEntity(table, 'user');
  const addresses = openEntity(table, 'email-address');
  const partitionOf = (tenant: string) => keyText(tenant, 'users');
  const keyOf = (tenant: string, userId: string) => ({ pk: partitionOf(tenant), sk: userId });
  // The one partition that no tenant begins: a sign-in names an address and no tenant.
  const addressKey = (email: string) => ({ pk: keyText('$email', email), sk: 'holder' });
  const itemOf = (user: User) => ({
    ...keyOf(user.tenant, user.userId),
    version: user.version,
    ...writeDocument(user),
  });
  const absent = { attr: 'pk', exists: false } as const;

  async function get(tenant: string, userId: string): Promise<User | undefined> {
    const item = await getItem(users, keyOf(tenant, userId));
    return item && readDocument<User>(item);
  }

  return {
    get,
    async create(user) {
      const holder: AddressHolder = { tenant: user.tenant, userId: user.userId };
      const refused = await transact([
        users.build(PutTransaction).item(itemOf(user)).options({ condition: absent }),
        addresses
          .build(PutTransaction)
          .item({ ...addressKey(user.email), ...writeDocument(holder) })
          .options({ condition: absent }),
      ]);
      return refused.length === 0;
    },
    async byEmail(email) {
      const item = await getItem(addresses, addressKey(email));
      if (!item) return undefined;
      const { tenant, userId } = readDocument<AddressHolder>(item);
      return get(tenant, userId);
    },
    update(user) {
      const put = users.build(PutItemCommand).item(itemOf({ ...user, version: user.version + 1 }));
      return conditionally(() => put.options({ condition: { attr: 'version', eq: user.version } }).send());
    },
    async delete({ tenant, userId, email }) {
      await transact([
        users.build(DeleteTransaction).key(keyOf(tenant, userId)),
        addresses.build(DeleteTransaction).key(addressKey(email)),
      ]);
    },
    async list(tenant, cursor, limit = 100) {
      const { items, cursor: next } = await queryPage(table, users, { partition: partitionOf(tenant) }, limit, cursor);
      return { items: items.map((item) => readDocument<User>(item)), ...(next && { cursor: next }) };
    },
  };
}
