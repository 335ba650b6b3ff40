// Two files of a million transactions, as `tieout generate` makes them, in which 2 % of the right side have another key,
// an amount off by up to 0.05 and a date off by up to 2 days, and 1 % of each side have no partner at all.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { generateFiles } from '../../cli/generate/generate-files.ts';
import type { Definition, Pass } from '../../shared/domain/definition.ts';
import { type Engine, openEngine } from '../../shared/matching/engine.ts';
import { literal } from '../../shared/matching/sql.ts';
import { type Group, type MadeCase, writeTruth } from './made-case.ts';

const nearPpm = 20_000;
const missingPpm = 10_000;

export const nearPass: Pass = {
  kind: 'tolerance',
  name: 'near',
  conditions: [
    { field: 'currency', equal: true },
    { field: 'account', equal: true },
    { field: 'amount', absolute: '0.05' },
    { field: 'day', daysBefore: 2, daysAfter: 2 },
  ],
};

export const nearKeysDefinition: Definition = {
  name: 'transactions with changed keys',
  sources: [{ name: 'left', anchor: true }, { name: 'right' }],
  fields: [
    { name: 'id', role: 'KEY', mapping: { left: 'txn_id', right: 'ref' } },
    {
      name: 'amount',
      role: 'COMPARE',
      type: 'decimal',
      tolerance: { absolute: '0.01' },
      mapping: { left: 'amount', right: 'amt' },
    },
    {
      name: 'fee',
      role: 'COMPARE',
      type: 'decimal',
      tolerance: { percent: '1' },
      mapping: { left: 'fee', right: 'fee' },
    },
    {
      name: 'day',
      role: 'COMPARE',
      type: 'date',
      tolerance: { days: 2 },
      mapping: { left: 'booked', right: 'value_date' },
    },
    { name: 'currency', role: 'COMPARE', type: 'text', mapping: { left: 'currency', right: 'ccy' } },
    { name: 'account', role: 'COMPARE', type: 'text', mapping: { left: 'counterparty', right: 'counterparty' } },
  ],
  passes: [{ kind: 'exact-key', name: 'key' }, nearPass],
  currencyField: 'currency',
};

/** `exactOnly` is the path of the same definition without the tolerance pass. */
export type NearKeys = MadeCase & { exactOnly: string; leftRows: number; rightRows: number };

/** `rows` on each side, about: who has a partner and who has none is drawn row by row. */
export async function makeNearKeys(directory: string, seed: number, rows: number): Promise<NearKeys> {
  mkdirSync(directory, { recursive: true });
  const scratch = join(directory, 'scratch');
  const engine = await openEngine({
    directory: scratch,
    allowed: [directory],
    memoryMb: 4096,
    threads: availableParallelism(),
  });
  try {
    const transactions = Math.round((rows * 1_000_000) / (1_000_000 - missingPpm));
    await generateFiles(engine, { rows: transactions, seed, directory: scratch, breaksPpm: 0, duplicatesPpm: 0 });
    await engine.run(pairsSql(scratch, seed));
    await engine.run(rowsSql('left', 'id'));
    await engine.run(rowsSql('right', `md5_number_lower('${seed}:order:' || id), id`));
    await writeSide(engine, 'left', 'txn_id, booked, amount, fee, currency, counterparty', directory);
    await writeSide(engine, 'right', 'ref, value_date, ccy, amt, fee, counterparty', directory);
    const groups = await engine.rows<{ l: string; r: string }>(
      `SELECT l.row AS l, r.row AS r FROM left_rows l JOIN right_rows r USING (id) WHERE l.kind = 'near' ORDER BY l.row`,
    );
    const [counts] = await engine.rows<Record<'left' | 'right' | 'exact', string>>(
      `SELECT (SELECT count(*) FROM left_rows) AS "left", (SELECT count(*) FROM right_rows) AS "right",
        (SELECT count(*) FROM pairs WHERE kind = 'same') AS exact`,
    );
    const truth = groups.map(({ l, r }): Group => ({ left: [Number(l)], right: [Number(r)] }));
    const exactOnly = join(directory, 'exact-only.json');
    const [exact] = nearKeysDefinition.passes;
    writeFileSync(exactOnly, `${JSON.stringify({ ...nearKeysDefinition, passes: [exact] }, null, 2)}\n`);
    return {
      ...writeTruth(directory, nearKeysDefinition, truth, Number(counts!.exact)),
      exactOnly,
      leftRows: Number(counts!.left),
      rightRows: Number(counts!.right),
    };
  } finally {
    engine.close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Both sides of each transaction in one row, with what is to become of it. Near ones start from the left side's values. */
function pairsSql(scratch: string, seed: number): string {
  const text = (name: string) => `${name}: 'VARCHAR'`;
  const amount = (name: string) => `${name}: 'DECIMAL(15,2)'`;
  const date = (name: string) => `${name}: 'DATE'`;
  const left = [
    text('txn_id'),
    date('booked'),
    amount('amount'),
    amount('fee'),
    text('currency'),
    text('counterparty'),
  ];
  const right = [text('ref'), date('value_date'), text('ccy'), amount('amt'), amount('fee'), text('counterparty')];
  const read = (name: string, columns: string[]) =>
    `read_csv(${literal(join(scratch, name))}, header = true, columns = {${columns.join(', ')}})`;
  return `CREATE TABLE pairs AS
    SELECT l.txn_id AS id, l.txn_id, l.booked, l.amount, l.fee, l.currency, l.counterparty, draw, kind,
      -- Half of the keys are cut, half are written in another style: unique still, and none equal to one of the left.
      CASE WHEN kind <> 'near' THEN r.ref WHEN (draw >> 20) % 2 = 0 THEN substr(r.ref, 4) ELSE 'P-' || substr(r.ref, 2) END AS ref,
      CASE WHEN kind = 'near' THEN l.amount + (((draw >> 21) % 11)::INTEGER - 5) * 0.01::DECIMAL(3,2) ELSE r.amt END AS amt,
      CASE WHEN kind = 'near' THEN l.booked + (((draw >> 26) % 5)::INTEGER - 2) ELSE r.value_date END AS value_date,
      r.ccy
    FROM (
      SELECT *, md5_number_lower('${seed}:near:' || txn_id) AS draw,
        CASE WHEN draw % 1000000 < ${nearPpm} THEN 'near'
          WHEN draw % 1000000 < ${nearPpm + missingPpm} THEN 'left-only'
          WHEN draw % 1000000 < ${nearPpm + 2 * missingPpm} THEN 'right-only' ELSE 'same' END AS kind
      FROM ${read('left.csv', left)}
    ) l JOIN ${read('right.csv', right)} r ON l.txn_id = r.ref`;
}

function rowsSql(side: 'left' | 'right', order: string): string {
  const other = side === 'left' ? 'right-only' : 'left-only';
  return `CREATE TABLE ${side}_rows AS SELECT *, row_number() OVER (ORDER BY ${order}) AS row FROM pairs WHERE kind <> '${other}'`;
}

async function writeSide(engine: Engine, side: 'left' | 'right', columns: string, directory: string): Promise<void> {
  const path = literal(join(directory, `${side}.csv`));
  await engine.run(`COPY (SELECT ${columns} FROM ${side}_rows ORDER BY row) TO ${path} (FORMAT csv, HEADER true)`);
}
