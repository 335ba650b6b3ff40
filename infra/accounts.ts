// Makes accounts straight in the table, for the two who cannot ask an administrator: the first administrator of a
// deployment, and the demo accounts of the local stack. Composed as a function is; whoever runs it has rights on the table.
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createArgon2Hasher } from '../shared/adapters/crypto/argon2-hasher.ts';
import { openTable } from '../shared/adapters/dynamodb/table.ts';
import { createUserStore } from '../shared/adapters/dynamodb/user-store.ts';
import { systemClock } from '../shared/adapters/system/clock.ts';
import { createIds } from '../shared/adapters/system/ids.ts';
import { createUser, type NewUser } from '../shared/app/identity/create-user.ts';
import type { User } from '../shared/domain/principal.ts';
import type { Result } from '../shared/domain/result.ts';

/** Fails with EMAIL_TAKEN when there is one. */
export function createAccount(client: DynamoDBClient, tableName: string, account: NewUser): Promise<Result<User>> {
  const users = createUserStore(openTable(tableName, client));
  return createUser({ users, hasher: createArgon2Hasher(), clock: systemClock, ids: createIds(systemClock) }, account);
}
