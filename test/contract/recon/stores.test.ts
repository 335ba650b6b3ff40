// The stores behind the recon surface keep what their ports promise, in memory and on the emulator.
import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { describe, expect, inject, test } from 'vitest';
import { createDataSourceStore } from '../../../shared/adapters/dynamodb/data-source-store.ts';
import { createIdempotencyStore } from '../../../shared/adapters/dynamodb/idempotency-store.ts';
import { createProjectStore } from '../../../shared/adapters/dynamodb/project-store.ts';
import { createRateCounter } from '../../../shared/adapters/dynamodb/rate-counter.ts';
import { createSessionStore } from '../../../shared/adapters/dynamodb/session-store.ts';
import { openTable } from '../../../shared/adapters/dynamodb/table.ts';
import { createUserStore } from '../../../shared/adapters/dynamodb/user-store.ts';
import { createMemoryDataSourceStore } from '../../../shared/adapters/memory/data-source-store.ts';
import { createMemoryIdempotencyStore } from '../../../shared/adapters/memory/idempotency-store.ts';
import { createMemoryProjectStore } from '../../../shared/adapters/memory/project-store.ts';
import { createMemoryRateCounter } from '../../../shared/adapters/memory/rate-counter.ts';
import { createMemorySessionStore } from '../../../shared/adapters/memory/session-store.ts';
import { createMemoryUserStore } from '../../../shared/adapters/memory/user-store.ts';
import { createSecretsManagerSource } from '../../../shared/adapters/secrets-manager/secret-source.ts';
import { createTable } from '../ports/create-table.ts';
import {
  dataSourceStoreSuite,
  idempotencyStoreSuite,
  projectStoreSuite,
  type ReconStores,
  rateCounterSuite,
  sessionStoreSuite,
  userStoreSuite,
} from './identity-suites.ts';

const connection = {
  endpoint: inject('awsEndpoint'),
  region: 'eu-central-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
};

const implementations: Record<string, () => Promise<ReconStores>> = {
  memory: async () => ({
    users: createMemoryUserStore(),
    sessions: createMemorySessionStore(),
    projects: createMemoryProjectStore(),
    dataSources: createMemoryDataSourceStore(),
    counter: createMemoryRateCounter(),
    idempotency: createMemoryIdempotencyStore(),
  }),
  emulator: async () => {
    const client = new DynamoDBClient(connection);
    const name = `tieout-${randomUUID()}`;
    await createTable(name, client);
    const table = openTable(name, client);
    return {
      users: createUserStore(table),
      sessions: createSessionStore(table),
      projects: createProjectStore(table),
      dataSources: createDataSourceStore(table),
      counter: createRateCounter(table),
      idempotency: createIdempotencyStore(table),
    };
  },
};

describe.each(Object.entries(implementations))('in %s', (_name, open) => {
  describe('UserStore', () => userStoreSuite(open));
  describe('SessionStore', () => sessionStoreSuite(open));
  describe('ProjectStore', () => projectStoreSuite(open));
  describe('DataSourceStore', () => dataSourceStoreSuite(open));
  describe('RateCounter', () => rateCounterSuite(open));
  describe('IdempotencyStore', () => idempotencyStoreSuite(open));
});

test('a secret is read from Secrets Manager and kept for five minutes', async () => {
  const client = new SecretsManagerClient(connection);
  const { ARN } = await client.send(new CreateSecretCommand({ Name: randomUUID(), SecretString: 'x'.repeat(64) }));
  let now = 0;
  const source = createSecretsManagerSource(ARN!, () => now, client);
  expect(Buffer.from(await source.read()).toString()).toBe('x'.repeat(64));
  client.destroy();
  expect(await source.read()).toHaveLength(64);
  now = 5 * 60_000;
  const gone = createSecretsManagerSource('no-such-secret', () => now, new SecretsManagerClient(connection));
  await expect(gone.read()).rejects.toThrow('Secrets Manager');
});
