// What the workbook of a run with 100,000 breaks costs: whole processes, from the run's objects to the file. The last file is read
// back, and every break must be in it. `node bench/breaks/workbook.ts`; prints a table and writes it into bench/results.md.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyOf } from '../../shared/adapters/memory/state.ts';
import type { BreakEntry } from '../../shared/domain/break.ts';
import { openBreak } from '../../shared/domain/break-changes.ts';
import { emptyFeed } from '../../shared/domain/feed.ts';
import { compileGraph } from '../../shared/domain/graph/compile-graph.ts';
import type { CanonicalField, GraphRole, GraphSource, KeptGraph } from '../../shared/domain/graph/graph.ts';
import type { Reconciliation } from '../../shared/domain/reconciliation.ts';
import type { Run, RunInputs } from '../../shared/domain/run.ts';
import { openEngine } from '../../shared/matching/engine.ts';
import { readSheet } from '../../shared/matching/input/convert-workbook.ts';
import { literal } from '../../shared/matching/sql.ts';
import { type Run as MeasuredRun, runOnce, summarise } from '../measure.ts';
import { benchDirectory } from '../paths.ts';
import { machine, table, writeSection } from '../results-page.ts';

const breaksOfRun = 100_000;
const commentedBreaks = 1_000;
const rounds = 3;
const limits = { secondsMax: 15, memoryMbMax: 400 };
const ref = { tenant: 'default', reconciliationId: 'rec-1' };
const runRef = { ...ref, runId: 'run-1' };
const at = '2026-01-05T09:00:00.000Z';

const field = (
  canonicalName: string,
  role: GraphRole,
  dataType: CanonicalField['dataType'] = 'STRING',
  formattingHint: string | null = null,
): CanonicalField => ({
  canonicalName,
  displayName: null,
  role,
  dataType,
  comparisonLogic: 'EXACT_MATCH',
  thresholdPercentage: null,
  formattingHint,
  required: false,
  mappings: ['CUSTODY', 'GL'].map((sourceCode) => ({ sourceCode, sourceColumn: canonicalName, required: true })),
});

/** Name → value as SQL over `n`, and its type. */
const values: Record<string, [sql: string, type: string]> = {
  tradeId: [`'T-' || n`, 'VARCHAR'],
  amount: ['(n * 1.25)::DECIMAL(18,2)', 'DECIMAL(18,2)'],
  booked: [`(DATE '2026-01-05' + (n % 300)::INTEGER)`, 'DATE'],
  product: [`'PRODUCT-' || n % 12`, 'VARCHAR'],
  entity: [`'Fund-' || n % 40`, 'VARCHAR'],
  quantity: ['(n % 1000)::BIGINT', 'BIGINT'],
  counterparty: [`'Counterparty ' || n % 500 || ' & partners'`, 'VARCHAR'],
  remark: [`'some text that somebody wrote about ' || n`, 'VARCHAR'],
};

const source = (code: string, id: number): GraphSource & { id: number } => ({
  id,
  code,
  displayName: null,
  adapterType: 'CSV_FILE',
  anchor: id === 1,
  description: null,
  connectionConfig: null,
  adapterOptions: null,
  arrivalExpectation: null,
  arrivalTimezone: null,
  arrivalSlaMinutes: null,
});

const graph: KeptGraph = {
  number: 1,
  version: 0,
  code: 'CUSTODY_GL',
  name: 'Custody and ledger',
  description: null,
  owner: null,
  notes: null,
  makerCheckerEnabled: true,
  autoTriggerEnabled: false,
  autoTriggerCron: null,
  autoTriggerTimezone: null,
  autoTriggerGraceMinutes: null,
  sources: [source('CUSTODY', 1), source('GL', 2)],
  canonicalFields: [
    field('tradeId', 'KEY'),
    field('amount', 'COMPARE', 'DECIMAL', '#,##0.00'),
    field('booked', 'COMPARE', 'DATE', 'dd.MM.yyyy'),
    field('product', 'PRODUCT'),
    field('entity', 'ENTITY'),
    field('quantity', 'COMPARE', 'INTEGER'),
    field('counterparty', 'DISPLAY'),
    field('remark', 'DISPLAY'),
  ],
  reportTemplates: [],
  accessControlEntries: [],
  createdBy: 'admin.ops',
  updatedBy: 'admin.ops',
  updatedAt: at,
};

