// Routes of data sources, flat and under a project. Every uploaded file is one of the same id.
import { z } from 'zod';
import { route } from '../route.ts';
import { createdOf, dataOf, idParams, messageOf, timestamp } from './envelope.ts';

export const dataSource = z.object({
  id: z.uuid(),
  name: z.string(),
  source_type: z.string(),
  project_id: z.uuid(),
  file_id: z.uuid().nullable(),
  schema: z.object({ columns: z.array(z.string()), primary_key: z.string().nullable() }),
  created_at: timestamp,
});

const name = z.string().trim().min(1).max(255);
const sourceType = z.enum(['csv', 'json', 'parquet', 'excel']);
const schema = z.strictObject({
  columns: z.array(z.string().min(1).max(1_000)).max(5_000).optional(),
  primary_key: z.string().min(1).max(1_000).optional(),
});
const body = z.strictObject({
  name,
  source_type: sourceType.optional(),
  project_id: z.uuid(),
  file_id: z.uuid().optional(),
  schema: schema.optional(),
});
const list = dataOf(z.object({ data_sources: z.array(dataSource) }));
const common = { tag: 'Data sources', auth: 'bearer', status: 200 } as const;
const createErrors = ['NOT_FOUND'] as const;
const projectParams = z.object({ project_id: z.uuid() });

export const dataSourceRoutes = {
  listDataSources: route({
    ...common,
    method: 'GET',
    path: '/api/data-sources',
    summary: 'List data sources',
    query: z.object({ project_id: z.uuid().optional(), source_type: z.string().max(100).optional() }),
    result: list,
    errors: ['NOT_FOUND'],
  }),
  createDataSource: route({
    ...common,
    method: 'POST',
    path: '/api/data-sources',
    status: 201,
    idempotent: true,
    summary: 'Create a data source of a file',
    body,
    result: createdOf(dataSource),
    errors: createErrors,
  }),
  listProjectDataSources: route({
    ...common,
    method: 'GET',
    path: '/api/projects/{project_id}/data-sources',
    summary: 'List the data sources of a project',
    params: projectParams,
    query: z.object({ source_type: z.string().max(100).optional() }),
    result: list,
    errors: ['NOT_FOUND'],
  }),
  createProjectDataSource: route({
    ...common,
    method: 'POST',
    path: '/api/projects/{project_id}/data-sources',
    status: 201,
    idempotent: true,
    summary: 'Create a data source in a project',
    params: projectParams,
    body: body.extend({ project_id: z.uuid().optional() }),
    result: createdOf(dataSource),
    errors: createErrors,
  }),
  getDataSource: route({
    ...common,
    method: 'GET',
    path: '/api/data-sources/{id}',
    extension: true,
    summary: 'A data source',
    params: idParams,
    result: dataOf(dataSource),
    errors: ['NOT_FOUND'],
  }),
  updateDataSource: route({
    ...common,
    method: 'PUT',
    path: '/api/data-sources/{id}',
    summary: 'Change the name or schema of a data source',
    params: idParams,
    body: z.strictObject({ name: name.optional(), schema: schema.optional() }),
    result: dataOf(dataSource),
    errors: ['NOT_FOUND', 'CONCURRENT_CHANGE'],
  }),
  deleteDataSource: route({
    ...common,
    method: 'DELETE',
    path: '/api/data-sources/{id}',
    summary: 'Delete a data source; its file stays',
    params: idParams,
    result: messageOf('Data source deleted successfully'),
    errors: ['NOT_FOUND'],
  }),
};
