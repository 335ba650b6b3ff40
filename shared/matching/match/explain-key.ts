// One key's way through a run: its records on every side, their outcome and pass, the comparison of each field, and what
// else was weighed. Found by the rows of its records, as a pass may have paired them with other keys. Reads result files and
// sources; it matches nothing anew.
import { businessDaysBetween } from '../../domain/business-days.ts';
import { type Condition, type Definition, type Field, legsOf, type Pass, passName } from '../../domain/definition.ts';
import type { BreakType } from '../../domain/outcome.ts';
import type { Engine } from '../engine.ts';
import { keyColumn, keySeparator, type LoadedSource, rowColumn } from '../records.ts';
import { identifier, literal } from '../sql.ts';
import { compare, comparisonsOf, find } from './field-comparison.ts';
import { fieldValue } from './match-plan.ts';

export type ExplainRequest = {
  definition: Definition;
  /** As given to `matchSources`, the anchor first. */
  sources: LoadedSource[];
  matchesPaths: string[];
  breaksPaths: string[];
  /** The KEY fields in the definition's order, as normalised; null where the record has none. */
  key: (string | null)[];
};

export type ComparedField = {
  field: string;
  /**
   * `key` agrees by being the key, `shown` is of a role that is not compared, `unmapped` is absent from one side,
   * `condition` is judged by the pass of the pair.
   */
  comparison: 'exact' | 'ignore-case' | 'ignored' | 'key' | 'shown' | 'unmapped' | 'condition';
  tolerance?: string;
  left: string | null;
  right: string | null;
  /** right − left of numbers, days of dates; null where there is none. */
  difference: string | null;
  agrees: boolean;
};

export type ExplainedPair = {
  source: string;
  leftRow: string;
  rightRow: string;
  pass: string;
  outcome: 'matched' | 'mismatched';
  /** From 1, equal in every condition, to 0.5; null of a pair that does not agree. */
  confidence: number | null;
  fields: ComparedField[];
};

/** Records that were matched as a set, because their amounts add up or because somebody said so. */
export type ExplainedGroup = {
  /** The leg. */
  source: string;
  id: string;
  pass: string;
  confidence: number;
  members: ExplainedRecord[];
};

export type ExplainedRecord = { source: string; row: string; values: Record<string, string | null> };

/** A record that was weighed for a break and not taken, the best first. */
export type ExplainedCandidate = {
  source: string;
  pass: string;
  /** `tied`: to take it would be a guess. `suggested`: a person is to say. `nearest`: it fails the fields of `failed`. */
  kind: 'tied' | 'suggested' | 'nearest';
  /** Of identical records the first few, of a large set the first hundred; `records` says how many there are. */
  rows: number[];
  records: number;
  key: (string | null)[] | null;
  /** In millionths of the limits of the conditions, and a thousand limits for each field that differs. */
  cost: number | null;
  failed: string[];
};

export type ExplainedBreak = {
  type: BreakType;
  missingIn: string | null;
  source: string;
  occurrence: number;
  identity: string;
  leftRow: string | null;
  rightRow: string | null;
  candidates: ExplainedCandidate[];
};

export type ExplainedKey = {
  key: (string | null)[];
  records: ExplainedRecord[];
  /** Anchor and leg records that a pass put together, agreeing or not. Their keys may differ. */
  pairs: ExplainedPair[];
  groups: ExplainedGroup[];
  breaks: ExplainedBreak[];
  /** True when the key has more than `shownMax` records on a side, pairs or breaks; only the first are here. */
  cut: boolean;
};

/** A person reads this; a key with more records than that is a wrong key. */
export const shownMax = 100;

const row = identifier(rowColumn);

