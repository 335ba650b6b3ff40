// Values that the port suites keep, as small as their types allow.
import type { Batch } from '../../../shared/domain/batch.ts';
import type { Break } from '../../../shared/domain/break.ts';
import type { Definition } from '../../../shared/domain/definition.ts';
import { emptyFeed } from '../../../shared/domain/feed.ts';
import type { Reconciliation, ReconciliationRef } from '../../../shared/domain/reconciliation.ts';
import type { Run } from '../../../shared/domain/run.ts';
import type { Upload } from '../../../shared/domain/upload.ts';
import type { Stores } from './stores.ts';

export const ref: ReconciliationRef = { tenant: 'acme', reconciliationId: 'rec-1' };
/** Another tenant with the same reconciliation id: what is kept for one must never show in the other. */
export const otherTenant: ReconciliationRef = { tenant: 'zeta', reconciliationId: 'rec-1' };

export const definition: Definition = {
  name: 'Bank and ledger',
  sources: [{ name: 'bank', anchor: true }, { name: 'ledger' }],
  fields: [{ name: 'id', role: 'KEY', mapping: { bank: 'txn', ledger: 'ref' } }],
  passes: [{ kind: 'exact-key' }],
};

export function reconciliation(changes: Partial<Reconciliation> = {}): Reconciliation {
  return {
    ...ref,
    code: 'bank-ledger',
    name: 'Bank and ledger',
    description: '',
    ownerId: 'user-1',
    status: 'PUBLISHED',
    definition,
    version: 1,
    createdAt: '2026-01-05T09:00:00.000Z',
    updatedAt: '2026-01-05T09:00:00.000Z',
    ...changes,
  };
}

export function batch(changes: Partial<Omit<Batch, 'number' | 'version'>> = {}): Omit<Batch, 'number' | 'version'> {
  return {
    ...ref,
    batchId: 'batch-1',
    source: 'bank',
    object: { key: 'drop/acme/bank-ledger/bank/a.csv', versionId: 'v1', bytes: 10 },
    fileName: 'a.csv',
    status: 'RECEIVED',
    receivedAt: '2026-01-05T09:00:00.000Z',
    ...changes,
  };
}

export function run(changes: Partial<Run> = {}): Run {
  return {
    ...ref,
    runId: 'run-1',
    number: 1,
    trigger: 'api',
    actor: 'user-1',
    status: 'RUNNING',
    stage: 'plan',
    generation: 1,
    claims: { bank: ['batch-1'], ledger: ['batch-2'] },
    progress: { stage: 'plan', done: 0, total: 1 },
    version: 1,
    queuedAt: '2026-01-05T09:00:00.000Z',
    stagedAt: {},
    doneIn: {},
    ...changes,
  };
}

/** `digit` is the shard, the last hexadecimal digit of the break's number. */
export function breakItem(digit: string, count: number, changes: Partial<Break> = {}): Break {
  return {
    ...ref,
    breakId: String(count * 16 + Number.parseInt(digit, 16)),
    identity: `key-${digit}-${count}`,
    type: 'MISMATCH',
    missingIn: null,
    key: `key-${count}`,
    occurrence: 1,
    source: 'ledger',
    leftRow: 1,
    rightRow: 2,
    left: { amount: '10.00', '': null },
    right: { amount: '10.01' },
    differences: [{ source: 'ledger', field: 'amount', left: '10.00', right: '10.01', difference: '-0.01' }],
    contentHash: 'hash',
    status: 'OPEN',
    firstRunId: 'run-1',
    firstRunNumber: 1,
    lastRunId: 'run-1',
    lastRunNumber: 1,
    openedAt: '2026-01-05T09:00:00.000Z',
    version: 1,
    ...changes,
  };
}

export function upload(changes: Partial<Upload> = {}): Upload {
  return {
    tenant: ref.tenant,
    uploadId: 'upload-1',
    projectId: 'project-1',
    fileName: 'été & co.csv',
    contentType: 'text/csv',
    bytes: 10,
    status: 'UPLOADED',
    objectKey: 'uploads/acme/upload-1',
    uploadedBy: 'user-1',
    uploadedAt: '2026-01-05T09:00:00.000Z',
    version: 1,
    ...changes,
  };
}

/** A run that is RUNNING in generation 1, with the feed that its creation wrote. */
export async function startRun(stores: Stores, changes: Partial<Run> = {}): Promise<Run> {
  const value = run(changes);
  const feed = { ...(await stores.batches.feed(value)), lastRunNumber: value.number };
  if (!(await stores.runs.create(value, feed))) throw new Error('the run was not created');
  return value;
}

export const feedOf = emptyFeed;
