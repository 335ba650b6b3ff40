// Passes after the exact key through the deployed platform: in one chunk and in sixteen, for any order of the rows, the
// outcome is the one that the command line gives, and what they found is shown by the query function and in the breaks.
// `SHUFFLES=50` puts fifty orders through all three.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type DeployedPipeline, openDeployedPipeline } from '../../../bench/deployed-pipeline.ts';
import type { Definition } from '../../../shared/domain/definition.ts';
import type { PassYield } from '../../../shared/domain/outcome.ts';
import type { Reconciliation } from '../../../shared/domain/reconciliation.ts';
import type { Run } from '../../../shared/domain/run.ts';
import { openEngine } from '../../../shared/matching/engine.ts';
import { loadSources } from '../../../shared/matching/load/load-sources.ts';
import { canonicalOutcome } from '../../../shared/matching/match/canonical-outcome.ts';
import buildCommandLine from '../../setup/command-line.ts';
import { openWorkplace } from '../cli/command.ts';

const both = (name: string) => ({ bank: name, ledger: name });
const definition: Definition = {
  name: 'Bank and ledger',
  sources: [{ name: 'bank', anchor: true }, { name: 'ledger' }],
  fields: [
    { name: 'id', role: 'KEY', mapping: both('id') },
    { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: both('amount') },
    { name: 'booked', role: 'COMPARE', type: 'date', mapping: both('booked') },
    { name: 'ccy', role: 'CLASSIFIER', type: 'text', mapping: both('ccy') },
    { name: 'batch', role: 'CLASSIFIER', type: 'text', mapping: both('batch') },
  ],
  passes: [
    { kind: 'exact-key' },
    {
      kind: 'tolerance',
      name: 'near',
      conditions: [
        { field: 'ccy', equal: true },
        { field: 'amount', absolute: '0.05' },
        { field: 'booked', daysBefore: 0, daysAfter: 2 },
      ],
    },
    {
      kind: 'grouped',
      name: 'payouts',
      cardinality: 'one-to-many',
      by: ['ccy', 'batch'],
      amount: 'amount',
      search: { recordsMax: 3 },
      fee: { fixed: '0.99', per: 'group' },
    },
  ],
  currencyField: 'ccy',
};

type Rows = { bank: string[]; ledger: string[] };
type Files = { bank: string; ledger: string };

/** 300 pairs by key, 40 that are near, 20 payouts of three less a fee, ties and records without a partner. */
function rowsOf(): Rows {
  const [bank, ledger]: [string[], string[]] = [[], []];
  for (let at = 0; at < 300; at += 1)
    for (const side of [bank, ledger]) side.push(`K${at},${1_000 + at}.00,2026-01-05,EUR,`);
  for (let at = 0; at < 40; at += 1) {
    bank.push(`N${at},${5_000 + at * 3}.10,2026-01-06,EUR,`);
    ledger.push(`M${at},${5_000 + at * 3}.12,2026-01-07,EUR,`);
  }
  for (let at = 0; at < 20; at += 1) {
    const parts = [101 + at * 7, 211 + at * 5, 307 + at * 3];
    for (const [number, part] of parts.entries()) ledger.push(`O${at}-${number},${part}.00,2026-01-05,EUR,B${at}`);
    const paid = parts.reduce((sum, part) => sum + part, 0) - 1;
    bank.push(`P${at},${paid}.01,2026-01-08,EUR,B${at}`);
  }
  bank.push('T1,9000.00,2026-01-06,EUR,', 'L1,9500.00,2026-01-06,EUR,');
  ledger.push('T2,9000.01,2026-01-06,EUR,', 'T3,8999.99,2026-01-06,EUR,', 'L2,9501.00,2026-01-06,EUR,');
  return { bank, ledger };
}

const shuffles = Number(process.env.SHUFFLES ?? 3);
const shuffled = (rows: string[], seed: number) =>
  seed === 0 ? rows : fc.sample(fc.shuffledSubarray(rows, { minLength: rows.length }), { numRuns: 1, seed })[0]!;

/** The files in an order of their rows; 0 is the order that they are made in. */
function filesIn(order: number): Files {
  const text = (rows: string[]) => `id,amount,booked,ccy,batch\n${rows.join('\n')}\n`;
  const { bank, ledger } = rowsOf();
  return { bank: text(shuffled(bank, order)), ledger: text(shuffled(ledger, -order)) };
}

let pipeline: DeployedPipeline;
let directory: string;
beforeAll(async () => {
  buildCommandLine();
  directory = mkdtempSync(join(tmpdir(), 'tieout-passes-'));
  pipeline = await openDeployedPipeline(inject('stack'));
});
afterAll(async () => {
  await pipeline.forceChunks(undefined);
  rmSync(directory, { recursive: true, force: true });
});