/** Empty lists when no source has the key. */
export async function explainKey(engine: Engine, request: ExplainRequest): Promise<ExplainedKey> {
  const { definition, sources, matchesPaths, breaksPaths } = request;
  let cut = false;
  const rowsOf = async <Row>(sql: string): Promise<Row[]> => {
    const found = await engine.rows<Row>(`${sql} LIMIT ${shownMax + 1}`);
    cut ||= found.length > shownMax;
    return found.slice(0, shownMax);
  };
  const records: ExplainedRecord[] = [];
  const own = new Map<string, string[]>();
  for (const source of sources) {
    const where = `s.${identifier(keyColumn)} = ${literal(keyText(request.key))}`;
    const found = await rowsOf<Omit<StoredRecord, 'source'>>(recordsSql(definition, source, where));
    records.push(...found.map((one) => recordOf({ ...one, source: source.source })));
    own.set(
      source.source,
      found.map((one) => one.row),
    );
  }
  const anchor = sources[0]!;
  const columns = { matches: await columnsOf(engine, matchesPaths), breaks: await columnsOf(engine, breaksPaths) };
  const breaks: ExplainedBreak[] = [];
  const ofAny = sources.slice(1).map((leg) => ofBreak(definition, leg, own.get(leg.source)!));
  const stored = await rowsOf<StoredBreak>(
    `SELECT break_type AS "type", missing_in AS "missingIn", source, occurrence, identity, left_row AS "leftRow", right_row AS "rightRow",
       ${columns.breaks.has('explanation') ? 'explanation' : 'NULL AS explanation'}
     FROM ${filesOf(breaksPaths)} WHERE ${[oneOf('left_row', own.get(anchor.source)!), ...ofAny].join(' OR ')} ORDER BY occurrence, "leftRow", "rightRow"`,
  );
  for (const { explanation, ...one } of stored) breaks.push({ ...one, candidates: candidatesOf(explanation) });
  const pairs: ExplainedPair[] = [];
  const groups: ExplainedGroup[] = [];
  for (const leg of sources.slice(1)) {
    const asked = { left: own.get(anchor.source)!, right: own.get(leg.source)! };
    const found = await rowsOf<Record<string, string | boolean | number | null>>(
      pairsSql(request, leg, asked, columns),
    );
    pairs.push(...found.map((one) => pairOf(definition, anchor, leg, one)));
    if (!columns.matches.has('group_id')) continue;
    const ofLeg = legsOf(definition).length > 1 ? `source = ${literal(leg.source)} AND ` : '';
    const sets = await rowsOf<{ id: string; pass: string; confidence: number }>(
      `SELECT group_id AS id, any_value(pass) AS pass, any_value(confidence) AS confidence FROM ${filesOf(matchesPaths)}
       WHERE ${ofLeg}group_id IS NOT NULL AND (${oneOf('left_row', asked.left)} OR ${oneOf('right_row', asked.right)}) GROUP BY 1 ORDER BY 1`,
    );
    for (const set of sets) {
      const members: ExplainedRecord[] = [];
      for (const [source, column] of [
        [anchor, 'left_row'],
        [leg, 'right_row'],
      ] as const) {
        const where = `s.${row} IN (SELECT ${column} FROM ${filesOf(matchesPaths)} WHERE ${ofLeg}group_id = ${literal(set.id)})`;
        const stored = await rowsOf<Omit<StoredRecord, 'source'>>(recordsSql(definition, source, where));
        members.push(...stored.map((one) => recordOf({ ...one, source: source.source })));
      }
      groups.push({ source: leg.source, ...set, members });
    }
  }
  return { key: request.key, records, pairs, groups, breaks, cut };
}

type StoredRecord = { source: string; row: string; values: string };
type StoredBreak = Omit<ExplainedBreak, 'candidates'> & { explanation: string | null };

function recordsSql(definition: Definition, source: LoadedSource, where: string): string {
  const values = definition.fields.map(
    ({ name }) => `${identifier(name)}: (${fieldValue(source, 's', name)})::VARCHAR`,
  );
  return `SELECT s.${row} AS "row", to_json({${values.join(', ')}})::VARCHAR AS "values" FROM ${source.relation} s
    WHERE ${where} ORDER BY s.${row}`;
}

