// Routes of reconciliation definitions. A body is held to its shape here; whether a graph makes sense (one anchor, a key, known
// sources) is said by the domain, with every fault at once. What is marked as an extension is not in the surface's document.
import { z } from 'zod';
import { calendar, controlTotal, mapping, normalisation, pass, reading, rowFilter, tolerance } from '../definition.ts';
import { route } from '../route.ts';
import { idParams, pageOf, pageQuery, timestamp } from './envelope.ts';
import { reportTemplate } from './report-template.ts';

const nullableText = z.string().nullable().default(null);
const minutes = (max: number) => z.int().min(0).max(max).nullable().default(null);
const weekMinutes = 7 * 24 * 60;

const adapterTypes = ['CSV_FILE', 'XLSX', 'JSON', 'FIXED_WIDTH', 'DATABASE'] as const;
export const adapterType = z.enum(adapterTypes);
/** Of a graph, whose domain names a value that is none of these together with its other faults. */
const oneOf = (...values: string[]) => z.string().max(100).meta({ enum: values });
export const lifecycle = z.enum(['DRAFT', 'PUBLISHED', 'RETIRED']);

export const adapterOptions = z.strictObject({
  delimiter: z.string().exactOptional(),
  quote: z.string().exactOptional(),
  header: z
    .boolean()
    .exactOptional()
    .describe('False: columns are column1, column2, …. FIXED_WIDTH, true: the first line is no record'),
  encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'iso-8859-1']).exactOptional(),
  preambleLines: z.int().exactOptional(),
  footerLines: z.int().exactOptional(),
  sheet: z.string().exactOptional().describe('XLSX: required when there is more than one'),
  lines: z.boolean().exactOptional().describe('JSON: one object a line'),
  columns: z
    .array(z.strictObject({ name: z.string(), start: z.int(), length: z.int() }))
    .exactOptional()
    .describe('FIXED_WIDTH: where each column lies, in characters from 1'),
});

const source = {
  code: z.string(),
  displayName: nullableText,
  adapterType: oneOf(...adapterTypes),
  anchor: z.boolean().default(false),
  description: nullableText,
  connectionConfig: z
    .record(z.string().max(100), z.union([z.string().max(1_000), z.number(), z.boolean(), z.null()]))
    .nullable()
    .default(null)
    .describe('Where a database is; never a secret. Until connectors exist, its data is uploaded or dropped'),
  adapterOptions: adapterOptions.nullable().default(null),
  arrivalExpectation: nullableText,
  arrivalTimezone: nullableText,
  arrivalSlaMinutes: minutes(weekMinutes),
  load: z
    .enum(['snapshot', 'increment'])
    .exactOptional()
    .describe('Extension: whether a batch is the whole truth (default) or adds'),
  timeZone: z.string().exactOptional().describe('Extension: IANA zone of date-times without an offset'),
  filters: z.array(rowFilter).max(100).exactOptional().describe('Extension: only rows that hold all are records'),
  controlTotals: z
    .array(controlTotal)
    .max(20)
    .exactOptional()
    .describe('Extension: totals that the file states about itself'),
};
/** Given with each source and accepted back, so that a graph that was read can be changed and sent. */
const ofSource = {
  id: z.int(),
  ingestionEndpoint: z.string(),
  dropFolder: z.string(),
  arrivalWatched: z
    .boolean()
    .describe(
      'Extension: whether anybody is told when it is late. It needs arrivalSlaMinutes, and an arrivalExpectation such as `Weekdays by 18:00` that is understood',
    ),
};

const fieldMapping = {
  sourceCode: z.string(),
  sourceColumn: z.string().exactOptional(),
  required: z.boolean().default(true).describe('False: a file without the column is taken, and the field is empty'),
  expression: mapping.exactOptional().describe('Extension, in place of sourceColumn: a value made of columns'),
  reading: reading.exactOptional().describe('Extension: how values are written, where their own forms leave it open'),
};

