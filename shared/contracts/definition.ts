// The wire form of a reconciliation definition: what a file or an API body must look like, strictly, with the path of
// each fault. Whether it makes sense (one anchor, a key, known sources) is said by domain/check-definition, not here.
import { z } from 'zod';

const name = z.string().min(1);
const names = z.array(z.string());

const inputFormat = z.strictObject({
  format: z.enum(['csv', 'json', 'ndjson', 'parquet', 'xlsx']).exactOptional(),
  encoding: z.enum(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'iso-8859-1']).exactOptional(),
  delimiter: z.string().exactOptional(),
  quote: z.string().exactOptional(),
  header: z.boolean().exactOptional(),
  preambleLines: z.int().min(0).exactOptional(),
  footerLines: z.int().min(0).exactOptional(),
  sheet: z.string().exactOptional(),
});

export const rowFilter = z.union([
  z.strictObject({ column: name, in: names }),
  z.strictObject({ column: name, notIn: names }),
  z.strictObject({ column: name, matches: z.string() }),
  z.strictObject({ column: name, empty: z.boolean() }),
]);

export const controlTotal = z.strictObject({
  of: z.union([z.literal('rows'), z.strictObject({ sum: name })]),
  equals: z.union([z.string(), z.strictObject({ line: z.enum(['preamble', 'footer']), pattern: z.string() })]),
});

const source = z.strictObject({
  name,
  anchor: z.boolean().exactOptional(),
  load: z.enum(['snapshot', 'increment']).exactOptional(),
  input: inputFormat.exactOptional(),
  timeZone: z.string().exactOptional(),
  filters: z.array(rowFilter).exactOptional(),
  controlTotals: z.array(controlTotal).exactOptional(),
});

export const tolerance = z.union([
  z.strictObject({ absolute: z.string() }),
  z.strictObject({ percent: z.string() }),
  z.strictObject({ days: z.int().min(0) }),
]);

export const reading = z.strictObject({
  decimalMark: z.enum(['.', ',']).exactOptional(),
  groupMark: z.enum(['.', ',', "'", ' ', '_', '']).exactOptional(),
  dateFormat: z.string().exactOptional(),
});

type MappingWire =
  | string
  | { column: string; optional?: boolean }
  | { constant: string }
  | { concatenate: MappingWire[]; separator?: string }
  | { negate: MappingWire }
  | { debit: MappingWire; credit: MappingWire }
  | { scale: MappingWire; by: string }
  | { substring: MappingWire; start: number; length?: number }
  | { extract: MappingWire; pattern: string; group?: number };

export const mapping: z.ZodType<MappingWire> = z
  .lazy(() =>
    z.union([
      name,
      z.strictObject({ column: name, optional: z.boolean().exactOptional() }),
      z.strictObject({ constant: z.string() }),
      z.strictObject({ concatenate: z.array(mapping), separator: z.string().exactOptional() }),
      z.strictObject({ negate: mapping }),
      z.strictObject({ debit: mapping, credit: mapping }),
      z.strictObject({ scale: mapping, by: z.string() }),
      z.strictObject({ substring: mapping, start: z.int(), length: z.int().exactOptional() }),
      z.strictObject({ extract: mapping, pattern: z.string(), group: z.int().exactOptional() }),
    ]),
  )
  .meta({ id: 'Mapping' });

export const normalisation = z.enum([
  'trim',
  'collapse-spaces',
  'upper',
  'remove-accents',
  'remove-leading-zeros',
  'alphanumeric',
]);

const field = z.strictObject({
  name,
  role: z.enum(['KEY', 'COMPARE', 'CLASSIFIER', 'DISPLAY']),
  type: z.enum(['text', 'integer', 'decimal', 'date', 'datetime', 'boolean']).exactOptional(),
  comparison: z.enum(['exact', 'ignore-case', 'ignored']).exactOptional(),
  tolerance: tolerance.exactOptional(),
  normalise: z.array(normalisation).exactOptional(),
  required: z.boolean().exactOptional(),
  mapping: z.record(z.string(), mapping),
  reading: z.record(z.string(), reading).exactOptional(),
});

const percentBase = z.enum(['anchor', 'other', 'larger']);

const dayWindow = z.strictObject({
  field: name,
  daysBefore: z.int().min(0),
  daysAfter: z.int().min(0),
  calendar: z.string().exactOptional(),
});

const condition = z.union([
  z.strictObject({ field: name, equal: z.literal(true) }),
  z.strictObject({ field: name, absolute: z.string() }),
  z.strictObject({ field: name, percent: z.string(), base: percentBase.exactOptional() }),
  dayWindow,
]);

const acceptance = z.enum(['auto', 'suggest']);

