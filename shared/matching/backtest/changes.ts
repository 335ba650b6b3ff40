// What became of matches that are not in both sets, for people and files: keys and rows, what each record is now and
// with whom, and why where the results say. Everything is a query; nothing is decided here.
import type { Engine } from '../engine.ts';
import { keyColumn, type LoadedSource, rowColumn } from '../records.ts';
import { identifier, literal } from '../sql.ts';
import type { Comparison, Verdict } from './compare-matches.ts';
import type { OutcomeTables } from './outcome-tables.ts';

/** A set of matches as it was loaded and decided; `passes` are names by the numbers in the tables. */
export type JudgedSet = { sources: LoadedSource[]; passes: string[] };

export type ChangesRequest = {
  comparison: Comparison;
  /** The anchor first, the legs by number. */
  first: JudgedSet;
  second: JudgedSet & {
    open: OutcomeTables['open'];
    breaksPath: string;
    /** Whether its breaks have an `explanation`. */
    explained: boolean;
  };
};

/** Partners of a record that are named; of a group with more the first, and an ellipsis. */
const partnersMax = 10;
const row = identifier(rowColumn);
const key = identifier(keyColumn);

/** A SELECT in parentheses: key, source, left_row, right_row, pass, outcome, group_id of the second set's own matches. */
export function gainedSql({ comparison, second }: ChangesRequest, where = 'true'): string {
  const matches = `(FROM ${comparison.second} WHERE verdict = 'gained' AND ${where})`;
  return `(SELECT ${ownColumns(second).join(', ')} FROM ${matches} m ${keyJoins(second)})`;
}

/**
 * A SELECT in parentheses: `verdict` and the columns of `gainedSql` for the first set's matches; then for each side what
 * the second set has: `left_now` (MATCHED, or the type of the break; NO_RECORD where it has no such record), `left_now_pass`,
 * `left_now_with` (rows), `left_explanation`; and `fields`, those that differ now.
 */
export function changesSql(request: ChangesRequest, verdicts: Verdict[], where = 'true'): string {
  const { comparison, first, second } = request;
  const matches = `(FROM ${comparison.first} WHERE verdict IN (${verdicts.map(literal).join(', ')}) AND ${where})`;
  const explanation = second.explained ? 'explanation' : 'NULL::VARCHAR AS explanation';
  const breaks = `(SELECT source, left_row, right_row, fields, ${explanation} FROM read_parquet(${literal(second.breaksPath)}))`;
  const columns = ['m.verdict', ...ownColumns(first)];
  const joins = [
    keyJoins(first),
    `LEFT JOIN ${breaks} left_break ON left_break.left_row = m.left_row`,
    `LEFT JOIN ${breaks} right_break ON right_break.right_row = m.right_row AND right_break.source = ${legName(first)}`,
  ];
  for (const side of ['left', 'right'] as const) {
    const opposite = side === 'left' ? 'right' : 'left';
    // Netting has records of one side alone: they are with each other.
    const partners = `coalesce(${side}_with.${opposite}s, ${side}_with.${side}s)`;
    const sameRecords = `m.verdict IN ('now_matched', 'now_mismatched')`;
    columns.push(
      `CASE WHEN m.${side}_row IS NULL THEN NULL WHEN m.verdict = 'now_matched' THEN 'MATCHED' WHEN m.verdict = 'now_mismatched' THEN 'MISMATCH'
        WHEN ${side}_in.id IS NOT NULL THEN CASE WHEN ${side}_in.agrees THEN 'MATCHED' ELSE 'MISMATCH' END
        ELSE coalesce(${side}_open.type, 'NO_RECORD') END AS ${side}_now`,
      `CASE WHEN ${sameRecords} THEN ${passName('m.other_pass', second)} ELSE ${passName(`${side}_in.pass`, second)} END AS ${side}_now_pass`,
      `CASE WHEN ${sameRecords} THEN [m.${opposite}_row::VARCHAR] ELSE list_transform(${partners}[:${partnersMax}], lambda one: one::VARCHAR)
        || CASE WHEN len(${partners}) > ${partnersMax} THEN ['…'] ELSE []::VARCHAR[] END END AS ${side}_now_with`,
      `CASE WHEN m.verdict IN ('lost', 'rematched') THEN ${side}_break.explanation END AS ${side}_explanation`,
    );
    joins.push(
      `LEFT JOIN (FROM ${comparison.secondMembers} WHERE side = ${side === 'left' ? 0 : 1}) ${side}_in
        ON ${side}_in.leg = m.leg AND ${side}_in."row" = m.${side}_row`,
      `LEFT JOIN (SELECT id, min("row", ${partnersMax + 1}) FILTER (side = 0) AS lefts, min("row", ${partnersMax + 1}) FILTER (side = 1) AS rights
        FROM ${comparison.secondMembers} GROUP BY id) ${side}_with ON ${side}_with.id = ${side}_in.id`,
      `LEFT JOIN ${second.open} ${side}_open ON ${side}_open.source = ${side === 'left' ? '0' : 'm.leg'} AND ${side}_open."row" = m.${side}_row`,
    );
  }
  columns.push(
    `CASE WHEN m.verdict = 'now_mismatched' THEN coalesce(left_break.fields, right_break.fields) END AS fields`,
  );
  return `(SELECT ${columns.join(',\n')} FROM ${matches} m ${joins.join('\n')})`;
}

