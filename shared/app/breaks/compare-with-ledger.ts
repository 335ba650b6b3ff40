// Compares the breaks of a run with the ledger of those that were known, in SQL: what is new, changed or gone.
// Rows that did not change never leave the engine. docs/pipeline.md has the table of cases.
import { join } from 'node:path';
import type { Anomaly } from '../../domain/anomaly/anomaly.ts';
import type { BreakCandidate, FieldDifference } from '../../domain/break.ts';
import type { BreakType } from '../../domain/outcome.ts';
import type { Engine } from '../../matching/engine.ts';
import { fieldOfColumn, type Side, valueColumn } from '../../matching/match/value-column.ts';
import { identifier, literal } from '../../matching/sql.ts';
import type { BreakChange, ChangesRequest, Compared, CompareRequest } from '../pipeline-engine.ts';
import { boundedCandidates } from './bounded-candidates.ts';
import { keepIdentities } from './kept-identities.ts';

/** Throws when two breaks have one identity, which would make one of them vanish. */
export async function compareWithLedger(engine: Engine, request: CompareRequest): Promise<Compared> {
  const { directory, ledgerPath, breakItemsMax } = request;
  const mergedPath = await mergeBreaks(engine, request);
  const columns = await columnsOf(engine, `read_parquet(${literal(mergedPath)})`);
  await engine.run(`CREATE TEMP TABLE current AS
    SELECT identity, ${contentHash(columns)} AS content_hash, source, left_row, right_row FROM read_parquet(${literal(mergedPath)})`);
  const [twice] = await engine.rows<{ identity: string }>(
    'SELECT identity FROM current GROUP BY identity HAVING count(*) > 1 LIMIT 1',
  );
  if (twice) throw new Error(`two breaks have the identity ${twice.identity}`);
  await engine.run(
    `CREATE TEMP TABLE ledger AS ${ledgerPath === undefined ? emptyLedger : `FROM read_parquet(${literal(ledgerPath)})`}`,
  );
  const breaksPath = (await keepIdentities(engine)) ? await rewritten(engine, mergedPath, directory) : mergedPath;
  const breaks = `read_parquet(${literal(breaksPath)})`;
  await engine.run(`CREATE TEMP TABLE compared AS
    SELECT c.*, l.break_id AS known_id, l.opened_at AS known_since, l.state = 'gone' AS was_gone, l.content_hash IS NOT DISTINCT FROM c.content_hash AS same
    FROM current c LEFT JOIN ledger l USING (identity)`);
  await findClosed(engine, request.closedAmong);
  await engine.run(`CREATE TEMP TABLE judged AS
    SELECT *, known_id IS NULL OR was_gone OR (NOT same AND known_id IN (FROM closed)) AS opens FROM compared`);
  // Numbered by identity from what the feed has counted: an attempt that is repeated gives every break the same number.
  await engine.run(`CREATE TEMP TABLE decided AS
    SELECT *, (${integer(request.breaksOpened)} + row_number() OVER (ORDER BY identity))::VARCHAR AS break_id, ${integer(request.openedAt)} AS opened_at
    FROM judged WHERE opens
    UNION ALL SELECT *, known_id, known_since FROM judged WHERE NOT opens`);
  const [ledgerTo, changesTo] = [join(directory, 'ledger.parquet'), join(directory, 'new-changes.parquet')];
  await engine.run(`COPY (
    SELECT identity, content_hash, break_id, 'open' AS state, source, left_row, right_row, opened_at FROM decided UNION ALL
    SELECT identity, content_hash, break_id, 'gone', source, left_row, right_row, opened_at FROM ledger
    WHERE identity NOT IN (SELECT identity FROM decided)) TO ${literal(ledgerTo)} (FORMAT parquet, COMPRESSION zstd)`);
  await engine.run(`CREATE TEMP TABLE changes AS ${changesSql(breakItemsMax)}`);
  // One equality and nothing else: a second condition of an outer join makes it compare every row with every other.
  await engine.run(`COPY (SELECT c.number, c.kind, c.break_id, c.previous_break_id, c.source, c.left_row, c.right_row, d.opened_at, ${valuesSql(columns)}
    FROM changes c LEFT JOIN ${breaks} b ON b.identity = CASE WHEN c.kind <> 'gone' THEN c.identity END
    LEFT JOIN decided d ON d.identity = c.identity)
    TO ${literal(changesTo)} (FORMAT parquet, COMPRESSION zstd)`);
  const [counted] = await engine.rows<{ changes: string; opened: string }>(
    'SELECT (SELECT count(*) FROM changes) AS changes, (SELECT count(*) FROM decided WHERE opens) AS opened',
  );
  const { changes, opened } = counted!;
  return { breaksPath, ledgerPath: ledgerTo, changesPath: changesTo, changes: Number(changes), opened: Number(opened) };
}