export const pass = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('exact-key'), name: z.string().exactOptional() }),
  z.strictObject({
    kind: z.literal('tolerance'),
    name: z.string().exactOptional(),
    conditions: z.array(condition),
    tieMargin: z.string().exactOptional(),
    accept: acceptance.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('grouped'),
    name: z.string().exactOptional(),
    cardinality: z.enum(['one-to-many', 'many-to-one', 'many-to-many', 'netting']),
    by: z.array(name),
    amount: name,
    tolerance: z
      .union([
        z.strictObject({ absolute: z.string() }),
        z.strictObject({ percent: z.string(), base: percentBase.exactOptional() }),
      ])
      .exactOptional(),
    window: dayWindow.exactOptional(),
    fee: z
      .strictObject({
        percent: z.string().exactOptional(),
        fixed: z.string().exactOptional(),
        per: z.enum(['record', 'group']),
      })
      .exactOptional(),
    search: z.strictObject({ recordsMax: z.int().exactOptional(), stepsMax: z.int().exactOptional() }).exactOptional(),
    tieMargin: z.string().exactOptional(),
    accept: acceptance.exactOptional(),
  }),
  z.strictObject({
    kind: z.literal('fuzzy'),
    name: z.string().exactOptional(),
    fields: z.array(
      z.strictObject({
        field: name,
        as: z.enum(['name', 'text', 'code', 'number', 'date']).exactOptional(),
        weight: z.number().exactOptional(),
        similarityMin: z.number().exactOptional(),
      }),
    ),
    equal: names.exactOptional(),
    blocks: z.array(names).exactOptional(),
    threshold: z.number().exactOptional(),
    targetPrecision: z.number().exactOptional(),
    tieMargin: z.number().exactOptional(),
    equivalences: z.array(names).exactOptional(),
    accept: acceptance.exactOptional(),
  }),
]);

export const calendar = z.strictObject({
  weekend: z.array(z.int()).exactOptional(),
  holidays: z.array(z.string()),
});

export const definitionSchema = z.strictObject({
  name,
  sources: z.array(source),
  fields: z.array(field),
  passes: z.array(pass),
  currencyField: z.string().exactOptional(),
  rejectsMax: z.int().min(0).exactOptional(),
  calendars: z.record(z.string(), calendar).exactOptional(),
});

export type DefinitionWire = z.infer<typeof definitionSchema>;

export type DefinitionFault = { path: string; message: string };

/** Every fault of a parsed JSON value against the schema, each with its path (`fields[2].tolerance.absolut`). */
export function parseDefinition(
  json: unknown,
): { ok: true; value: DefinitionWire } | { ok: false; faults: DefinitionFault[] } {
  const parsed = definitionSchema.safeParse(json, { reportInput: true });
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, faults: parsed.error.issues.flatMap((issue) => faultsOf(issue, [])) };
}

type Issue = z.core.$ZodIssue;

function faultsOf(issue: Issue, parent: PropertyKey[]): DefinitionFault[] {
  const path = [...parent, ...issue.path];
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({ path: pathText([...path, key]), message: 'unknown field' }));
  if (issue.code === 'invalid_union') {
    const branch = likeliestBranch(issue.errors);
    if (branch) return branch.flatMap((inner) => faultsOf(inner, path));
    const lacking = issue.errors.map((issues) => issues.filter(isLack).map((lack) => String(lack.path[0])));
    const ways = [...new Set(lacking.filter((names) => names.length > 0).map((names) => names.join(' and ')))];
    if (ways.length > 0) return [{ path: pathText(path), message: `needs ${ways.join(', or ')}` }];
  }
  return [{ path: pathText(path), message: issue.message }];
}

/** The alternative that the writer most probably meant: the one whose faults lie deepest, then the fewest of them. */
function likeliestBranch(branches: Issue[][]): Issue[] | undefined {
  const ranked = branches
    .filter((issues) => issues.length > 0)
    .map((issues) => ({ issues, wrongKind: issues.some(isWrongKind), faults: countFaults(issues) }))
    .sort((a, b) => Number(a.wrongKind) - Number(b.wrongKind) || a.faults - b.faults);
  return ranked[0]?.wrongKind ? undefined : ranked[0]?.issues;
}

/** The value is not even of the alternative's kind, or lacks what tells that alternative from the others. */
function isWrongKind(issue: Issue): boolean {
  if (isLack(issue)) return true;
  if (issue.code === 'invalid_type' && issue.path.length === 0) return true;
  return (
    issue.code === 'invalid_union' &&
    issue.path.length === 1 &&
    issue.errors.every((b) =>
      b.some((i) => i.path.length === 0 && i.code === 'invalid_type' && / received undefined$/.test(i.message)),
    )
  );
}

/** A field that must be there is not. */
function isLack(issue: Issue): boolean {
  return (
    (issue.code === 'invalid_type' || issue.code === 'invalid_value') &&
    issue.path.length === 1 &&
    issue.input === undefined
  );
}

function countFaults(issues: Issue[]): number {
  return issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0);
}

function pathText(path: PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`))
    .join('');
}
