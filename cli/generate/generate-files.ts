// Makes two files of the same transactions with known differences, and the exact counts that a comparison must find.
// A row depends on the seed and its number alone (md5, integers): the files are equal byte for byte on every machine.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DecimalText, fromScaled } from '../../shared/domain/decimal.ts';
import type { Engine } from '../../shared/matching/engine.ts';
import { literal } from '../../shared/matching/sql.ts';

export type GenerateRequest = {
  /** Transactions; each file has about as many rows. */
  rows: number;
  seed: number;
  directory: string;
  /** Rows per million with a break, of each kind of break. */
  breaksPpm: number;
  /** Rows per million whose key is in a file more than once. */
  duplicatesPpm: number;
};

type Side = {
  rows: number;
  matched: number;
  mismatched: number;
  missing: number;
  duplicate: number;
  ambiguous: 0;
  rejected: 0;
};
export type Truth = {
  rows: number;
  seed: number;
  left: Side & { sums: { amount: Record<string, DecimalText> } };
  right: Side & { sums: { amount: Record<string, DecimalText> } };
  pairs: { matched: number; mismatched: number };
  /** Pairs that differ, by the one field in which they do. */
  mismatchedBy: Record<string, number>;
  /** Pairs that differ, but within the tolerances of `arguments`. */
  withinTolerance: number;
  /** For `tieout match`: with these the counts hold. */
  arguments: string[];
};

export const matchArguments = [
  '--key',
  'txn_id=ref',
  '--compare',
  'amount=amt~0.01',
  '--compare',
  'fee~1%',
  '--compare',
  'booked=value_date~2d',
  '--compare',
  'currency=ccy',
  '--compare',
  'counterparty',
];

/** Every row is of one kind. The right file holds what differs; `within` differs by less than the tolerances. */
const breakKinds = ['amount', 'fee', 'booked', 'currency', 'counterparty', 'left-only', 'right-only'] as const;
const duplicateKinds = ['copy-left', 'copy-right', 'twice-both'] as const;
const withinPpm = 20_000;
type Kind = 'clean' | 'within' | (typeof breakKinds)[number] | (typeof duplicateKinds)[number];

/** Rows per million that have no room for `clean` ones are refused by the caller: their sum may not pass this. */
export function differingPpm(request: Pick<GenerateRequest, 'breaksPpm' | 'duplicatesPpm'>): number {
  return withinPpm + request.breaksPpm * breakKinds.length + request.duplicatesPpm;
}

const currencies = ['EUR', 'USD', 'GBP', 'CHF', 'SEK'];
const firstNames = [
  'Ada',
  'Zoë',
  'José',
  'Mary Ann',
  'Søren',
  'Jean-Luc',
  'Mei',
  'Olu',
  'Ivan',
  'Anaïs',
  'Noor',
  'Li',
  'Paul',
  'Eva',
  'Tom',
  'Łukasz',
];
const lastNames = [
  'Müller',
  "O'Neill",
  'van der Berg',
  'García',
  'Smith',
  'Li',
  'Ångström',
  'Rossi',
  'Nowak',
  'Acme, Inc.',
  'Dupont',
  'Sato',
  'Khan',
  'Kovács',
  'Brown',
  '"Bright" Ltd',
  'Silva',
];

/** Writes left.csv, right.csv and truth.json into the directory, which exists and which the engine may write to. */
export async function generateFiles(engine: Engine, request: GenerateRequest): Promise<Truth> {
  const [left, right] = ['left.csv', 'right.csv'].map((name) => literal(join(request.directory, name)));
  // Materialised once: each md5 costs more than all else of a row.
  await engine.run(`CREATE TEMP TABLE transactions AS ${transactionsSql(request)}`);
  await engine.run(
    `COPY (SELECT txn_id, booked, amount, fee, currency, counterparty FROM (${leftSql}) ORDER BY i, copy) TO ${left} (FORMAT csv, HEADER true)`,
  );
  const shuffle = `md5_number_lower('${request.seed}:shuffle:' || i || ':' || copy)`;
  await engine.run(
    `COPY (SELECT ref, value_date, ccy, amt, fee, counterparty FROM (${rightSql}) ORDER BY ${shuffle}, i, copy) TO ${right} (FORMAT csv, HEADER true)`,
  );
  const truth = await truthOf(engine, request);
  await writeFile(join(request.directory, 'truth.json'), `${JSON.stringify(truth, null, 2)}\n`);
  return truth;
}

