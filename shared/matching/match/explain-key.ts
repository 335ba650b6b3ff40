// One key's way through a run: its records on every side, their outcome and pass, and the comparison of each field.
// Reads result files and sources; it matches nothing anew.
import { type Definition, type Field, legsOf, passName } from '../../domain/definition.ts';
import type { BreakType } from '../../domain/outcome.ts';
import type { Engine } from '../engine.ts';
import { keyColumn, keySeparator, type LoadedSource, rowColumn } from '../records.ts';
import { identifier, literal } from '../sql.ts';
import { comparisonsOf } from './field-comparison.ts';
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
  /** `key` agrees by being the key, `shown` is of a role that is not compared, `unmapped` is absent from one side. */
  comparison: 'exact' | 'ignore-case' | 'ignored' | 'key' | 'shown' | 'unmapped';
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
  fields: ComparedField[];
};

export type ExplainedBreak = {
  type: BreakType;
  missingIn: string | null;
  source: string;
  occurrence: number;
  identity: string;
  leftRow: string | null;
  rightRow: string | null;
};

export type ExplainedKey = {
  key: (string | null)[];
  records: { source: string; row: string; values: Record<string, string | null> }[];
  /** Anchor and leg records that a pass put together, agreeing or not. */
  pairs: ExplainedPair[];
  breaks: ExplainedBreak[];
  /** True when the key has more than `shownMax` records on a side, pairs or breaks; only the first are here. */
  cut: boolean;
};

/** A person reads this; a key with more records than that is a wrong key. */
export const shownMax = 100;

const row = identifier(rowColumn);

/** Empty lists when no source has the key. */
export async function explainKey(engine: Engine, request: ExplainRequest): Promise<ExplainedKey> {
  const { definition, sources, breaksPaths } = request;
  const text = literal(keyText(request.key));
  let cut = false;
  const rowsOf = async <Row>(sql: string): Promise<Row[]> => {
    const found = await engine.rows<Row>(`${sql} LIMIT ${shownMax + 1}`);
    cut ||= found.length > shownMax;
    return found.slice(0, shownMax);
  };
  const records: ExplainedKey['records'] = [];
  for (const source of sources) {
    const values = definition.fields.map(
      ({ name }) => `${identifier(name)}: (${fieldValue(source, 's', name)})::VARCHAR`,
    );
    const found = await rowsOf<{ row: string; values: string }>(
      `SELECT s.${row} AS "row", to_json({${values.join(', ')}})::VARCHAR AS "values" FROM ${source.relation} s
       WHERE s.${identifier(keyColumn)} = ${text} ORDER BY 1`,
    );
    records.push(...found.map((one) => ({ source: source.source, row: one.row, values: JSON.parse(one.values) })));
  }
  const breaks = await rowsOf<ExplainedBreak>(
    `SELECT break_type AS "type", missing_in AS "missingIn", source, occurrence, identity, left_row AS "leftRow", right_row AS "rightRow"
     FROM ${filesOf(breaksPaths)} WHERE key = ${text} ORDER BY occurrence`,
  );
  const pairs: ExplainedPair[] = [];
  for (const leg of sources.slice(1)) {
    const found = await rowsOf<Record<string, string | boolean | null>>(pairsSql(request, leg, text));
    pairs.push(...found.map((one) => pairOf(definition, sources[0]!, leg, one)));
  }
  return { key: request.key, records, pairs, breaks, cut };
}

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
  key: string,
): string {
  const several = legsOf(definition).length > 1;
  const matched = `SELECT left_row, right_row, pass, 'matched' AS outcome FROM ${filesOf(matchesPaths)}
    WHERE key = ${key}${several ? ` AND source = ${literal(leg.source)}` : ''}`;
  const legRow = `from_json(legs, '[{"source":"VARCHAR","row":"BIGINT","outcome":"VARCHAR"}]')`;
  const mismatched = several
    ? `SELECT left_row, one."row" AS right_row, NULL AS pass, 'mismatched' AS outcome
       FROM (SELECT left_row, unnest(${legRow}) AS one FROM ${filesOf(breaksPaths)} WHERE key = ${key})
       WHERE one.source = ${literal(leg.source)} AND one.outcome = 'mismatched'`
    : `SELECT left_row, right_row, NULL AS pass, 'mismatched' AS outcome FROM ${filesOf(breaksPaths)}
       WHERE key = ${key} AND break_type = 'MISMATCH'`;
  const comparisons = comparisonsOf(definition, sources[0]!.fields, leg.fields);
  const columns = definition.fields.flatMap(({ name }, index) => {
    const [left, right] = [fieldValue(sources[0]!, 'l', name), fieldValue(leg, 'r', name)];
    const comparison = comparisons.find((one) => one.name === name);
    return [
      `(${left})::VARCHAR AS left_${index}`,
      `(${right})::VARCHAR AS right_${index}`,
      `${comparison ? comparison.difference(left, right) : 'NULL'} AS difference_${index}`,
      `${comparison ? comparison.differs(left, right) : 'NULL::BOOLEAN'} AS differs_${index}`,
    ];
  });
  return `SELECT p.left_row, p.right_row, p.pass, p.outcome, ${columns.join(', ')}
    FROM (${matched} UNION ALL ${mismatched}) p
    JOIN ${sources[0]!.relation} l ON l.${row} = p.left_row JOIN ${leg.relation} r ON r.${row} = p.right_row ORDER BY 1, 2`;
}

function pairOf(
  definition: Definition,
  anchor: LoadedSource,
  leg: LoadedSource,
  found: Record<string, string | boolean | null>,
): ExplainedPair {
  const compared = comparisonsOf(definition, anchor.fields, leg.fields);
  const text = (column: string) => found[column] as string | null;
  return {
    source: leg.source,
    leftRow: String(found.left_row),
    rightRow: String(found.right_row),
    pass: text('pass') ?? definition.passes.map((pass, index) => passName(pass, index))[0]!,
    outcome: found.outcome as ExplainedPair['outcome'],
    fields: definition.fields.map((field, index) => ({
      field: field.name,
      comparison: howCompared(
        field,
        compared.some((one) => one.name === field.name),
      ),
      ...toleranceText(field),
      left: text(`left_${index}`),
      right: text(`right_${index}`),
      difference: text(`difference_${index}`),
      agrees: found[`differs_${index}`] !== true,
    })),
  };
}

function howCompared(field: Field, compared: boolean): ComparedField['comparison'] {
  if (field.role === 'KEY') return 'key';
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
