// Routes of projects. A `user` sees their own, an `analyst` or `admin` all of the tenant; others are 404.
import { z } from 'zod';
import { route } from '../route.ts';
import { createdOf, dataOf, idParams, messageOf, pageQuery, pagination, timestamp } from './envelope.ts';

const name = z.string().trim().min(1).max(200);
const description = z.string().max(2_000);
const settings = z.object({ collaboration_enabled: z.boolean(), max_concurrent_users: z.int() });
const settingsInput = z.strictObject({
  collaboration_enabled: z.boolean().optional(),
  max_concurrent_users: z.int().min(1).max(1_000).optional(),
});

export const project = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string(),
  owner_id: z.uuid(),
  owner_name: z.string(),
  settings,
  created_at: timestamp,
  updated_at: timestamp,
});

const projectDetail = project.extend({
  data_sources: z.array(z.object({ id: z.uuid(), name: z.string(), source_type: z.string(), file_count: z.int() })),
  reconciliation_jobs: z.array(z.object({ id: z.uuid(), name: z.string(), status: z.string(), created_at: timestamp })),
});

const common = { tag: 'Projects', auth: 'bearer', status: 200 } as const;

export const projectRoutes = {
  listProjects: route({
    ...common,
    method: 'GET',
    path: '/api/projects',
    summary: 'List projects',
    query: z.object({
      ...pageQuery,
      search: z.string().max(200).optional().describe('Part of the name or description'),
      owner_id: z.uuid().optional(),
      status: z.enum(['active']).optional().describe('Every project is active; accepted because clients send it'),
    }),
    result: dataOf(z.object({ projects: z.array(project), pagination })),
    errors: [],
  }),
  createProject: route({
    ...common,
    method: 'POST',
    path: '/api/projects',
    status: 201,
    idempotent: true,
    summary: 'Create a project',
    body: z.strictObject({ name, description: description.optional(), settings: settingsInput.optional() }),
    result: createdOf(project),
    errors: [],
  }),
  getProject: route({
    ...common,
    method: 'GET',
    path: '/api/projects/{id}',
    summary: 'A project with its data sources and jobs',
    params: idParams,
    result: dataOf(projectDetail),
    errors: ['NOT_FOUND'],
  }),
  updateProject: route({
    ...common,
    method: 'PUT',
    path: '/api/projects/{id}',
    summary: 'Change a project',
    params: idParams,
    body: z.strictObject({
      name: name.optional(),
      description: description.optional(),
      settings: settingsInput.optional(),
    }),
    result: dataOf(project),
    errors: ['NOT_FOUND', 'CONCURRENT_CHANGE'],
  }),
  deleteProject: route({
    ...common,
    method: 'DELETE',
    path: '/api/projects/{id}',
    summary: 'Delete a project with its files, data sources and jobs',
    params: idParams,
    result: messageOf('Project deleted successfully'),
    errors: ['NOT_FOUND', 'RUN_ACTIVE'],
  }),
};