function ownColumns(set: JudgedSet): string[] {
  return [
    'coalesce(l.key, r.key) AS key',
    `${legName(set)} AS source`,
    'm.left_row',
    'm.right_row',
    `${passName('m.pass', set)} AS pass`,
    `CASE WHEN m.agrees THEN 'MATCHED' ELSE 'MISMATCH' END AS outcome`,
    'm.group_id',
  ];
}

/** `l` and `r`: the records of the anchor and of the match's leg, by their rows. */
function keyJoins({ sources }: JudgedSet): string {
  const [anchor, ...legs] = sources;
  const ofLegs = legs.map(
    (leg, index) => `SELECT ${index + 1} AS leg, ${row} AS "row", ${key} AS key FROM ${leg.relation}`,
  );
  return `LEFT JOIN (SELECT ${row} AS "row", ${key} AS key FROM ${anchor!.relation}) l ON l."row" = m.left_row
    LEFT JOIN (${ofLegs.join(' UNION ALL ')}) r ON r.leg = m.leg AND r."row" = m.right_row`;
}

function legName({ sources }: JudgedSet): string {
  return `CASE m.leg ${sources
    .slice(1)
    .map((leg, index) => `WHEN ${index + 1} THEN ${literal(leg.source)}`)
    .join(' ')} END`;
}

function passName(column: string, { passes }: JudgedSet): string {
  const names = passes.map((pass, index) => `WHEN ${index} THEN ${literal(pass)}`);
  return names.length === 0 ? 'NULL::VARCHAR' : `CASE ${column} ${names.join(' ')} END`;
}

/** Where files of changes are sorted by: the same whatever the order of the input was. */
export const changesOrder = ['source', 'left_row', 'right_row', 'group_id'];

export type GainedRow = {
  key: string | null;
  source: string;
  left_row: string | null;
  right_row: string | null;
  pass: string | null;
  outcome: 'MATCHED' | 'MISMATCH';
  group_id: string | null;
};

export type ChangedRow = GainedRow & {
  verdict: Exclude<Verdict, 'kept' | 'gained'>;
  fields: string[] | null;
} & Record<
    `${'left' | 'right'}_now` | `${'left' | 'right'}_now_pass` | `${'left' | 'right'}_explanation`,
    string | null
  > &
  Record<`${'left' | 'right'}_now_with`, string[] | null>;

/** Of a group with more members than this, the first are shown. */
const membersMax = 10;

/** The rows of the first matches by row number; `query` is `gainedSql` or `changesSql` of the same request. */
export async function firstChanges<Row>(
  engine: Engine,
  table: string,
  verdicts: Verdict[],
  matchesMax: number,
  query: (where: string) => string,
): Promise<Row[]> {
  const chosen = await engine.rows<{ id: string }>(
    `SELECT id FROM ${table} WHERE verdict IN (${verdicts.map(literal).join(', ')})
     GROUP BY id ORDER BY min(leg), min(left_row) NULLS LAST, min(right_row) LIMIT ${matchesMax}`,
  );
  // The query reads the sources for their keys: not for nothing.
  if (chosen.length === 0) return [];
  const where = `id IN (${chosen.map(({ id }) => id).join(', ')})
    QUALIFY row_number() OVER (PARTITION BY id ORDER BY left_row, right_row) <= ${membersMax}`;
  return engine.rows<Row>(`FROM ${query(where)} ORDER BY ${changesOrder.join(', ')}`);
}
