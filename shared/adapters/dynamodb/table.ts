// The one table: its keys, the item that every kind is kept in, conditional writes and transactions.
// Every partition key begins with the tenant, but for the two sparse indexes that the sweep reads over all tenants.
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import {
  BatchGetCommand,
  BatchGetRequest,
  binary,
  Entity,
  executeBatchGet,
  executeTransactWrite,
  GetItemCommand,
  item,
  number,
  string,
  Table,
} from 'dynamodb-toolbox';
import { DependencyFault } from '../../domain/dependency-fault.ts';
import { dependency, dependencyFault } from '../dependency-fault.ts';

export type StoreTable = ReturnType<typeof openTable>;
export type StoreEntity = ReturnType<typeof openEntity>;
export type ItemKey = { pk: string; sk: string };

/** What reads give: the shape that `openEntity` declares. */
export type StoredItem = ItemKey & {
  gsi1sk?: string;
  gsi2sk?: string;
  expiresAt?: number;
  version?: number;
  status?: string;
  owner?: string;
  generation?: number;
  attempt?: number;
  leaseUntil?: number;
  fence?: number;
  count?: number;
  total?: number;
  body?: string;
  packed?: Uint8Array;
  result?: string;
  resultPacked?: Uint8Array;
};

const service = 'DynamoDB';

/** Opens the table; the client takes its endpoint and region from the environment. */
export function openTable(tableName: string, client: DynamoDBClient = new DynamoDBClient({})) {
  return new Table({
    documentClient: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
    name: tableName,
    partitionKey: { name: 'pk', type: 'string' },
    sortKey: { name: 'sk', type: 'string' },
    indexes: {
      gsi1: {
        type: 'global',
        partitionKey: { name: 'gsi1pk', type: 'string' },
        sortKey: { name: 'gsi1sk', type: 'string' },
      },
      gsi2: {
        type: 'global',
        partitionKey: { name: 'gsi2pk', type: 'string' },
        sortKey: { name: 'gsi2sk', type: 'string' },
      },
    },
    entityAttributeSavedAs: 'kind',
  });
}

/**
 * A kind of item. All kinds have one shape: keys, the few attributes that conditions, filters and indexes look at,
 * and the value itself as a document (see document.ts).
 */
export function openEntity(table: StoreTable, name: string) {
  return new Entity({
    name: name as string,
    table,
    timestamps: false,
    entityAttribute: { name: 'kind', hidden: true },
    schema: item({
      pk: string().key(),
      sk: string().key(),
      gsi1pk: string().optional(),
      gsi1sk: string().optional(),
      gsi2pk: string().optional(),
      gsi2sk: string().optional(),
      /** Epoch seconds after which DynamoDB may remove the item; readers judge by their own clock. */
      expiresAt: number().optional(),
      version: number().optional(),
      status: string().optional(),
      owner: string().optional(),
      generation: number().optional(),
      attempt: number().optional(),
      leaseUntil: number().optional(),
      fence: number().optional(),
      count: number().optional(),
      total: number().optional(),
      body: string().optional(),
      packed: binary().optional(),
      result: string().optional(),
      resultPacked: binary().optional(),
    }),
  });
}

/** Joins the parts of a key; a part can hold any text without meaning another key. */
export function keyText(...parts: string[]): string {
  return parts.map((part) => encodeURIComponent(part)).join('#');
}

/** Digits that sort as the number does, up to 10¹⁵. */
export function sortable(value: number): string {
  return String(value).padStart(16, '0');
}

/** One strongly consistent read. */
export async function getItem(entity: StoreEntity, key: ItemKey): Promise<StoredItem | undefined> {
  const { Item } = await dependency(service, () =>
    entity.build(GetItemCommand).key(key).options({ consistent: true }).send(),
  );
  return Item as StoredItem | undefined;
}

