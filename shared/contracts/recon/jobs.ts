// Routes of reconciliation jobs: a reconciliation and its latest run as one object. A job is fed by two data sources, or, as an
// extension, by the batches of a definition's sources; what it does is found in the data, or said by the definition.
import { z } from 'zod';
import { route } from '../route.ts';
import { createdOf, dataOf, idParams, messageOf, pageQuery, pagination, timestamp } from './envelope.ts';

export const jobStatus = z.enum(['pending', 'queued', 'running', 'completed', 'failed', 'stopped']);

/** `type` is any text here: a kind that there is not is refused by its name, with those that there are. */
const matchingRule = z.strictObject({
  field: z.string().min(1).max(1_000),
  type: z
    .string()
    .min(1)
    .max(100)
    .describe(
      '`exact`: the values are equal. `fuzzy`: their similarity is at least `threshold`. `ml` (or `machine_learning`): what they say for or against the pair is learned from the records, and reviews correct it',
    ),
  threshold: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      'Of `fuzzy` the least similarity, 0.8 when absent. Of `ml` the probability from which on a pair is a match; of several rules the highest counts, and 0.5 where none has one. An exact rule has none',
    ),
});

export const job = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string(),
  project_id: z.uuid().nullable(),
  status: jobStatus,
  progress: z.int().min(0).max(100),
  created_at: timestamp,
  started_at: timestamp.nullable(),
  completed_at: timestamp.nullable(),
});

export const jobDetail = job.extend({
  source_data_source_id: z.uuid().nullable(),
  target_data_source_id: z.uuid().nullable(),
  matching_rules: z
    .array(
      z.object({
        field: z.string(),
        type: z.enum(['exact', 'fuzzy', 'ml', 'machine_learning']),
        threshold: z.number().optional(),
      }),
    )
    .describe('As given, or as found in the data once the job has started'),
  confidence_threshold: z.number(),
  auto_approve: z.boolean(),
  estimated_completion: timestamp.nullable().describe('From the rate measured so far; null when none is known'),
  code: z.string(),
  definition: z
    .record(z.string(), z.unknown())
    .nullable()
    .describe('Null until it is found in the data at the first start'),
  drop_folders: z
    .array(z.string())
    .describe('Where batches of each source are dropped; empty for a job of data sources'),
  run: z
    .object({ id: z.uuid(), number: z.int(), stage: z.string(), trigger: z.string() })
    .nullable()
    .describe('The latest run'),
  failure: z.object({ code: z.string(), message: z.string() }).nullable(),
});

const name = z.string().trim().min(1).max(200);
const description = z.string().max(2_000);
const settings = {
  matching_rules: z
    .array(matchingRule)
    .max(100)
    .optional()
    .describe(
      'All rules hold together. Pairs that are equal in every field named are `exact`; where there are fuzzy or ml rules, pairs that are equal in the fields of the exact ones and near enough in the others are `fuzzy`. Fields without a rule are shown and not compared. Without rules the key is found in the data, and the other fields are compared',
    ),
  confidence_threshold: z.number().min(0).max(1).optional(),
  auto_approve: z.boolean().optional(),
  definition: z
    .record(z.string(), z.unknown())
    .meta({ allOf: [{ $ref: '#/components/schemas/Definition' }] })
    .optional()
    .describe(
      'Extension: the whole definition, as of `tieout match --definition`, with all its passes. In place of matching_rules. With two data sources it has two sources, and the source feeds its anchor; without, batches dropped into `drop_folders` feed them',
    ),
};

const createBody = z.strictObject({
  name,
  description: description.optional(),
  project_id: z.uuid(),
  source_data_source_id: z.uuid().optional().describe('A data source, or a file'),
  target_data_source_id: z.uuid().optional().describe('A data source, or a file; may be the same'),
  code: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, { error: 'code: lower case letters, digits, - and _, at most 63' })
    .optional()
    .describe('Name of the drop folder, with a definition that no data sources feed'),
  ...settings,
});