function recordOf({ source, row: number, values }: StoredRecord): ExplainedRecord {
  return { source, row: number, values: JSON.parse(values) };
}

function candidatesOf(explanation: string | null): ExplainedCandidate[] {
  if (explanation === null) return [];
  const { candidates } = JSON.parse(explanation) as {
    candidates: (Omit<ExplainedCandidate, 'key'> & { key: string | null })[];
  };
  return candidates.map((one) => ({ ...one, key: one.key === null ? null : one.key.split(keySeparator) }));
}

async function columnsOf(engine: Engine, paths: string[]): Promise<Set<string>> {
  const found = await engine.rows<{ column_name: string }>(`DESCRIBE FROM ${filesOf(paths)}`);
  return new Set(found.map(({ column_name }) => column_name));
}

function oneOf(column: string, rows: string[]): string {
  return rows.length === 0 ? 'false' : `${column} IN (${rows.join(', ')})`;
}

/** Whether a break is of one of the rows of a leg. */
function ofBreak(definition: Definition, leg: LoadedSource, rows: string[]): string {
  if (rows.length === 0) return 'false';
  if (legsOf(definition).length === 1) return oneOf('right_row', rows);
  return `len(list_filter(${legsColumn}, lambda one: one.source = ${literal(leg.source)} AND ${oneOf('one."row"', rows)})) > 0`;
}

const legsColumn = `from_json(legs, '[{"source":"VARCHAR","row":"BIGINT","outcome":"VARCHAR","pass":"VARCHAR"}]')`;

/** Parts that are null are empty in the key, as loading writes it. */
function keyText(key: (string | null)[]): string {
  return key.map((part) => part ?? '').join(keySeparator);
}

function filesOf(paths: string[]): string {
  return `read_parquet([${paths.map(literal).join(', ')}], union_by_name = true)`;
}

function pairsSql(
  { definition, sources, matchesPaths, breaksPaths }: ExplainRequest,
  leg: LoadedSource,
  asked: { left: string[]; right: string[] },
  columns: { matches: Set<string>; breaks: Set<string> },
): string {
  const several = legsOf(definition).length > 1;
  const ofRows = `(${oneOf('left_row', asked.left)} OR ${oneOf('right_row', asked.right)})`;
  const matched = `SELECT left_row, right_row, pass, confidence, 'matched' AS outcome FROM ${filesOf(matchesPaths)}
    WHERE ${ofRows}${several ? ` AND source = ${literal(leg.source)}` : ''}${columns.matches.has('group_id') ? ' AND group_id IS NULL' : ''}`;
  const mismatched = several
    ? `SELECT * FROM (SELECT left_row, one."row" AS right_row, one.pass, NULL AS confidence, 'mismatched' AS outcome
         FROM (SELECT left_row, unnest(${legsColumn}) AS one FROM ${filesOf(breaksPaths)})
         WHERE one.source = ${literal(leg.source)} AND one.outcome = 'mismatched') WHERE ${ofRows}`
    : `SELECT left_row, right_row, ${columns.breaks.has('pass') ? 'pass' : 'NULL AS pass'}, NULL AS confidence, 'mismatched' AS outcome
       FROM ${filesOf(breaksPaths)} WHERE ${ofRows} AND break_type = 'MISMATCH'`;
  const comparisons = comparisonsOf(definition, sources[0]!.fields, leg.fields);
  const compared = definition.fields.flatMap((field, index) => {
    const { name } = field;
    const [left, right] = [fieldValue(sources[0]!, 'l', name), fieldValue(leg, 'r', name)];
    const [one, other] = [find(sources[0]!.fields, name), find(leg.fields, name)];
    const comparison = comparisons.find((found) => found.name === name);
    return [
      `(${left})::VARCHAR AS left_${index}`,
      `(${right})::VARCHAR AS right_${index}`,
      `${one && other ? compare(field, one.sqlType, other.sqlType).difference(left, right) : 'NULL'} AS difference_${index}`,
      `${comparison ? comparison.differs(left, right) : 'NULL::BOOLEAN'} AS differs_${index}`,
    ];
  });
  return `SELECT p.left_row, p.right_row, p.pass, p.confidence, p.outcome, ${compared.join(', ')}
    FROM (${matched} UNION ALL ${mismatched}) p
    JOIN ${sources[0]!.relation} l ON l.${row} = p.left_row JOIN ${leg.relation} r ON r.${row} = p.right_row ORDER BY 1, 2`;
}