async function mergeBreaks(engine: Engine, { breaksPaths, directory }: CompareRequest): Promise<string> {
  if (breaksPaths.length === 1) return breaksPaths[0]!;
  const path = join(directory, 'all-breaks.parquet');
  const files = breaksPaths.map(literal).join(', ');
  await engine.run(
    `COPY (FROM read_parquet([${files}], union_by_name = true)) TO ${literal(path)} (FORMAT parquet, COMPRESSION snappy)`,
  );
  return path;
}

async function rewritten(engine: Engine, from: string, directory: string): Promise<string> {
  const path = join(directory, 'kept-breaks.parquet');
  await engine.run(`COPY (SELECT b.* REPLACE (coalesce(m.kept, b.identity) AS identity) FROM read_parquet(${literal(from)}) b
    LEFT JOIN moved m ON m.old = b.identity) TO ${literal(path)} (FORMAT parquet, COMPRESSION snappy)`);
  return path;
}

type Columns = { left: string[]; right: string[]; legs: boolean; explanation: boolean };

/** Fields of the definition, without their prefix. */
async function columnsOf(engine: Engine, breaks: string): Promise<Columns> {
  const described = await engine.rows<{ column_name: string }>(`DESCRIBE SELECT * FROM ${breaks}`);
  const names = described.map((column) => column.column_name);
  const fields = (side: Side) => names.flatMap((name) => fieldOfColumn(side, name) ?? []);
  return {
    left: fields('left'),
    right: fields('right'),
    legs: names.includes('legs'),
    explanation: names.includes('explanation'),
  };
}

/** Type and values, but no row reference, for a new snapshot gives every row another; and no candidates: who else came near is no change of the break. */
function contentHash({ left, right, legs }: Columns): string {
  const parts = [
    'break_type',
    'missing_in',
    'source',
    ...left.map((field) => `${identifier(valueColumn('left', field))}::VARCHAR`),
    ...right.map((field) => `${identifier(valueColumn('right', field))}::VARCHAR`),
    'differences::VARCHAR',
    // Inside a value of this JSON every quote is escaped, so that only the references themselves are met.
    ...(legs ? [`regexp_replace(legs, '"row":(\\d+|null),', '', 'g')`] : []),
  ];
  return `sha256(to_json([${parts.join(', ')}])::VARCHAR)`;
}

const emptyLedger = `SELECT '' AS identity, '' AS content_hash, '' AS break_id, '' AS state, '' AS source,
  0::BIGINT AS left_row, 0::BIGINT AS right_row, 0::BIGINT AS opened_at LIMIT 0`;

function integer(value: number): string {
  if (!Number.isSafeInteger(value)) throw new Error(`${value} is no integer`);
  return `${value}::BIGINT`;
}

/** Fills `closed` with the changed breaks that nobody would look at any more. */
async function findClosed(engine: Engine, closedAmong: CompareRequest['closedAmong']): Promise<void> {
  await engine.run('CREATE TEMP TABLE closed (break_id VARCHAR)');
  await engine.run(`CREATE TEMP TABLE asked AS SELECT known_id, row_number() OVER (ORDER BY known_id) AS number
    FROM compared WHERE known_id IS NOT NULL AND NOT was_gone AND NOT same`);
  for (let from = 0; ; from += idsPerQuestion) {
    const rows = await engine.rows<{ known_id: string }>(
      `SELECT known_id FROM asked WHERE number > ${from} AND number <= ${from + idsPerQuestion} ORDER BY number`,
    );
    if (rows.length === 0) return;
    const found = await closedAmong(rows.map((row) => row.known_id));
    if (found.size > 0)
      await engine.run(`INSERT INTO closed VALUES ${[...found].map((id) => `(${literal(id)})`).join(', ')}`);
  }
}
const idsPerQuestion = 1_000;