const list = dataOf(z.object({ jobs: z.array(job), pagination }));
const snapshot = dataOf(z.object({ jobs: z.array(job) }));
const listQuery = z.object({ ...pageQuery, status: jobStatus.optional() });
const projectParams = z.object({ project_id: z.uuid() });
const common = { tag: 'Reconciliation jobs', auth: 'bearer', status: 200 } as const;
const createErrors = ['NOT_FOUND', 'CODE_TAKEN', 'BATCH_MISSING'] as const;
const createText =
  'Two data sources, or (extension) a `definition` whose sources are fed by their drop folders, or both. All faults of a definition come at once, in `details.faults`. Creating starts nothing.';

export const jobRoutes = {
  listJobs: route({
    ...common,
    method: 'GET',
    path: '/api/reconciliation/jobs',
    summary: 'List jobs',
    query: listQuery.extend({ project_id: z.uuid().optional() }),
    result: list,
    errors: ['NOT_FOUND'],
  }),
  createJob: route({
    ...common,
    method: 'POST',
    path: '/api/reconciliation/jobs',
    status: 201,
    idempotent: true,
    summary: 'Create a job',
    description: createText,
    body: createBody,
    result: createdOf(jobDetail),
    errors: createErrors,
  }),
  listProjectJobs: route({
    ...common,
    method: 'GET',
    path: '/api/projects/{project_id}/reconciliation-jobs',
    summary: 'List the jobs of a project',
    params: projectParams,
    query: listQuery,
    result: list,
    errors: ['NOT_FOUND'],
  }),
  createProjectJob: route({
    ...common,
    method: 'POST',
    path: '/api/projects/{project_id}/reconciliation-jobs',
    status: 201,
    idempotent: true,
    summary: 'Create a job in a project',
    description: createText,
    params: projectParams,
    body: createBody.extend({ project_id: z.uuid().optional() }),
    result: createdOf(jobDetail),
    errors: createErrors,
  }),
  activeJobs: route({
    ...common,
    method: 'GET',
    path: '/api/reconciliation/jobs/active',
    summary: 'Jobs that are running now',
    result: snapshot,
    errors: [],
  }),
  queuedJobs: route({
    ...common,
    method: 'GET',
    path: '/api/reconciliation/jobs/queued',
    summary: 'Jobs that wait to run',
    result: snapshot,
    errors: [],
  }),
  getJob: route({
    ...common,
    method: 'GET',
    path: '/api/reconciliation/jobs/{id}',
    summary: 'A job with its latest run',
    params: idParams,
    result: dataOf(jobDetail),
    errors: ['NOT_FOUND'],
  }),
  updateJob: route({
    ...common,
    method: 'PUT',
    path: '/api/reconciliation/jobs/{id}',
    summary: 'Change a job; new rules or a new definition count from the next start',
    params: idParams,
    body: z.strictObject({ name: name.optional(), description: description.optional(), ...settings }),
    result: dataOf(jobDetail),
    errors: ['NOT_FOUND', 'CONCURRENT_CHANGE', 'RUN_ACTIVE'],
  }),
  deleteJob: route({
    ...common,
    method: 'DELETE',
    path: '/api/reconciliation/jobs/{id}',
    summary: 'Delete a job',
    params: idParams,
    result: messageOf('Reconciliation job deleted successfully'),
    errors: ['NOT_FOUND', 'RUN_ACTIVE'],
  }),
  startJob: route({
    ...common,
    method: 'POST',
    path: '/api/reconciliation/jobs/{id}/start',
    idempotent: true,
    summary: 'Start a run; files that were never read are read now',
    params: idParams,
    result: messageOf('Reconciliation job started'),
    errors: ['NOT_FOUND', 'RUN_ACTIVE', 'BATCH_MISSING'],
  }),
  stopJob: route({
    ...common,
    method: 'POST',
    path: '/api/reconciliation/jobs/{id}/stop',
    summary: 'Stop the run',
    params: idParams,
    result: messageOf('Reconciliation job stopped'),
    errors: ['NOT_FOUND', 'RUN_NOT_ACTIVE', 'RUN_SETTLING'],
  }),
  resumeJob: route({
    ...common,
    method: 'POST',
    path: '/api/reconciliation/jobs/{id}/resume',
    extension: true,
    idempotent: true,
    summary: 'Go on with the run that was stopped or failed',
    params: idParams,
    result: messageOf('Reconciliation job resumed'),
    errors: ['NOT_FOUND', 'RUN_NOT_STOPPED', 'RUN_SUPERSEDED', 'BATCH_MISSING', 'BATCH_WITHDRAWN'],
  }),
};
