// What must hold of every match, whatever the records: the words of the specification, tried on small crowded inputs.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Engine, openEngine } from '../../../shared/matching/engine.ts';
import { matchSources } from '../../../shared/matching/match/match-sources.ts';
import { mergeSummaries } from '../../../shared/matching/match/merge-summaries.ts';
import { partitionSource } from '../../../shared/matching/match/partition-source.ts';
import type { LoadedSource } from '../../../shared/matching/records.ts';
import { type CanonicalLine, canonicalLines, matchRows } from '../../unit/matching/match/records-from-rows.ts';
import { definition, fieldsOf, foldText, loaded, rows, rules, type TestRow } from './generated-sources.ts';
import { type Rules, referenceOutcome } from './reference-matcher.ts';

let engine: Engine;
const directory = mkdtempSync(join(tmpdir(), 'match-property-'));
beforeAll(async () => {
  engine = await openEngine({ directory, memoryMb: 500, threads: 2 });
});
afterAll(() => {
  engine.close();
  rmSync(directory, { recursive: true, force: true });
});

const runs = { numRuns: Number(process.env.MATCH_PROPERTY_RUNS ?? 25) };

async function outcome(sources: LoadedSource[], rulesOf: Rules) {
  const named = definition(
    fieldsOf(rulesOf),
    sources.map((source) => source.source),
  );
  const matched = await matchRows(engine, named, sources);
  return { matched, ...(await canonicalLines(engine, named, sources, [matched])) };
}

test('the outcome is that of a matcher that goes row by row', async () => {
  await fc.assert(
    fc.asyncProperty(rows, rows, rules, async (left, right, rulesOf) => {
      const fields = fieldsOf(rulesOf);
      const { lines } = await outcome([loaded('left', fields, left), loaded('right', fields, right)], rulesOf);
      expect(lines.map((line) => asReference(line, rulesOf)).sort()).toEqual(referenceOutcome(left, right, rulesOf));
    }),
    { ...runs, numRuns: runs.numRuns * 3 },
  );
});

test('rows and sums of every side are conserved, with one, two and three legs', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(rows, { minLength: 2, maxLength: 4 }), rules, async (all, rulesOf) => {
      const fields = fieldsOf(rulesOf);
      const sources = all.map((records, index) => loaded(`s${index}`, fields, records));
      // `matchRows` throws where the check inside fails; here every record is found again in the result files.
      const { matched, lines } = await outcome(sources, rulesOf);
      for (const [index, side] of matched.summary.sides.entries()) {
        const { matched: agreeing, mismatched, missing, duplicate, ambiguous } = side.counts;
        expect(agreeing + mismatched + missing + duplicate + ambiguous).toBe(all[index]!.length);
      }
      const breaks = lines.filter((line) => line.outcome !== 'matched');
      const anchorInBreaks = breaks.filter((line) => line.left !== null).length;
      expect(anchorInBreaks).toBe(all[0]!.length - matched.summary.sides[0]!.counts.matched);
      expect(
        new Set(
          breaks.map((line) =>
            JSON.stringify([
              line.key,
              line.occurrence,
              line.key === null && [line.left, line.right, line.source, line.legs],
            ]),
          ),
        ).size,
      ).toBe(breaks.length);
    }),
    runs,
  );
});

test('the order of the records does not matter', async () => {
  await fc.assert(
    fc.asyncProperty(rows, rows, rows, rules, fc.integer(), async (left, right, third, rulesOf, seed) => {
      const fields = fieldsOf(rulesOf);
      const of = (change: (records: TestRow[]) => TestRow[], from: number) =>
        outcome(
          [left, right, third].map((records, index) => loaded(`s${index}`, fields, change(records), from)),
          rulesOf,
        );
      const shuffle = (records: TestRow[]) =>
        fc.sample(fc.shuffledSubarray(records, { minLength: records.length }), { numRuns: 1, seed })[0]!;
      const [one, other] = [await of((records) => records, 0), await of(shuffle, 1000)];
      expect(other.sha256).toBe(one.sha256);
      expect(other.matched.summary.breaks).toEqual(one.matched.summary.breaks);
    }),
    runs,
  );
});