/**
 * Opened ones first, then changed, then gone; numbered from 0. The limit is on opened ones that follow none: one that follows
 * another is always written, and that other with it, so that nobody opens it again.
 */
function changesSql(breakItemsMax: number): string {
  const now = 'identity, break_id, source, left_row, right_row';
  return `SELECT *, row_number() OVER (ORDER BY rank, identity) - 1 AS number FROM (
    SELECT 1 AS rank, 'opened' AS kind, ${now}, known_id AS previous_break_id FROM decided WHERE opens AND known_id IS NOT NULL
    UNION ALL (SELECT 1, 'opened', ${now}, NULL FROM decided WHERE opens AND known_id IS NULL ORDER BY identity LIMIT ${breakItemsMax})
    UNION ALL SELECT 2, 'changed', ${now}, NULL FROM decided WHERE NOT opens AND NOT same
    UNION ALL SELECT 3, 'gone', ${now}, NULL FROM ledger WHERE state = 'open' AND identity NOT IN (SELECT identity FROM decided))`;
}

function valuesSql({ left, right, explanation }: Columns): string {
  const side = (name: 'left' | 'right', fields: string[]): string => {
    const values = fields.map((field) => `${literal(field)}: b.${identifier(valueColumn(name, field))}::VARCHAR`);
    return `CASE WHEN b.${name}_row IS NOT NULL THEN to_json({${values.join(', ')}})::VARCHAR END AS ${name}_values`;
  };
  return `c.identity, b.break_type, b.missing_in, b.key, b.occurrence, ${side('left', left)}, ${side('right', right)},
    b.differences, d.content_hash, ${explanation ? `to_json(${boundedCandidates('b.explanation', (reference) => reference)})::VARCHAR` : 'NULL::VARCHAR'} AS candidates`;
}

type ChangeRow = {
  kind: BreakChange['kind'];
  break_id: string;
  previous_break_id: string | null;
  source: string;
  left_row: string | null;
  right_row: string | null;
  opened_at: string;
  identity: string;
  break_type: BreakType;
  missing_in: string | null;
  key: string | null;
  occurrence: number;
  left_values: string | null;
  right_values: string | null;
  differences: string;
  content_hash: string;
  candidates: string | null;
  anomalies: string | null;
};

export async function readChanges(
  engine: Engine,
  { path, anomaliesPath, offset, limit }: ChangesRequest,
): Promise<BreakChange[]> {
  const found =
    anomaliesPath === undefined ? '' : `LEFT JOIN read_parquet(${literal(anomaliesPath)}) a USING (identity)`;
  const rows = await engine.rows<ChangeRow>(`SELECT c.*, ${found ? 'a.anomalies' : 'NULL::VARCHAR AS anomalies'}
    FROM read_parquet(${literal(path)}) c ${found}
    WHERE number >= ${offset} AND number < ${offset + limit} ORDER BY number`);
  return rows.map(changeOf);
}

function changeOf(row: ChangeRow): BreakChange {
  const number = (reference: string | null): number | null => (reference === null ? null : Number(reference));
  const { kind, break_id: breakId, source } = row;
  const [leftRow, rightRow] = [number(row.left_row), number(row.right_row)];
  if (kind === 'gone') return { kind, breakId, source, leftRow, rightRow };
  const values = (text: string | null) => (text === null ? null : (JSON.parse(text) as Record<string, string | null>));
  const candidates = JSON.parse(row.candidates ?? '[]') as BreakCandidate[];
  const anomalies = JSON.parse(row.anomalies ?? '[]') as Anomaly[];
  const observed = {
    identity: row.identity,
    type: row.break_type,
    missingIn: row.missing_in,
    key: row.key,
    occurrence: Number(row.occurrence),
    source,
    leftRow,
    rightRow,
    left: values(row.left_values),
    right: values(row.right_values),
    differences: JSON.parse(row.differences) as FieldDifference[],
    ...(candidates.length > 0 && { explanation: { candidates } }),
    ...(anomalies.length > 0 && { anomalies }),
    contentHash: row.content_hash,
  };
  if (kind === 'changed') return { kind, breakId, observed };
  const { previous_break_id: previousBreakId } = row;
  const openedAt = Number(row.opened_at);
  return { kind, breakId, openedAt, observed, ...(previousBreakId !== null && { previousBreakId }) };
}