const field = {
  canonicalName: z.string(),
  displayName: nullableText,
  role: oneOf('KEY', 'COMPARE', 'PRODUCT', 'SUB_PRODUCT', 'ENTITY', 'CLASSIFIER', 'DISPLAY'),
  dataType: oneOf('STRING', 'INTEGER', 'DECIMAL', 'DATE', 'DATETIME', 'BOOLEAN').default('STRING'),
  comparisonLogic: oneOf('EXACT_MATCH', 'CASE_INSENSITIVE', 'NUMERIC_THRESHOLD', 'DATE_ONLY').default('EXACT_MATCH'),
  thresholdPercentage: z
    .number()
    .nullable()
    .default(null)
    .describe('Of NUMERIC_THRESHOLD alone: percent of the value of the anchor'),
  formattingHint: nullableText,
  required: z.boolean().default(false).describe('A row without a value for it is rejected'),
  tolerance: tolerance.exactOptional().describe('Extension: an absolute amount, a percentage or days'),
  normalise: z.array(normalisation).max(20).exactOptional().describe('Extension'),
};

const accessEntry = {
  ldapGroupDn: z.string().max(1_000),
  role: oneOf('MAKER', 'CHECKER', 'VIEWER'),
  notifyOnPublish: z.boolean().default(false),
  notifyOnIngestionFailure: z.boolean().default(false),
  notificationChannel: nullableText.describe('An e-mail address'),
};

const settings = {
  code: z.string().describe('In lower case it is the name of the drop folder; it never changes'),
  name: z.string(),
  description: nullableText,
  owner: nullableText,
  makerCheckerEnabled: z.boolean().default(true),
  notes: nullableText,
  autoTriggerEnabled: z.boolean().default(false),
  autoTriggerCron: nullableText.describe('Five fields'),
  autoTriggerTimezone: nullableText.describe('IANA; UTC when null'),
  autoTriggerGraceMinutes: minutes(weekMinutes),
};

const extensions = {
  passes: z
    .array(pass)
    .max(50)
    .exactOptional()
    .describe('Extension: the ordered passes of the engine. One exact-key pass when absent'),
  currencyField: z.string().exactOptional().describe('Extension: the field that amounts are summed by'),
  rejectsMax: z.int().min(0).exactOptional().describe('Extension: a file with more rejected rows fails'),
  calendars: z
    .record(z.string(), calendar)
    .exactOptional()
    .describe('Extension: business days, by the name that passes use'),
};

const graph = {
  ...settings,
  sources: z.array(z.strictObject({ ...source, ...optional(ofSource) })).max(100),
  canonicalFields: z
    .array(z.strictObject({ ...field, mappings: z.array(z.strictObject(fieldMapping)).max(100) }))
    .max(1_000),
  reportTemplates: z.array(reportTemplate).max(100).default([]),
  accessControlEntries: z.array(z.strictObject(accessEntry)).max(1_000).default([]),
  ...extensions,
};

const stamps = { createdAt: timestamp, createdBy: z.string(), updatedAt: timestamp, updatedBy: z.string() };

function optional<Shape extends Record<string, z.ZodType>>(shape: Shape) {
  return Object.fromEntries(Object.entries(shape).map(([name, schema]) => [name, schema.exactOptional()])) as {
    [Name in keyof Shape]: z.ZodExactOptional<Shape[Name]>;
  };
}

const definition = z.object({
  id: z.int(),
  ...settings,
  status: lifecycle,
  version: z.int().describe('From 0; raised by every change'),
  ...stamps,
  lastIngestionAt: timestamp.nullable(),
  sources: z.array(z.object({ ...source, ...ofSource })),
  canonicalFields: z.array(z.object({ ...field, mappings: z.array(z.object(fieldMapping)) })),
  reportTemplates: z.array(reportTemplate),
  accessControlEntries: z.array(z.object(accessEntry)),
  ...extensions,
});

const listed = z.object({
  id: z.int(),
  code: z.string(),
  name: z.string(),
  status: lifecycle,
  makerCheckerEnabled: z.boolean(),
  updatedAt: timestamp,
  owner: z.string().nullable(),
  updatedBy: z.string(),
  lastIngestionAt: timestamp.nullable(),
});

const exported = z.object({
  definitionId: z.int(),
  code: z.string(),
  name: z.string(),
  sources: z.array(
    z.object({
      code: z.string(),
      adapterType: source.adapterType,
      anchor: z.boolean(),
      connectionConfig: source.connectionConfig,
      arrivalExpectation: z.string().nullable(),
      arrivalTimezone: z.string().nullable(),
      arrivalSlaMinutes: z.int().nullable(),
      adapterOptions: source.adapterOptions,
      ingestionEndpoint: z.string(),
      dropFolder: z.string().describe('Extension: the folder of the bucket that takes files of any size'),
    }),
  ),
  fields: z.array(
    z.object({
      displayName: z.string().nullable(),
      canonicalName: z.string(),
      role: field.role,
      dataType: field.dataType,
      comparisonLogic: field.comparisonLogic,
      thresholdPercentage: z.number().nullable().describe('Extension'),
      formattingHint: z.string().nullable(),
      required: z.boolean(),
      mappings: z.array(
        z.object({
          sourceCode: z.string(),
          sourceColumn: z.string().nullable().describe('Null where the value is made by an expression'),
          required: z.boolean().describe('Extension'),
          expression: mapping.exactOptional(),
        }),
      ),
    }),
  ),
});

