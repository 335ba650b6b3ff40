// Passes after the exact key through the deployed platform: in one chunk and in several the outcome is the engine's own, and
// what they found is shown by the query function and in the breaks.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type DeployedPipeline, openDeployedPipeline } from '../../../bench/deployed-pipeline.ts';
import type { Definition } from '../../../shared/domain/definition.ts';
import type { MatchSummary } from '../../../shared/domain/outcome.ts';
import { openEngine } from '../../../shared/matching/engine.ts';
import { loadSources } from '../../../shared/matching/load/load-sources.ts';
import { canonicalOutcome } from '../../../shared/matching/match/canonical-outcome.ts';
import { matchSources } from '../../../shared/matching/match/match-sources.ts';

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
      by: ['batch'],
      amount: 'amount',
      search: { recordsMax: 3 },
      fee: { fixed: '0.99', per: 'group' },
    },
  ],
  currencyField: 'ccy',
};

/** 300 pairs by key, 40 that are near, 20 payouts of three less a fee, ties and records without a partner. */
function files(): { bank: string; ledger: string } {
  const bank = ['id,amount,booked,ccy,batch'];
  const ledger = [...bank];
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
  return { bank: `${bank.join('\n')}\n`, ledger: `${ledger.join('\n')}\n` };
}

let pipeline: DeployedPipeline;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tieout-passes-'));
  pipeline = await openDeployedPipeline(inject('stack'));
});
afterAll(async () => {
  await pipeline.forceChunks(undefined);
  rmSync(directory, { recursive: true, force: true });
});

/** What the command line would say of the same files. */
async function ofEngine(given: Record<string, string>): Promise<{ canonical: string; summary: MatchSummary }> {
  const own = join(directory, 'engine');
  mkdirSync(own);
  const named = Object.fromEntries(
    Object.entries(given).map(([source, text]) => {
      const path = join(directory, `${source}.csv`);
      writeFileSync(path, text);
      return [source, { path }];
    }),
  );
  const engine = await openEngine({ directory: own, allowed: [directory], memoryMb: 1_024, threads: 2 });
  try {
    const loaded = await loadSources(engine, { definition, files: named });
    if (!loaded.ok) throw new Error(loaded.detail);
    const matched = await matchSources(engine, { definition, sources: loaded.value, directory: join(own, 'results') });
    if (!matched.ok) throw new Error(matched.detail);
    const { matchesPath, breaksPath, summary } = matched.value;
    const outcome = await canonicalOutcome(engine, {
      definition,
      sources: loaded.value,
      matchesPaths: [matchesPath],
      breaksPaths: [breaksPath],
      outputPath: join(own, 'canonical.ndjson'),
    });
    return { canonical: outcome.sha256, summary };
  } finally {
    engine.close();
  }
}

test('tolerance and groups give the outcome of the engine in one chunk and in five, and are shown', {
  timeout: 240_000,
}, async () => {
  const given = files();
  const expected = await ofEngine(given);
  expect(expected.summary.passes.map(({ matched, groups }) => [matched, groups])).toEqual([
    [300, 0],
    [40, 0],
    [0, 20],
  ]);
  for (const chunks of [1, 5]) {
    await pipeline.forceChunks(chunks);
    const reconciliation = await pipeline.createReconciliation(definition);
    for (const [source, text] of Object.entries(given)) await pipeline.drop(reconciliation, source, 'in.csv', text);
    const run = await pipeline.ended(reconciliation, 1);
    expect(run).toMatchObject({ status: 'COMPLETED', chunks });
    expect('residue' in run.stagedAt, 'what the chunks leave is matched together').toBe(chunks > 1);
    expect(await pipeline.canonical(run, join(directory, `run-${chunks}`))).toBe(expected.canonical);
    expect(run.summary).toEqual(expected.summary);

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
});
