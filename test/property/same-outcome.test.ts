// One definition with an exact, a tolerance, a fuzzy and a grouped pass has one outcome: from the command line's path, from one chunk
// and from sixteen, for fifty orders of the rows in the files. Byte for byte, by the canonical outcome. Sixteen chunks are
// thirty more calls of the engine: every fifth order goes through them, every one with SIXTEEN_EVERY=1.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { pipelineDefaults } from '../../shared/app/deps.ts';
import { createDuckdbEngine } from '../../shared/app/duckdb-engine.ts';
import type { Definition } from '../../shared/domain/definition.ts';
import { openEngine } from '../../shared/matching/engine.ts';
import { loadSources } from '../../shared/matching/load/load-sources.ts';
import { canonicalOutcome } from '../../shared/matching/match/canonical-outcome.ts';
import { matchSources } from '../../shared/matching/match/match-sources.ts';
import { readDuckdbResults } from '../fault/duckdb-results.ts';
import { createRandom } from '../fault/random.ts';
import { ref, tenant } from '../fault/scenario.ts';
import { createWorld, noFaults } from '../fault/world.ts';

const both = (name: string) => ({ bank: name, ledger: name });
const definition: Definition = {
  name: 'Bank and ledger',
  sources: [{ name: 'bank', anchor: true }, { name: 'ledger' }],
  fields: [
    { name: 'id', role: 'KEY', type: 'text', mapping: both('id') },
    { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: both('amount') },
    { name: 'booked', role: 'COMPARE', type: 'date', mapping: both('booked') },
    { name: 'ccy', role: 'CLASSIFIER', type: 'text', mapping: both('ccy') },
    { name: 'batch', role: 'CLASSIFIER', type: 'text', mapping: both('batch') },
    { name: 'party', role: 'CLASSIFIER', type: 'text', mapping: both('party') },
  ],
  passes: [
    { kind: 'exact-key', name: 'key' },
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
      kind: 'fuzzy',
      name: 'alike',
      equal: ['ccy'],
      fields: [{ field: 'party' }, { field: 'amount' }, { field: 'booked' }],
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
const header = 'id,amount,booked,ccy,batch,party';

/**
 * Of everything some: agreeing keys, keys that repeat, mismatches, near pairs, a tie, payouts, parties written otherwise, identical ones
 * and one that could be two, and what stays alone.
 */
function rowsOf(): { bank: string[]; ledger: string[] } {
  const [bank, ledger]: [string[], string[]] = [[], []];
  for (let at = 0; at < 30; at += 1) for (const side of [bank, ledger]) side.push(`K${at},${at}.00,2026-01-05,EUR,`);
  for (const side of [bank, ledger]) side.push('D1,70.00,2026-01-05,EUR,', 'D1,71.00,2026-01-05,EUR,');
  bank.push('D1,71.00,2026-01-05,EUR,', 'X1,80.00,2026-01-05,EUR,');
  ledger.push('X1,88.00,2026-01-05,EUR,');
  for (let at = 0; at < 8; at += 1) {
    bank.push(`N${at},${500 + at * 3}.10,2026-01-06,EUR,`);
    ledger.push(`M${at},${500 + at * 3}.12,2026-01-07,EUR,`);
  }
  for (let at = 0; at < 5; at += 1) {
    const parts = [101 + at * 7, 211 + at * 5, 307 + at * 3];
    for (const [number, part] of parts.entries()) ledger.push(`O${at}-${number},${part}.00,2026-01-05,USD,B${at}`);
    bank.push(`P${at},${parts.reduce((sum, part) => sum + part, 0) - 1}.01,2026-01-08,USD,B${at}`);
  }
  for (const [at, party] of ['Acme Trading', 'Blue Sky Air', 'Northwind', 'Globex', 'Initech'].entries()) {
    bank.push(`F${at},${7000 + at * 11}.00,2026-02-0${at + 1},CHF,,${party} Limited`);
    ledger.push(`G${at},${7000 + at * 11}.50,2026-02-0${at + 1},CHF,,${party.replace('e', 'ee')} Ltd`);
  }
  for (const _copy of [1, 2]) {
    bank.push('I1,7777.00,2026-03-01,CHF,,Umbrella Corporation');
    ledger.push('I2,7777.00,2026-03-12,CHF,,Umbrella Corp');
  }
  bank.push('W1,8111.00,2026-03-05,CHF,,Wonka');
  ledger.push('W2,8111.00,2026-03-15,CHF,,Wonka', 'W3,8111.00,2026-03-15,CHF,,Wonka');
  bank.push('T1,9000.00,2026-01-06,EUR,', 'L1,9500.00,2026-01-06,EUR,', ',9600.00,2026-01-06,EUR,');
  ledger.push('T2,9000.01,2026-01-06,EUR,', 'T3,8999.99,2026-01-06,EUR,', 'L2,9501.00,2026-01-06,EUR,');
  const withParty = (rows: string[]) => rows.map((one) => (one.split(',').length === 5 ? `${one},` : one));
  return { bank: withParty(bank), ledger: withParty(ledger) };
}

const directory = mkdtempSync(join(tmpdir(), 'tieout-same-outcome-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
let calls = 0;
const own = () => mkdtempSync(join(directory, `${(calls += 1)}-`));
type Files = { bank: string; ledger: string };

/** What `tieout match` does. */
async function ofCommandLine(files: Files): Promise<string> {
  const at = own();
  const named = Object.fromEntries(
    Object.entries(files).map(([source, text]) => {
      const path = join(at, `${source}.csv`);
      writeFileSync(path, text);
      return [source, { path }];
    }),
  );
  const engine = await openEngine({ directory: join(at, 'engine'), allowed: [at], memoryMb: 512, threads: 2 });
  try {
    const loaded = await loadSources(engine, { definition, files: named });
    if (!loaded.ok) throw new Error(loaded.detail);
    const matched = await matchSources(engine, {
      definition,
      sources: loaded.value,
      directory: join(at, 'engine/out'),
    });
    if (!matched.ok) throw new Error(matched.detail);
    const { sha256 } = await canonicalOutcome(engine, {
      definition,
      sources: loaded.value,
      matchesPaths: [matched.value.matchesPath],
      breaksPaths: [matched.value.breaksPath],
      outputPath: join(at, 'engine/canonical.ndjson'),
    });
    expect(matched.value.summary.passes.map(({ pairs, groups, ambiguous }) => [pairs, groups, ambiguous])).toEqual([
      [33, 0, 0],
      [8, 0, 3],
      [8, 0, 3],
      [0, 5, 0],
    ]);
    return sha256;
  } finally {
    engine.close();
  }
}

/** A drop into the pipeline: its use cases over memory adapters, with the real engine. */
async function ofPipeline(files: Files, chunksForced: number): Promise<string> {
  // This world lets a process make one call at a time.
  const settings = { ...pipelineDefaults, bucket: 'b', scratchDirectory: own(), chunksForced, breakWritesAtOnce: 1 };
  const engine = createDuckdbEngine({ memoryMb: 256, threads: 1 });
  const world = createWorld(createRandom(1), noFaults, engine, settings);
  await world.deps.reconciliations.create({
    ...{ ...ref, code: 'pair', name: 'pair', description: '', ownerId: 'person', status: 'PUBLISHED' as const },
    ...{ definition, version: 1, createdAt: '2026-01-05T09:00:00.000Z', updatedAt: '2026-01-05T09:00:00.000Z' },
  });
  for (const [source, text] of Object.entries(files)) {
    const stored = await world.deps.objects.put(`drop/${tenant}/pair/${source}/in.csv`, text);
    world.enqueue({ kind: 'object-received', ...stored });
  }
  let moves = 0;
  while (await world.happen()) if ((moves += 1) > 20_000) throw new Error('it never ends');
  const [run] = (await world.deps.runs.list(ref)).items;
  expect(run).toMatchObject({ status: 'COMPLETED', chunks: chunksForced });
  expect('residue' in run!.stagedAt).toBe(chunksForced > 1);
  const { sha256 } = (await readDuckdbResults(world, run!)) as { sha256: string };
  return sha256;
}

const shuffles = Number(process.env.SHUFFLES ?? 50);
const sixteenEvery = Number(process.env.SIXTEEN_EVERY ?? 5);
const text = (rows: string[]) => `${[header, ...rows].join('\n')}\n`;
const shuffled = (rows: string[], seed: number) =>
  fc.sample(fc.shuffledSubarray(rows, { minLength: rows.length }), { numRuns: 1, seed })[0]!;

test(`${shuffles} shuffles, every ${sixteenEvery}th of them in sixteen chunks too, give the one outcome of the command line`, {
  timeout: 1_800_000,
}, async () => {
  const rows = rowsOf();
  const expected = await ofCommandLine({ bank: text(rows.bank), ledger: text(rows.ledger) });
  for (let seed = 1; seed <= shuffles; seed += 1) {
    const files = { bank: text(shuffled(rows.bank, seed)), ledger: text(shuffled(rows.ledger, -seed)) };
    const found = {
      seed,
      commandLine: await ofCommandLine(files),
      one: await ofPipeline(files, 1),
      ...(seed % sixteenEvery === 0 && { sixteen: await ofPipeline(files, 16) }),
    };
    const { seed: _, ...outcomes } = found;
    expect([found.seed, new Set(Object.values(outcomes))]).toEqual([seed, new Set([expected])]);
  }
});