const results: { name: string; matches: number; ms: number; peakMb: number; mb: number }[] = [];
for (const matches of [0, 100_000]) {
  const directory = join(benchDirectory, `workbook-${matches}`);
  await makeRun(directory, matches);
  const runs: MeasuredRun[] = [];
  let made = { path: '', bytes: 0 };
  for (let round = 0; round < rounds; round += 1) {
    // As a function that has just started, and a run whose workbook nobody has asked for.
    rmSync(join(directory, 'cache'), { recursive: true, force: true });
    for (const name of readdirSync(directory)) if (name.startsWith('exports_')) rmSync(join(directory, name));
    const run = runOnce([process.execPath, join(import.meta.dirname, 'make-workbook.ts'), directory]);
    if (run.exit !== 0) throw new Error(`the workbook was not made: ${run.exit}`);
    runs.push(run);
    made = JSON.parse(run.printed) as typeof made;
  }
  await verify(made.path, matches);
  const name = `${breaksOfRun / 1000}k breaks${matches > 0 ? `, ${matches / 1000}k matches` : ''}`;
  const { medianMs: ms, peakMb } = summarise(name, runs);
  results.push({ name, matches, ms, peakMb, mb: made.bytes / 1e6 });
  rmSync(directory, { recursive: true, force: true });
}
const text = table([
  ['run', 'median', 'peak memory', 'file'],
  ...results.map(({ name, ms, peakMb, mb }) => [
    name,
    `${(ms / 1000).toFixed(1)} s`,
    `${Math.round(peakMb)} MB`,
    `${mb.toFixed(1)} MB`,
  ]),
]);
const [first] = results;
const met = first!.ms <= limits.secondsMax * 1000 && first!.peakMb <= limits.memoryMbMax;
const verdict = `100k breaks in at most ${limits.secondsMax} s and ${limits.memoryMbMax} MB: ${met ? 'met' : '**not met**'}.`;
console.log(`\n${text}\n\n${verdict}`);
writeSection(
  'Break management: workbook of a run',
  `\`node bench/breaks/workbook.ts\`: the default workbook of a run with ${Object.keys(values).length} fields a side, ${commentedBreaks} breaks with a comment; whole processes from the run's objects to the file, medians of ${rounds}, every row counted in the file that was written. Machine: ${machine()}.\n\n${text}\n\n${verdict}`,
);

async function makeRun(directory: string, matches: number): Promise<void> {
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

function worldOf(named: NonNullable<Run['results']>) {
  const run: Run = {
    ...runRef,
    number: 1,
    trigger: 'arrival',
    actor: 'system',
    status: 'COMPLETED',
    stage: 'settle',
    generation: 1,
    claims: {},
    inputsKey: 'runs/inputs.json',
    definition: compileGraph(graph),
    dimensions: { product: 'product', entity: 'entity' },
    progress: { stage: 'settle', done: 1, total: 1 },
    results: named,
    version: 1,
    queuedAt: at,
    stagedAt: {},
    doneIn: {},
  };
  const reconciliation: Reconciliation = {
    ...ref,
    code: 'custody_gl',
    name: graph.name,
    description: '',
    ownerId: 'admin.ops',
    status: 'PUBLISHED',
    graph,
    definition: run.definition!,
    version: 1,
    createdAt: at,
    updatedAt: at,
  };
  const feed = { ...emptyFeed(ref), version: 1, settled: { runId: run.runId, number: 1, ledgerKey: named.ledgerKey! } };
  const breaks: [string, unknown][] = [];
  const breakEntries: [string, unknown][] = [];
  for (let index = 0; index < commentedBreaks; index += 1) {
    const breakId = String(1 + index * (breaksOfRun / commentedBreaks));
    const observed = {
      identity: `T-${breakId}`,
      type: 'MISMATCH' as const,
      missingIn: null,
      key: `T-${breakId}`,
      occurrence: 1,
      source: 'GL',
      leftRow: 1,
      rightRow: 1,
      left: {},
      right: {},
      differences: [],
      contentHash: 'h',
    };
    const opened = openBreak({ ...ref, breakId }, { observed, openedAt: Date.parse(at) }, { ...run, breaksKey: '' });
    const entry: BreakEntry = {
      number: 1,
      id: index,
      at,
      actorDn: 'CN=analyst.jane,OU=Users,DC=corp,DC=example',
      action: 'COMMENT',
      comment: 'Investigated variance with custodian, awaiting approval',
    };
    const key = keyOf(ref.tenant, ref.reconciliationId, breakId);
    breaks.push([key, { ...opened, status: 'PENDING_APPROVAL', entries: 1 }]);
    breakEntries.push([keyOf(key, 1), entry]);
  }
  return {
    run,
    state: {
      runs: [[keyOf(run.tenant, run.reconciliationId, run.runId), run]],
      reconciliations: [[keyOf(ref.tenant, ref.reconciliationId), reconciliation]],
      feeds: [[keyOf(ref.tenant, ref.reconciliationId), feed]],
      breaks,
      breakEntries,
    },
  };
}

async function verify(path: string, matches: number): Promise<void> {
  const expected = { Breaks: breaksOfRun, Matched: matches, Comments: commentedBreaks };
  for (const [sheet, rows] of Object.entries(expected)) {
    let found = -1;
    await readSheet(path, sheet, path, () => {
      found += 1;
      return undefined;
    });
    if (found !== rows) throw new Error(`${sheet} has ${found} rows, not ${rows}`);
  }
}
