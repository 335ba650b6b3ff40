// Passes after the exact key see what all chunks leave: however many chunks, the outcome is that of the whole.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Definition, Pass } from '../../../shared/domain/definition.ts';
import { type Engine, openEngine } from '../../../shared/matching/engine.ts';
import { readRecords } from '../../../shared/matching/load/read-records.ts';
import { canonicalOutcome } from '../../../shared/matching/match/canonical-outcome.ts';
import { type MatchedKeys, matchKeys } from '../../../shared/matching/match/match-keys.ts';
import { matchSources } from '../../../shared/matching/match/match-sources.ts';
import { mergeSummaries } from '../../../shared/matching/match/merge-summaries.ts';
import { partitionSource } from '../../../shared/matching/match/partition-source.ts';
import type { LoadedSource } from '../../../shared/matching/records.ts';
import { canonicalLines, matchRows } from '../../unit/matching/match/records-from-rows.ts';
import { definition, fieldsOf, loaded, rows } from './generated-sources.ts';

let engine: Engine;
const directory = mkdtempSync(join(tmpdir(), 'chunked-passes-'));
beforeAll(async () => {
  engine = await openEngine({ directory, memoryMb: 500, threads: 2 });
});
afterAll(() => {
  engine.close();
  rmSync(directory, { recursive: true, force: true });
});

const near: Pass = {
  kind: 'tolerance',
  conditions: [
    { field: 'name', equal: true },
    { field: 'amount', absolute: '0.50' },
    { field: 'booked', daysBefore: 1, daysAfter: 2 },
  ],
};
const far: Pass = {
  kind: 'tolerance',
  conditions: [{ field: 'amount', percent: '10', base: 'larger' }],
};

const alike: Pass = {
  kind: 'fuzzy',
  fields: [{ field: 'name' }, { field: 'amount' }, { field: 'booked' }, { field: 'currency' }],
};

const named = definition(fieldsOf({ fold: false }));
const mapped = (sources: string[], passes: Pass[]): Definition => ({
  ...named,
  sources: sources.map((name, index) => (index === 0 ? { name, anchor: true } : { name })),
  fields: named.fields.map((field) => ({
    ...field,
    mapping: Object.fromEntries(sources.map((name) => [name, field.name])),
  })),
  passes,
});

async function inChunks(made: Definition, sources: LoadedSource[], chunks: number) {
  const paths: string[][] = [];
  for (const source of sources)
    paths.push(await partitionSource(engine, { source, chunks, directory: join(directory, source.source) }));
  const parts: MatchedKeys[] = [];
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    const pieces: LoadedSource[] = [];
    for (const [index, { source }] of sources.entries())
      pieces.push(await readRecords(engine, { definition: made, source, paths: [paths[index]![chunk]!] }));
    parts.push(
      await matchKeys(engine, { definition: made, sources: pieces, directory: join(directory, `chunk-${chunk}`) }),
    );
  }
  const open: LoadedSource[] = [];
  for (const [index, { source }] of sources.entries())
    open.push(
      await readRecords(engine, {
        definition: made,
        source,
        paths: parts.map((part) => part.open[index]!.recordsPath),
      }),
    );
  const verdicts = sources.slice(1).map((_, index) => parts.map((part) => part.open[index + 1]!.verdictsPath!));
  const residue = await matchSources(engine, {
    definition: made,
    sources: open,
    verdicts,
    directory: join(directory, 'residue'),
  });
  if (!residue.ok) throw new Error(residue.detail);
  const { breaksPath, matchesPath, summary } = residue.value;
  const { sha256 } = await canonicalOutcome(engine, {
    definition: made,
    sources,
    matchesPaths: [...parts.map((part) => part.matchesPath), matchesPath],
    breaksPaths: [breaksPath],
    outputPath: join(directory, 'chunked.ndjson'),
  });
  return { sha256, summary: mergeSummaries([...parts.map((part) => part.summary), summary]) };
}

test.each([
  ['two sources', ['s0', 's1']],
  ['three sources', ['s0', 's1', 's2']],
])('%s in 1, 3 and 16 chunks', async (_, sources) => {
  const made = mapped(sources, [{ kind: 'exact-key' }, near, alike, far]);
  await fc.assert(
    fc.asyncProperty(fc.array(rows, { minLength: sources.length, maxLength: sources.length }), async (all) => {
      const from = all.map((records, index) =>
        loaded(sources[index]!, fieldsOf({ fold: false }), records, index * 100),
      );
      const whole = await matchRows(engine, made, from);
      const { sha256 } = await canonicalLines(engine, made, from, [whole]);
      for (const chunks of [3, 16]) {
        const split = await inChunks(made, from, chunks);
        expect(split.sha256).toBe(sha256);
        expect(split.summary).toEqual(whole.summary);
      }
    }),
    { numRuns: 4 },
  );
});
