// The run whose workbook is measured: its objects as files in a directory, its items in `world.json`. Every break differs in its amount.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyOf, type MemoryState } from '../../shared/adapters/memory/state.ts';
import { emptyFeed } from '../../shared/domain/feed.ts';
import { dimensionsOf } from '../../shared/domain/graph/dimensions.ts';
import type { Run, RunInputs } from '../../shared/domain/run.ts';
import { openEngine } from '../../shared/matching/engine.ts';
import { literal } from '../../shared/matching/sql.ts';
import { commented, definition, fieldOf, tenant } from './made-stores.ts';

export const breaksOfRun = 100_000;
export const commentedBreaks = 1_000;

export type World = { run: Run; state: { [Name in keyof MemoryState]?: [string, unknown][] } };

const at = '2026-01-05T09:00:00.000Z';
const reconciliation = definition(1, [
  fieldOf('tradeId', 'KEY'),
  fieldOf('amount', 'COMPARE', 'DECIMAL', '#,##0.00'),
  fieldOf('booked', 'COMPARE', 'DATE', 'dd.MM.yyyy'),
  fieldOf('product', 'PRODUCT'),
  fieldOf('entity', 'ENTITY'),
  fieldOf('quantity', 'COMPARE', 'INTEGER'),
  fieldOf('counterparty', 'DISPLAY'),
  fieldOf('remark', 'DISPLAY'),
]);

/** Name → value as SQL over `n`, and its type. */
export const values: Record<string, [sql: string, type: string]> = {
  tradeId: [`'T-' || n`, 'VARCHAR'],
  amount: ['(n * 1.25)::DECIMAL(18,2)', 'DECIMAL(18,2)'],
  booked: [`(DATE '2026-01-05' + (n % 300)::INTEGER)`, 'DATE'],
  product: [`'PRODUCT-' || n % 12`, 'VARCHAR'],
  entity: [`'Fund-' || n % 40`, 'VARCHAR'],
  quantity: ['(n % 1000)::BIGINT', 'BIGINT'],
  counterparty: [`'Counterparty ' || n % 500 || ' & partners'`, 'VARCHAR'],
  remark: [`'some text that somebody wrote about ' || n`, 'VARCHAR'],
};

export async function makeRun(directory: string, matches: number): Promise<void> {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const engine = await openEngine({ directory, memoryMb: 1_000, threads: 2 });
  const put = async (key: string, select: string): Promise<string> => {
    const path = join(directory, key.replaceAll('/', '_'));
    await engine.run(`COPY (${select}) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`);
    return key;
  };
  const sides = Object.entries(values).flatMap(([name, [sql]]) => [
    `${sql} AS left_${name}`,
    `${name === 'amount' ? '(n * 1.25 + 0.25)::DECIMAL(18,2)' : sql} AS right_${name}`,
  ]);
  const difference = `[{"source":"GL","field":"amount","left":"1.25","right":"1.50","difference":"0.25"}]`;
  const breaksKey = await put(
    'runs/breaks.parquet',
    `SELECT 'MISMATCH' AS break_type, NULL::VARCHAR AS missing_in, 'T-' || n AS key, 1 AS occurrence, 'T-' || n AS identity, 'GL' AS source,
      10000000000 + n AS left_row, 20000000000 + n AS right_row, ${sides.join(', ')}, ['amount'] AS fields, ${literal(difference)} AS differences
      FROM range(1, ${breaksOfRun + 1}) t(n)`,
  );
  const ledgerKey = await put(
    'runs/ledger.parquet',
    `SELECT 'T-' || n AS identity, 'h' AS content_hash, n::VARCHAR AS break_id, 'open' AS state, 'GL' AS source, 1::BIGINT AS left_row,
      1::BIGINT AS right_row, ${Date.parse(at)}::BIGINT AS opened_at FROM range(1, ${breaksOfRun + 1}) t(n)`,
  );
  const matchesKey = await put(
    'runs/matches.parquet',
    `SELECT 'M-' || n AS key, 10000000000 + n AS left_row, 20000000000 + n AS right_row, '1-exact-key' AS pass, 1::DOUBLE AS confidence
      FROM range(${breaksOfRun + 1}, ${breaksOfRun + matches + 1}) t(n)`,
  );
  const inputs: RunInputs = { sources: [], withdrawn: [] };
  for (const [index, code] of ['CUSTODY', 'GL'].entries()) {
    const columns = Object.entries(values).map(([name, [sql]]) => `${sql} AS ${name}`);
    const rows = breaksOfRun + matches;
    const key = await put(
      `batches/${code}.parquet`,
      `SELECT ${index + 1}0000000000 + n AS "$row", ${columns.join(', ')} FROM range(1, ${rows + 1}) t(n)`,
    );
    const fields = Object.entries(values).map(([name, [, sqlType]]) => ({ name, sqlType, readings: [] }));
    const batch = { number: index + 1, fileName: `${code}.csv` };
    const counted = { records: rows, rejected: 0, excluded: 0, sums: {} };
    inputs.sources.push({
      source: code,
      fields: fields as unknown as RunInputs['sources'][number]['fields'],
      parts: [{ key, rows, batch }],
      ...counted,
    });
  }
  engine.close();
  writeFileSync(join(directory, 'runs_inputs.json'), JSON.stringify(inputs));
  writeFileSync(
    join(directory, 'world.json'),
    JSON.stringify(worldOf({ breaksKey, ledgerKey, matchesKeys: [matchesKey] })),
  );
}

function worldOf(results: NonNullable<Run['results']>): World {
  const { reconciliationId } = reconciliation;
  const run: Run = {
    tenant,
    reconciliationId,
    runId: 'run-1',
    number: 1,
    trigger: 'arrival',
    actor: 'system',
    status: 'COMPLETED',
    stage: 'settle',
    generation: 1,
    claims: {},
    inputsKey: 'runs/inputs.json',
    definition: reconciliation.definition!,
    dimensions: dimensionsOf(reconciliation.graph),
    progress: { stage: 'settle', done: 1, total: 1 },
    results,
    version: 1,
    queuedAt: at,
    stagedAt: {},
    doneIn: {},
  };
  const settled = { runId: run.runId, number: 1, ledgerKey: results.ledgerKey! };
  const touched = Array.from({ length: commentedBreaks }, (_, index) =>
    commented(reconciliation, String(1 + index * (breaksOfRun / commentedBreaks)), index),
  );
  const keyOfBreak = (breakId: string): string => keyOf(tenant, reconciliationId, breakId);
  return {
    run,
    state: {
      runs: [[keyOf(tenant, reconciliationId, run.runId), run]],
      reconciliations: [[keyOf(tenant, reconciliationId), reconciliation]],
      feeds: [[keyOf(tenant, reconciliationId), { ...emptyFeed(run), version: 1, settled }]],
      breaks: touched.map(({ break: item }) => [keyOfBreak(item.breakId), item]),
      breakEntries: touched.map(({ break: item, entry }) => [keyOf(keyOfBreak(item.breakId), entry.number), entry]),
    },
  };
}