/** A date is its first moment, UTC. */
const moment = z.union([z.iso.datetime({ offset: true }), z.iso.date()]);

const common = { tag: 'Administration', auth: 'bearer', roles: ['admin'], status: 200 } as const;

export const definitionRoutes = {
  listDefinitions: route({
    ...common,
    method: 'GET',
    path: '/api/admin/reconciliations',
    summary: 'List reconciliation definitions',
    description: 'By id. Filters of different names must all hold.',
    query: z.object({
      status: lifecycle.optional(),
      owner: z.string().max(200).optional().describe('Contained in the owner, without regard to case'),
      search: z.string().max(200).optional().describe('Contained in code, name, description or notes'),
      updatedAfter: moment.optional(),
      updatedBefore: moment.optional(),
      ...pageQuery,
    }),
    result: pageOf(listed),
    errors: ['FORBIDDEN'],
  }),
  createDefinition: route({
    ...common,
    method: 'POST',
    path: '/api/admin/reconciliations',
    status: 201,
    summary: 'Create a reconciliation definition',
    description: 'A DRAFT must be free of faults, and need not be fit to run: PUBLISHED must be.',
    body: z.strictObject({ ...graph, status: z.enum(['DRAFT', 'PUBLISHED']).default('DRAFT') }),
    result: definition,
    idempotent: true,
    errors: ['FORBIDDEN', 'DEFINITION_INVALID', 'DOCUMENT_TOO_LARGE', 'CODE_TAKEN'],
  }),
  getDefinition: route({
    ...common,
    method: 'GET',
    path: '/api/admin/reconciliations/{id}',
    summary: 'The full configuration graph',
    params: idParams,
    result: definition,
    errors: ['FORBIDDEN', 'NOT_FOUND'],
  }),
  replaceDefinition: route({
    ...common,
    method: 'PUT',
    path: '/api/admin/reconciliations/{id}',
    summary: 'Replace a configuration graph',
    description:
      'The graph as it is to be, with the latest `version`; what GET gave may be changed and sent back. It takes effect with the next run. What was loaded under other mappings and still counts is loaded again.',
    params: idParams,
    body: z.strictObject({
      ...graph,
      version: z.int().min(0),
      status: lifecycle.exactOptional(),
      ...optional({ id: z.int(), ...stamps, lastIngestionAt: timestamp.nullable() }),
    }),
    result: definition,
    errors: [
      'FORBIDDEN',
      'NOT_FOUND',
      'DEFINITION_INVALID',
      'DOCUMENT_TOO_LARGE',
      'CONCURRENT_CHANGE',
      'LIFECYCLE_CONFLICT',
    ],
  }),
  patchDefinition: route({
    ...common,
    method: 'PATCH',
    path: '/api/admin/reconciliations/{id}',
    summary: 'Change maker-checker, notes or lifecycle status alone',
    params: idParams,
    body: z.strictObject({
      makerCheckerEnabled: z.boolean().exactOptional(),
      notes: z.string().nullable().exactOptional(),
      status: lifecycle.exactOptional(),
    }),
    result: definition,
    errors: ['FORBIDDEN', 'NOT_FOUND', 'DEFINITION_INVALID', 'LIFECYCLE_CONFLICT'],
  }),
  retireDefinition: route({
    ...common,
    method: 'DELETE',
    path: '/api/admin/reconciliations/{id}',
    summary: 'Retire a definition: analysts see it no more, and nothing is erased',
    params: idParams,
    result: definition,
    errors: ['FORBIDDEN', 'NOT_FOUND'],
  }),
  exportSchema: route({
    ...common,
    method: 'GET',
    path: '/api/admin/reconciliations/{id}/schema',
    summary: 'The canonical schema, for those who feed the sources',
    params: idParams,
    result: exported,
    errors: ['FORBIDDEN', 'NOT_FOUND'],
  }),
};
