// Routes of the files that are handed in for a source.
import { z } from 'zod';
import { rejectedRow } from '../rejected-row.ts';
import { route } from '../route.ts';
import { adapterOptions, adapterType } from './definitions.ts';
import { idInPath, pageOf, pageQuery, timestamp } from './envelope.ts';

const sourceParams = z.object({ id: idInPath, code: z.string().max(100) });
const batchParams = sourceParams.extend({ batchId: idInPath });

const counted = {
  id: z.int(),
  label: z.string().describe('The name of the file where none was given'),
  recordCount: z.int().describe('Records; a header, rejected rows and rows that a filter leaves out are none'),
  checksum: z.string().describe('SHA-256 of the bytes, hex'),
  ingestedAt: timestamp,
};
const more = {
  rejectedCount: z.int().describe('Extension'),
  rejects: z.array(rejectedRow).describe('Extension: the first 20 rejected rows'),
  sameAs: z.int().nullable().describe('Extension: an earlier batch of the source with equal bytes'),
};
const loaded = z.object({
  ...counted,
  status: z
    .enum(['COMPLETE', 'HELD', 'WITHDRAWN'])
    .describe('HELD: an increment whose bytes came before; it counts when it is released'),
  ...more,
});
const pending = z.object({ id: z.int(), label: z.string(), status: z.enum(['RECEIVED', 'PROCESSING']) });
const listed = z.object({
  id: z.int(),
  label: z.string(),
  status: z.enum(['RECEIVED', 'PROCESSING', 'COMPLETE', 'HELD', 'FAILED', 'WITHDRAWN']),
  recordCount: z.int().nullable(),
  rejectedCount: z.int().nullable(),
  checksum: z.string().nullable(),
  sameAs: z.int().nullable(),
  receivedAt: timestamp,
  ingestedAt: timestamp.nullable(),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
});

const common = { tag: 'Batches', auth: 'bearer', roles: ['admin'], status: 200 } as const;
const path = '/api/admin/reconciliations/{id}/sources/{code}/batches';

export const batchRoutes = {
  uploadBatch: route({
    ...common,
    method: 'POST',
    path,
    rate: 'upload',
    summary: 'Upload a batch of a source, at most 4 MiB',
    description:
      'Answers when the batch is loaded. One that takes longer than 25 seconds is a 202 whose Location gives it; it goes on. Larger files: `…/batches/form`, or the drop folder of the source.',
    params: sourceParams,
    multipart: { file: 'file', json: 'metadata' },
    body: z.strictObject({
      adapterType: adapterType.exactOptional().describe('That of the source; of a DATABASE source, that of the file'),
      label: z.string().trim().min(1).max(200).exactOptional(),
      options: adapterOptions.exactOptional().describe('For this file alone, over those of the source'),
    }),
    bodyOptional: true,
    result: loaded,
    pending,
    idempotent: true,
    errors: ['FORBIDDEN', 'NOT_FOUND', 'DEFINITION_INVALID', 'LIFECYCLE_CONFLICT', 'BATCH_FAILED'],
  }),
  listBatches: route({
    ...common,
    method: 'GET',
    path,
    extension: true,
    summary: 'The batches of a source, newest first',
    params: sourceParams,
    query: z.object(pageQuery),
    result: pageOf(listed),
    errors: ['FORBIDDEN', 'NOT_FOUND'],
  }),
  batchForm: route({
    ...common,
    method: 'POST',
    path: `${path}/form`,
    extension: true,
    summary: 'A form that takes one file of any size for a source',
    description: 'Send the fields and then the file, as the part `file`, to the address by POST.',
    params: sourceParams,
    body: z.strictObject({ fileName: z.string().min(1).max(255) }),
    result: z.object({
      url: z.url(),
      fields: z.record(z.string(), z.string()),
      limitBytes: z.int(),
      expiresAt: timestamp,
    }),
    errors: ['FORBIDDEN', 'NOT_FOUND', 'LIFECYCLE_CONFLICT'],
  }),
  getBatch: route({
    ...common,
    method: 'GET',
    path: `${path}/{batchId}`,
    extension: true,
    summary: 'One batch',
    description: 'One that is still being loaded is a 202; one that could not be is a 422 with the reason.',
    params: batchParams,
    result: loaded,
    pending,
    errors: ['FORBIDDEN', 'NOT_FOUND', 'BATCH_FAILED'],
  }),
  releaseBatch: route({
    ...common,
    method: 'POST',
    path: `${path}/{batchId}/release`,
    extension: true,
    summary: 'Let a batch count that was held because its bytes came before',
    params: batchParams,
    result: loaded,
    pending,
    errors: ['FORBIDDEN', 'NOT_FOUND', 'BATCH_NOT_HELD', 'BATCH_FAILED'],
  }),
};
