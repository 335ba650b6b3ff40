// Routes of files. Up to 4 MiB come as multipart; more goes to the store by a presigned form, which serves every size.
import { z } from 'zod';
import { route } from '../route.ts';
import { createdOf, dataOf, idParams, messageOf, timestamp } from './envelope.ts';

export const file = z.object({
  id: z.uuid().describe('Also the id of a data source of this file'),
  file_name: z.string(),
  file_size: z.int().describe('Bytes'),
  file_type: z.string(),
  project_id: z.uuid(),
  uploaded_by: z.uuid(),
  uploaded_at: timestamp,
  status: z.enum(['expected', 'uploaded', 'processing', 'processed', 'failed']),
});

const fileDetail = file.extend({
  processing_started_at: timestamp.optional(),
  processing_result: z
    .object({
      records_count: z.int(),
      columns: z.array(z.string()),
      errors: z.array(z.object({ line: z.int(), column: z.string(), value: z.string(), reason: z.string() })),
    })
    .optional(),
  failure: z.object({ code: z.string(), message: z.string() }).optional(),
});

const presigned = file.extend({
  upload: z.object({
    url: z.string().describe('POST the form here, without the Authorization header'),
    fields: z.record(z.string(), z.string()).describe('Form fields to send first; the file comes last, as `file`'),
    max_bytes: z.int(),
    expires_at: timestamp,
  }),
});

const common = { tag: 'Files', auth: 'bearer', status: 200 } as const;

export const fileRoutes = {
  presignUpload: route({
    ...common,
    method: 'POST',
    path: '/api/files/presigned',
    status: 201,
    rate: 'upload',
    extension: true,
    idempotent: true,
    summary: 'Get a form to upload a file of any size',
    description:
      'The way to send files: POST the returned form (multipart, the fields first, the file last) to its URL within 15 minutes. The file is a data source of the same id.',
    body: z.strictObject({
      project_id: z.uuid(),
      file_name: z.string().min(1).max(1_000),
      file_type: z.string().min(1).max(200).optional(),
    }),
    result: createdOf(presigned),
    errors: ['NOT_FOUND'],
  }),
  uploadFile: route({
    ...common,
    method: 'POST',
    path: '/api/files/upload',
    status: 201,
    rate: 'upload',
    idempotent: true,
    summary: 'Upload a file of up to 4 MiB',
    description: 'Larger files: POST /api/files/presigned.',
    query: z.object({ project_id: z.uuid().optional().describe('Here or in the form') }),
    multipart: { file: 'file' },
    body: z.strictObject({ project_id: z.uuid().optional() }),
    result: createdOf(file),
    errors: ['NOT_FOUND'],
  }),
  getFile: route({
    ...common,
    method: 'GET',
    path: '/api/files/{id}',
    summary: 'A file, with what processing found',
    params: idParams,
    result: dataOf(fileDetail),
    errors: ['NOT_FOUND'],
  }),
  processFile: route({
    ...common,
    method: 'POST',
    path: '/api/files/{id}/process',
    idempotent: true,
    summary: 'Read a file for its columns and number of records',
    description: 'Never needed before a job: start reads what it needs.',
    params: idParams,
    result: dataOf(z.object({ id: z.uuid(), status: z.literal('processing'), processing_started_at: timestamp })),
    errors: ['NOT_FOUND', 'BATCH_MISSING', 'CONCURRENT_CHANGE'],
  }),
  deleteFile: route({
    ...common,
    method: 'DELETE',
    path: '/api/files/{id}',
    summary: 'Remove a file, its bytes and its data source',
    params: idParams,
    result: messageOf('File deleted successfully'),
    errors: ['NOT_FOUND'],
  }),
};