function transactionsSql(request: GenerateRequest): string {
  const draw = '(h1 % 1000000)';
  let from = 0;
  const branches: string[] = [];
  const take = (kind: Kind, ppm: number) => {
    if (ppm > 0) branches.push(`WHEN ${draw} < ${from + ppm} THEN '${kind}'`);
    from += ppm;
  };
  take('within', withinPpm);
  for (const kind of breakKinds) take(kind, request.breaksPpm);
  // The three kinds of duplicate share their rows; what does not divide by three goes to the last.
  const third = Math.floor(request.duplicatesPpm / duplicateKinds.length);
  take('copy-left', third);
  take('copy-right', third);
  take('twice-both', request.duplicatesPpm - 2 * third);
  return `
    SELECT i, kind, h1,
      'T' || lpad((i + 1)::VARCHAR, 10, '0') AS txn_id,
      ((h2 % 10000000)::BIGINT + 100) * (CASE WHEN (h1 >> 58) % 5 = 0 THEN -1 ELSE 1 END) AS cents,
      ((h2 >> 24) % 5000)::BIGINT + 200 AS fee_cents,
      DATE '2024-01-01' + ((h2 >> 38) % 366)::INTEGER AS booked,
      ((h1 >> 20) % ${currencies.length})::INTEGER AS currency_number,
      ((h1 >> 24) % ${firstNames.length})::INTEGER AS first_number,
      ((h1 >> 30) % ${lastNames.length})::INTEGER AS last_number
    FROM (
      SELECT i, h1, h2, CASE ${branches.join(' ')} ELSE 'clean' END AS kind
      FROM (
        SELECT i, md5_number_lower('${request.seed}:' || i) AS h1, md5_number_upper('${request.seed}:' || i) AS h2
        FROM range(${request.rows}) t(i)
      )
    )`;
}

const pick = (list: string[], number: string) => `[${list.map(literal).join(', ')}][1 + (${number}) % ${list.length}]`;
const money = (cents: string) => `((${cents}) * 0.01::DECIMAL(3,2))::DECIMAL(15,2)`;
const person = (shift: number) =>
  `${pick(firstNames, `first_number + ${shift}`)} || ' ' || ${pick(lastNames, `last_number + ${shift}`)}`;
/** The second of two different rows under one key has another amount on both sides. */
const second = "(CASE WHEN copy = 1 AND kind = 'twice-both' THEN 100000 ELSE 0 END)";
const copies = (kind: Kind) =>
  `(SELECT *, unnest(CASE WHEN kind IN ('${kind}', 'twice-both') THEN [0, 1] ELSE [0] END) AS copy FROM transactions)`;

const leftSql = `
  SELECT i, copy, txn_id, booked, ${money(`cents + ${second}`)} AS amount, ${money('fee_cents')} AS fee,
    ${pick(currencies, 'currency_number')} AS currency, ${person(0)} AS counterparty
  FROM ${copies('copy-left')} WHERE kind <> 'right-only'`;

const rightSql = `
  SELECT i, copy, txn_id AS ref,
    booked + (CASE kind WHEN 'booked' THEN 3 + ((h1 >> 40) % 28)::INTEGER WHEN 'within' THEN ((h1 >> 40) % 5)::INTEGER - 2 ELSE 0 END) AS value_date,
    ${pick(currencies, "currency_number + (CASE kind WHEN 'currency' THEN 1 ELSE 0 END)")} AS ccy,
    ${money(`cents + ${second} + (CASE kind WHEN 'amount' THEN 2 + ((h1 >> 40) % 100000)::BIGINT WHEN 'within' THEN ((h1 >> 44) % 2)::BIGINT * 2 - 1 ELSE 0 END)`)} AS amt,
    ${money(`fee_cents + (CASE kind WHEN 'fee' THEN fee_cents // 10 + 2 WHEN 'within' THEN ((h1 >> 48) % 2)::BIGINT ELSE 0 END)`)} AS fee,
    CASE kind WHEN 'counterparty' THEN ${person(1)} ELSE ${person(0)} END AS counterparty
  FROM ${copies('copy-right')} WHERE kind <> 'left-only'`;

async function truthOf(engine: Engine, request: GenerateRequest): Promise<Truth> {
  const counted = await engine.rows<{ kind: Kind; n: string }>(
    'SELECT kind, count(*) AS n FROM transactions GROUP BY kind',
  );
  const of = (kind: Kind) => Number(counted.find((row) => row.kind === kind)?.n ?? 0);
  const differing = (['amount', 'fee', 'booked', 'currency', 'counterparty'] as const).map(
    (kind) => [kind, of(kind)] as const,
  );
  const mismatched = differing.reduce((sum, [, n]) => sum + n, 0);
  const matched = of('clean') + of('within') + of('copy-left') + of('copy-right') + 2 * of('twice-both');
  const side = (missing: number, duplicate: number): Side => ({
    rows: matched + mismatched + missing + duplicate,
    matched,
    mismatched,
    missing,
    duplicate,
    ambiguous: 0,
    rejected: 0,
  });
  return {
    rows: request.rows,
    seed: request.seed,
    left: {
      ...side(of('left-only'), of('copy-left')),
      sums: { amount: await sumsOf(engine, leftSql, 'amount', 'currency') },
    },
    right: {
      ...side(of('right-only'), of('copy-right')),
      sums: { amount: await sumsOf(engine, rightSql, 'amt', 'ccy') },
    },
    pairs: { matched, mismatched },
    mismatchedBy: Object.fromEntries(differing),
    withinTolerance: of('within'),
    arguments: matchArguments,
  };
}

async function sumsOf(
  engine: Engine,
  sql: string,
  amount: string,
  currency: string,
): Promise<Record<string, DecimalText>> {
  const sums = await engine.rows<{ currency: string; cents: string }>(
    `SELECT ${currency} AS currency, sum((${amount} * 100)::BIGINT) AS cents FROM (${sql}) GROUP BY 1 ORDER BY 1`,
  );
  return Object.fromEntries(sums.map((row) => [row.currency, fromScaled(BigInt(row.cents), 2)]));
}