/** Strongly consistent reads of any number of items, in the order asked; absent ones are left out. */
export async function getItems(table: StoreTable, entity: StoreEntity, keys: ItemKey[]): Promise<StoredItem[]> {
  const found = new Map<string, StoredItem>();
  let wanted = [...new Map(keys.map((key) => [keyText(key.pk, key.sk), key])).values()];
  let attempt = 0;
  while (wanted.length > 0) {
    const chunk = wanted.slice(0, batchGetMax);
    const requests = chunk.map((key) => entity.build(BatchGetRequest).key(key));
    const command = table
      .build(BatchGetCommand)
      .requests(...requests)
      .options({ consistent: true });
    const { Responses, UnprocessedKeys } = await dependency(service, () => executeBatchGet(command));
    for (const one of (Responses?.[0] ?? []) as (StoredItem | undefined)[])
      if (one) found.set(keyText(one.pk, one.sk), one);
    const unprocessed = (UnprocessedKeys?.[table.getName()]?.Keys ?? []) as ItemKey[];
    wanted = [...unprocessed, ...wanted.slice(batchGetMax)];
    attempt = unprocessed.length === 0 ? 0 : attempt + 1;
    if (attempt > 0) await backOff(attempt, new Error('items stay unprocessed'));
  }
  return keys.map((key) => found.get(keyText(key.pk, key.sk))).filter((one) => one !== undefined);
}
/** A limit of BatchGetItem. */
const batchGetMax = 100;

/** Runs one conditional write: false when its condition does not hold. */
export async function conditionally(write: () => Promise<unknown>): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await write();
      return true;
    } catch (error) {
      const { name } = error as Error;
      if (name === 'ConditionalCheckFailedException') return false;
      if (name !== 'TransactionConflictException') throw dependencyFault(service, error);
      await backOff(attempt, error);
    }
  }
}

export type TransactionPart = Extract<Parameters<typeof executeTransactWrite>[number], { entity: unknown }>;

/**
 * Runs a transaction of at most 100 parts. Answers the indexes of the parts whose condition does not hold: empty when all
 * was written. Meeting another transaction on the same item is tried again.
 */
export async function transact(parts: TransactionPart[]): Promise<number[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      // Options first: without them a part that is no instance of the library's would be taken for the options, and left out.
      await executeTransactWrite({}, ...parts);
      return [];
    } catch (error) {
      const { name, CancellationReasons: reasons = [] } = error as Error & {
        CancellationReasons?: { Code?: string }[];
      };
      if (name !== 'TransactionCanceledException') throw dependencyFault(service, error);
      const refused = reasons.flatMap(({ Code }, index) => (Code === 'ConditionalCheckFailed' ? [index] : []));
      if (refused.length > 0) return refused;
      if (!reasons.some(({ Code }) => passing.has(Code ?? ''))) throw dependencyFault(service, error);
      await backOff(attempt, error);
    }
  }
}

/**
 * A put for a transaction that writes many items of a form that our own code has just made: it skips the parsing of each
 * attribute, which costs more than the rest of the request. `expected`: the version that must be stored.
 */
export function plainPut(
  entity: StoreEntity,
  item: ItemKey & Omit<StoredItem, keyof ItemKey> & Record<string, unknown>,
  expected: number | 'any' | 'absent',
): TransactionPart {
  const condition =
    expected === 'absent'
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : {
          ConditionExpression: '#version = :expected',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':expected': expected },
        };
  return {
    entity,
    params: () => ({
      Put: {
        TableName: entity.table.getName(),
        Item: { ...item, kind: entity.entityName },
        ...(expected !== 'any' && condition),
      },
    }),
  };
}

/** The same for a delete; of what is not there, too. */
export function plainDelete(entity: StoreEntity, key: ItemKey): TransactionPart {
  return { entity, params: () => ({ Delete: { TableName: entity.table.getName(), Key: key } }) };
}

const passing = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

/** Waits longer each time, by chance; gives up with the cause after about 8 seconds in all. */
async function backOff(attempt: number, cause: unknown): Promise<void> {
  // Only what passes is waited for.
  if (attempt > attemptsMax) throw new DependencyFault(service, cause, true);
  await sleep(Math.random() * Math.min(1_000, 20 * 2 ** attempt));
}
const attemptsMax = 20;
