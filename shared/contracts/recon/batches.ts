// Routes of the batches that feed a job (an extension: the specification knows files only).
import { z } from 'zod';
import { rejectedRow } from '../rejected-row.ts';
import { route } from '../route.ts';
import { createdOf, dataOf, idParams, messageOf, pageQuery, pagination, timestamp } from './envelope.ts';

const batch = z.object({
  id: z.uuid(),
  number: z.int(),
  source: z.string(),
  file_name: z.string(),
  file_size: z.int(),
  status: z.enum(['received', 'processing', 'complete', 'held', 'failed', 'withdrawn']),
  checksum: z.string().nullable(),
  same_as: z.string().nullable().describe('An earlier batch of this source with equal bytes'),
  rows: z.object({ read: z.int(), records: z.int(), rejected: z.int(), excluded: z.int() }).nullable(),
  rejects: z.array(rejectedRow).describe('The first 20 rows that were rejected'),
  claimed_by: z.uuid().nullable(),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
  received_at: timestamp,
  completed_at: timestamp.nullable(),
});

const reason = z.string().trim().min(1).max(1_000);
const common = { tag: 'Batches', auth: 'bearer', status: 200, extension: true } as const;
const batchParams = z.object({ id: z.uuid(), batch_id: z.uuid() });

export const batchRoutes = {
  listBatches: route({
    ...common,
    method: 'GET',
    path: '/api/reconciliation/jobs/{id}/batches',
    summary: 'The files that this job has received',
    params: idParams,
    query: z.object({ ...pageQuery, source: z.string().max(200).optional() }),
    result: dataOf(z.object({ batches: z.array(batch), pagination })),
    errors: ['NOT_FOUND'],
  }),
  releaseBatch: route({
    ...common,
    method: 'POST',
    path: '/api/reconciliation/jobs/{id}/batches/{batch_id}/release',
    summary: 'Let a batch count that was held because its bytes came before',
    params: batchParams,
    result: messageOf('Batch released'),
    errors: ['NOT_FOUND', 'BATCH_NOT_HELD'],
  }),
  withdrawBatch: route({
    ...common,
    method: 'POST',
    path: '/api/reconciliation/jobs/{id}/batches/{batch_id}/withdraw',
    summary: 'Take a batch back; no later run sees its rows',
    description: 'What was settled with it changes by another run: `rerun` says whether one is needed.',
    params: batchParams,
    body: z.strictObject({ reason }),
    result: messageOf('Batch withdrawn').extend({ data: z.object({ rerun: z.boolean() }) }),
    errors: ['NOT_FOUND', 'BATCH_MISSING'],
  }),
  replaceBatch: route({
    ...common,
    method: 'POST',
    path: '/api/reconciliation/jobs/{id}/batches/{batch_id}/replace',
    status: 201,
    summary: 'Put an uploaded file in the place of a batch',
    params: batchParams,
    body: z.strictObject({ file_id: z.uuid(), reason }),
    result: createdOf(batch),
    errors: ['NOT_FOUND', 'BATCH_MISSING'],
  }),
};
