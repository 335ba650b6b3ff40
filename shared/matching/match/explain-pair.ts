// One pair in the explanation of a key: which pass made it of which rows, how each field compared, and of a pair by what the
// values say, what each field said.
import { businessDaysBetween } from '../../domain/business-days.ts';
import { type Condition, type Definition, type Field, legsOf, type Pass, passName } from '../../domain/definition.ts';
import type { MatchEvidence } from '../../domain/match-evidence.ts';
import { type LoadedSource, rowColumn } from '../records.ts';
import { identifier, literal } from '../sql.ts';
import { compare, comparisonsOf, find } from './field-comparison.ts';
import { fieldValue } from './match-plan.ts';

export type ComparedField = {
  field: string;
  /**
   * `key` agrees by being the key, `shown` is of a role that is not compared, `unmapped` is absent from one side,
   * `condition` is judged by the pass of the pair, `linked` weighed by it.
   */
  comparison: 'exact' | 'ignore-case' | 'ignored' | 'key' | 'shown' | 'unmapped' | 'condition' | 'linked';
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
  /** From 1, equal in every condition, to 0.5; of a fuzzy pass the probability; null of a pair that does not agree. */
  confidence: number | null;
  fields: ComparedField[];
  /** Of a pair of a fuzzy pass. */
  evidence: MatchEvidence | null;
};

const row = identifier(rowColumn);

export function oneOf(column: string, rows: string[]): string {
  return rows.length === 0 ? 'false' : `${column} IN (${rows.join(', ')})`;
}

export function filesOf(paths: string[]): string {
  return `read_parquet([${paths.map(literal).join(', ')}], union_by_name = true)`;
}

/** Records of the breaks' legs, as rows. */
export const legsColumn = `from_json(legs, '[{"source":"VARCHAR","row":"BIGINT","outcome":"VARCHAR","pass":"VARCHAR","evidence":"VARCHAR"}]')`;

type PairsRequest = {
  definition: Definition;
  sources: LoadedSource[];
  matchesPaths: string[];
  breaksPaths: string[];
};

/** Of one leg: left_row, right_row, pass, confidence, outcome, evidence, and of each field its values, difference and verdict. */
export function pairsSql(
  { definition, sources, matchesPaths, breaksPaths }: PairsRequest,
  leg: LoadedSource,
  rows: { left: string[]; right: string[] },
  columns: { matches: Set<string>; breaks: Set<string> },
): string {
  const several = legsOf(definition).length > 1;
  const ofRows = `(${oneOf('left_row', rows.left)} OR ${oneOf('right_row', rows.right)})`;
  const matched = `SELECT left_row, right_row, pass, confidence, 'matched' AS outcome, ${columns.matches.has('evidence') ? 'evidence' : 'NULL AS evidence'} FROM ${filesOf(matchesPaths)}
    WHERE ${ofRows}${several ? ` AND source = ${literal(leg.source)}` : ''}${columns.matches.has('group_id') ? ' AND group_id IS NULL' : ''}`;
  const mismatched = several
    ? `SELECT * FROM (SELECT left_row, one."row" AS right_row, one.pass, NULL AS confidence, 'mismatched' AS outcome, one.evidence
         FROM (SELECT left_row, unnest(${legsColumn}) AS one FROM ${filesOf(breaksPaths)})
         WHERE one.source = ${literal(leg.source)} AND one.outcome = 'mismatched') WHERE ${ofRows}`
    : `SELECT left_row, right_row, ${columns.breaks.has('pass') ? 'pass' : 'NULL AS pass'}, NULL AS confidence, 'mismatched' AS outcome,
         ${columns.breaks.has('explanation') ? "(explanation::JSON->'evidence')::VARCHAR" : 'NULL'} AS evidence
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
  return `SELECT p.left_row, p.right_row, p.pass, p.confidence, p.outcome, p.evidence, ${compared.join(', ')}
    FROM (${matched} UNION ALL ${mismatched}) p
    JOIN ${sources[0]!.relation} l ON l.${row} = p.left_row JOIN ${leg.relation} r ON r.${row} = p.right_row ORDER BY 1, 2`;
}

export function pairOf(
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
    evidence: evidenceOf(text('evidence')),
    fields: definition.fields.map((field, index) => {
      const condition = conditionOf(pass, field);
      const linked = pass?.kind === 'fuzzy' && pass.fields.some((one) => one.field === field.name);
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
      if (linked) return { field: field.name, comparison: 'linked', ...values, agrees: true };
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

function evidenceOf(text: string | null): MatchEvidence | null {
  return text === null ? null : (JSON.parse(text) as MatchEvidence | null);
}

function conditionOf(pass: Pass | undefined, field: Field): Condition | undefined {
  if (pass?.kind === 'fuzzy') return pass.equal?.includes(field.name) ? { field: field.name, equal: true } : undefined;
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