test('swapping the files mirrors the outcome', async () => {
  // A percentage has the anchor as its base, so it is left out here.
  const symmetric = rules.filter((one) => one.percent === undefined);
  await fc.assert(
    fc.asyncProperty(rows, rows, symmetric, async (left, right, rulesOf) => {
      const fields = fieldsOf(rulesOf);
      const one = await outcome([loaded('a', fields, left), loaded('b', fields, right)], rulesOf);
      const other = await outcome([loaded('b', fields, right), loaded('a', fields, left)], rulesOf);
      const mirrored = other.lines.map((line) => asReference({ ...line, left: line.right, right: line.left }, rulesOf));
      expect(mirrored.sort()).toEqual(one.lines.map((line) => asReference(line, rulesOf)).sort());
    }),
    runs,
  );
});

test('splitting into chunks changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(rows, rows, rows, rules, async (left, right, third, rulesOf) => {
      const fields = fieldsOf(rulesOf);
      const sources = [left, right, third].map((records, index) => loaded(`s${index}`, fields, records));
      const named = definition(fields, ['s0', 's1', 's2']);
      const whole = await outcome(sources, rulesOf);
      const chunks = 16;
      const paths: string[][] = [];
      for (const source of sources)
        paths.push(await partitionSource(engine, { source, chunks, directory: join(directory, source.source) }));
      const results = [];
      for (let chunk = 0; chunk < chunks; chunk += 1) {
        const pieces = await Promise.all(sources.map((source, index) => reread(source, paths[index]![chunk]!)));
        const result = await matchSources(engine, {
          definition: named,
          sources: pieces,
          directory: join(directory, `chunk-${chunk}`),
        });
        if (!result.ok) throw new Error(result.detail);
        results.push(result.value);
      }
      const split = await canonicalLines(engine, named, sources, results);
      expect(split.sha256).toBe(whole.sha256);
      expect(mergeSummaries(results.map((result) => result.summary))).toEqual(whole.matched.summary);
    }),
    { numRuns: Math.ceil(runs.numRuns / 8) },
  );
});

test('identical records stay as many as came', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 }), rules, async (l, r, rulesOf) => {
      const fields = fieldsOf(rulesOf);
      const row: TestRow = { key: 'k', amount: '1.00', name: 'n', booked: null };
      const { matched } = await outcome(
        [loaded('left', fields, Array(l).fill(row)), loaded('right', fields, Array(r).fill(row))],
        rulesOf,
      );
      const [left, right] = matched.summary.sides;
      const [both, over] = [Math.min(l, r), Math.abs(l - r)];
      const leftover = both === 0 ? 'missing' : 'duplicate';
      expect([left!.counts.matched, right!.counts.matched]).toEqual([both, both]);
      expect(left!.counts[leftover] + right!.counts[leftover]).toBe(over);
    }),
    runs,
  );
});

/** A chunk as a loaded source: its own rows and sums, counted from the file. */
async function reread(source: LoadedSource, path: string): Promise<LoadedSource> {
  const relation = `(FROM read_parquet('${path}'))`;
  const found = await engine.rows<{ currency: string; rows: string; amount: string | null }>(
    `SELECT coalesce(currency, '') AS currency, count(*) AS "rows", sum(amount)::VARCHAR AS amount FROM ${relation} GROUP BY 1`,
  );
  const records = found.reduce((sum, one) => sum + Number(one.rows), 0);
  const amounts = found.flatMap(({ currency, amount }) => (amount === null ? [] : [[currency, amount]]));
  return {
    ...source,
    relation,
    rows: { ...source.rows, read: records, records },
    sums: { amount: Object.fromEntries(amounts) },
  };
}

function asReference(line: CanonicalLine, { fold }: Rules): string {
  const content = (side: CanonicalLine['left']) => {
    if (!side) return '-';
    const { amount, name, booked } = side;
    return JSON.stringify([line.key, amount, fold && name != null ? foldText(name) : name, booked]);
  };
  return [line.outcome, content(line.left), content(line.right)].join(' | ');
}