/** What `tieout match` writes, in its canonical form. */
async function ofCommandLine(given: Files): Promise<{ canonical: string; passes: PassYield[] }> {
  const place = openWorkplace();
  try {
    place.write('definition.json', JSON.stringify(definition));
    const named = Object.entries(given).flatMap(([source, text]) => {
      place.write(`${source}.csv`, text);
      return ['--file', `${source}=${source}.csv`];
    });
    const words = [
      'match',
      '--definition',
      'definition.json',
      ...named,
      '--format',
      'parquet',
      '--out',
      'out',
      '--json',
    ];
    const ran = place.run(...words);
    expect([ran.code, ran.stderr]).toEqual([1, '']);
    const settled = JSON.parse(readFileSync(place.path('out/definition.json'), 'utf8')) as Definition;
    const files = { bank: { path: place.path('bank.csv') }, ledger: { path: place.path('ledger.csv') } };
    const engine = await openEngine({
      ...{ directory: place.path('engine'), allowed: [place.directory], memoryMb: 1_024, threads: 2 },
    });
    try {
      const loaded = await loadSources(engine, { definition: settled, files });
      if (!loaded.ok) throw new Error(loaded.detail);
      const { sha256 } = await canonicalOutcome(engine, {
        definition,
        sources: loaded.value,
        matchesPaths: [place.path('out/matches.parquet')],
        breaksPaths: [place.path('out/breaks.parquet')],
        outputPath: place.path('engine/canonical.ndjson'),
      });
      return { canonical: sha256, passes: (JSON.parse(ran.stdout) as { passes: PassYield[] }).passes };
    } finally {
      engine.close();
    }
  } finally {
    place.remove();
  }
}

/** One after the other: sixteen tasks are as many processes as a small machine has use for. */
async function runOf(order: number): Promise<{ reconciliation: Reconciliation; run: Run }> {
  const reconciliation = await pipeline.createReconciliation(definition);
  for (const [source, text] of Object.entries(filesIn(order)))
    await pipeline.drop(reconciliation, source, 'in.csv', text);
  return { reconciliation, run: await pipeline.ended(reconciliation, 1, 300_000) };
}

test(`command line, one chunk and sixteen give one outcome for the order of the files and ${shuffles} others, and it is shown`, {
  timeout: 120_000 + shuffles * 60_000,
}, async () => {
  const orders = Array.from({ length: shuffles + 1 }, (_, order) => order);
  const expected = await ofCommandLine(filesIn(0));
  expect(expected.passes.map(({ matched, groups, ambiguous }) => [matched, groups, ambiguous])).toEqual([
    [300, 0, 0],
    [40, 0, 3],
    [0, 20, 0],
  ]);
  for (const order of orders) expect([order, await ofCommandLine(filesIn(order))]).toEqual([order, expected]);
  for (const chunks of [1, 16]) {
    await pipeline.forceChunks(chunks);
    for (const order of orders) {
      const { reconciliation, run } = await runOf(order);
      expect(run).toMatchObject({ status: 'COMPLETED', chunks });
      expect('residue' in run.stagedAt, 'what the chunks leave is matched together').toBe(chunks > 1);
      const canonical = await pipeline.canonical(run, join(directory, `run-${chunks}-${order}`));
      expect([chunks, order, canonical]).toEqual([chunks, order, expected.canonical]);
      expect(run.summary!.passes).toEqual(expected.passes);
      if (order === 0) await expectShown(reconciliation, run);
    }
  }
});

async function expectShown(reconciliation: Reconciliation, run: Run): Promise<void> {
  const fuzzy = await pipeline.results.page(run, { outcomes: ['matched'], matchedBy: 'other' }, 0, 200);
  // Forty pairs, and three records of each of twenty groups beside the one.
  expect(fuzzy.total).toBe(100);
  const members = fuzzy.rows.filter(({ pass }) => pass === 'payouts');
  expect(members).toHaveLength(60);
  expect(new Set(members.map(({ groupId }) => groupId)).size).toBe(20);
  expect(members.every(({ group }) => group?.amount?.difference === '0.99')).toBe(true);
  const made = await pipeline.results.export(run, 'json', {});
  const exported = JSON.parse(Buffer.from((await pipeline.deps.objects.get(made.key))!).toString()) as object[];
  expect(exported).toHaveLength(300 + 100 + 5);

  const { items } = await pipeline.deps.breaks.list(reconciliation, undefined, 100);
  const candidates = items.map(({ key, type, explanation }) => [
    key,
    type,
    explanation?.candidates.map((one) => `${one.kind} ${one.key}`).toSorted(),
  ]);
  expect(candidates.toSorted()).toEqual([
    ['L1', 'MISSING', ['nearest L2']],
    ['L2', 'MISSING', ['nearest L1']],
    ['T1', 'AMBIGUOUS', ['tied T2', 'tied T3']],
    ['T2', 'AMBIGUOUS', ['tied T1']],
    ['T3', 'AMBIGUOUS', ['tied T1']],
  ]);
}