function pairOf(
  definition: Definition,
  anchor: LoadedSource,
  leg: LoadedSource,
  found: Record<string, string | boolean | number | null>,
): ExplainedPair {
  const compared = comparisonsOf(definition, anchor.fields, leg.fields);
  const text = (column: string) => found[column] as string | null;
  const names = definition.passes.map((pass, index) => passName(pass, index));
  // Where only the exact key pairs, mismatches do not say by which pass.
  const name = text('pass') ?? names[0]!;
  const pass = definition.passes[names.indexOf(name)];
  return {
    source: leg.source,
    leftRow: String(found.left_row),
    rightRow: String(found.right_row),
    pass: name,
    outcome: found.outcome as ExplainedPair['outcome'],
    confidence: found.confidence as number | null,
    fields: definition.fields.map((field, index) => {
      const condition = conditionOf(pass, field);
      const values = {
        left: text(`left_${index}`),
        right: text(`right_${index}`),
        difference: text(`difference_${index}`),
      };
      if (condition)
        return {
          field: field.name,
          comparison: 'condition',
          tolerance: conditionText(condition),
          ...values,
          difference: businessDays(definition, condition, values) ?? values.difference,
          agrees: true,
        };
      const isCompared = compared.some((one) => one.name === field.name);
      return {
        field: field.name,
        comparison: howCompared(field, isCompared, pass),
        ...toleranceText(field),
        ...values,
        difference: isCompared ? values.difference : null,
        agrees: found[`differs_${index}`] !== true,
      };
    }),
  };
}

function conditionOf(pass: Pass | undefined, field: Field): Condition | undefined {
  return pass?.kind === 'tolerance' ? pass.conditions.find((one) => one.field === field.name) : undefined;
}

/** Days as the condition counts them; undefined where those are calendar days. */
function businessDays(
  { calendars }: Definition,
  condition: Condition,
  { left, right }: { left: string | null; right: string | null },
): string | undefined {
  if (!('daysBefore' in condition) || condition.calendar === undefined || left === null || right === null)
    return undefined;
  // Of a date-time its date counts.
  return String(businessDaysBetween(left.slice(0, 10), right.slice(0, 10), calendars![condition.calendar]!));
}

function conditionText(condition: Condition): string {
  if ('equal' in condition) return 'equal';
  if ('absolute' in condition) return `± ${condition.absolute}`;
  if ('percent' in condition) return `± ${condition.percent} % of the ${condition.base ?? 'anchor'}`;
  const { daysBefore, daysAfter, calendar } = condition;
  return `${daysBefore} before to ${daysAfter} after, ${calendar === undefined ? 'days' : `business days of ${calendar}`}`;
}

/** Of a pair that another pass than the one by key found, the key is only shown. */
function howCompared(field: Field, compared: boolean, pass: Pass | undefined): ComparedField['comparison'] {
  if (field.role === 'KEY') return pass?.kind === 'exact-key' ? 'key' : 'shown';
  if (field.role !== 'COMPARE') return 'shown';
  if (field.comparison === 'ignored') return 'ignored';
  return compared ? (field.comparison ?? 'exact') : 'unmapped';
}

function toleranceText({ tolerance }: Field): { tolerance?: string } {
  if (!tolerance) return {};
  if ('absolute' in tolerance) return { tolerance: `± ${tolerance.absolute}` };
  if ('percent' in tolerance) return { tolerance: `± ${tolerance.percent} % of the anchor` };
  return { tolerance: `± ${tolerance.days} days` };
}
