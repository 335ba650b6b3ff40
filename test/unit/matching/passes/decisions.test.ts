// What persons decided goes before any pass, whole and in chunks.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Definition, Pass } from '../../../../shared/domain/definition.ts';
import type { Engine } from '../../../../shared/matching/engine.ts';
import { readRecords } from '../../../../shared/matching/load/read-records.ts';
import { type MatchedKeys, matchKeys } from '../../../../shared/matching/match/match-keys.ts';
import { matchSources } from '../../../../shared/matching/match/match-sources.ts';
import type { MatchDecisions } from '../../../../shared/matching/match/matched.ts';
import { partitionSource } from '../../../../shared/matching/match/partition-source.ts';
import type { LoadedSource } from '../../../../shared/matching/records.ts';
import { literal } from '../../../../shared/matching/sql.ts';
import { definitionOf, type FieldSpec, type Row, sourceOf, withEngine } from '../match/records-from-rows.ts';

const fields: FieldSpec[] = [{ name: 'amount', sqlType: 'DECIMAL(18,2)' }];
const near: Pass = { kind: 'tolerance', conditions: [{ field: 'amount', absolute: '0.05' }] };
const sums: Pass = { kind: 'grouped', cardinality: 'one-to-many', by: [], amount: 'amount', search: {} };
const mapping = { left: 'amount', right: 'amount' };

type Case = {
  name: string;
  left: Row[];
  right: Row[];
  passes?: Pass[];
  together?: MatchDecisions['together'];
  /** A row of a match that was undone, as results hold it: of a group one side may be none. */
  apart?: [match: string, left: number | null, right: number | null][];
  /** pass: left row and right row */
  matches: string[];
  /** type: left row and right row */
  breaks: string[];
  notes?: string[];
};

const cases: Case[] = [
  {
    name: 'records put together match, however they differ, and leave those of their keys to others',
    left: [
      ['a', '1'],
      ['b', '2'],
    ],
    right: [
      ['a', '1'],
      ['c', '7'],
      ['b', '2'],
    ],
    together: [{ id: 'd1', source: 'right', left: [1], right: [2] }],
    matches: ['1-exact-key: 2 3', 'manual: 1 2'],
    breaks: ['MISSING: - 1'],
  },
  {
    name: 'several records may be one match',
    left: [['a', '9']],
    right: [
      ['x', '4'],
      ['y', '5'],
      ['z', '6'],
    ],
    together: [{ id: 'd1', source: 'right', left: [1], right: [1, 2] }],
    matches: ['manual: 1 1', 'manual: 1 2'],
    breaks: ['MISSING: - 3'],
  },
  {
    name: 'a match whose records are not all there is left aside, and the run says so',
    left: [['a', '1']],
    right: [['a', '1']],
    together: [{ id: 'd1', source: 'right', left: [1], right: [99] }],
    matches: [],
    breaks: ['MISSING: - 1', 'MISSING: 1 -'],
    notes: ['1 manual match was left aside: not all of their records are in this run'],
  },
  {
    name: 'a pair by key that was undone stays open',
    left: [
      ['a', '1'],
      ['b', '2'],
    ],
    right: [
      ['a', '1'],
      ['b', '2'],
    ],
    apart: [['1 1', 1, 1]],
    matches: ['1-exact-key: 2 2'],
    breaks: ['MISSING: - 1', 'MISSING: 1 -'],
  },
  {
    name: 'a pair of a later pass that was undone leaves its records to others',
    left: [['a', '1.00']],
    right: [
      ['x', '1.00'],
      ['y', '1.04'],
    ],
    passes: [{ kind: 'exact-key' }, near],
    apart: [['1 1', 1, 1]],
    matches: ['2-tolerance: 1 2'],
    breaks: ['MISSING: - 1'],
  },
  {
    name: 'a group that was undone stays open',
    left: [['a', '9']],
    right: [
      ['x', '4'],
      ['y', '5'],
    ],
    passes: [{ kind: 'exact-key' }, sums],
    apart: [
      ['g', 1, 1],
      ['g', 1, 2],
    ],
    matches: [],
    breaks: ['MISSING: - 1', 'MISSING: - 2', 'MISSING: 1 -'],
  },
  {
    name: 'of an undone group no two come together again, by whatever pass; with others they do',
    left: [
      ['a', '10'],
      ['b', '21'],
      ['c', '300'],
    ],
    right: [
      ['a', '10'],
      ['y', '21'],
      ['z', '10.02'],
      ['w', '290'],
    ],
    passes: [{ kind: 'exact-key' }, near, sums],
    apart: [
      ['g', 1, null],
      ['g', 2, null],
      ['g', 3, null],
      ['g', null, 1],
      ['g', null, 2],
      ['g', null, 4],
    ],
    // 10 and 290 are 300, and 10 is 10: but they were of one match.
    matches: ['2-tolerance: 1 3'],
    breaks: ['MISSING: - 1', 'MISSING: - 2', 'MISSING: - 4', 'MISSING: 2 -', 'MISSING: 3 -'],
  },
  {
    name: 'an undone pair of a key that repeats is not made up for by the key',
    left: [['k', '1.00']],
    right: [
      ['k', '1.00'],
      ['k', '1.04'],
    ],
    apart: [['1 1', 1, 1]],
    matches: [],
    breaks: ['DUPLICATE: - 2', 'MISSING: - 1', 'MISSING: 1 -'],
  },
  {
    name: 'a later pass may take what is left of the key',
    left: [['k', '1.00']],
    right: [
      ['k', '1.00'],
      ['k', '1.04'],
    ],
    passes: [{ kind: 'exact-key' }, near],
    apart: [['1 1', 1, 1]],
    matches: ['2-tolerance: 1 2'],
    breaks: ['MISSING: - 1'],
  },
  {
    name: 'records of two undone matches may be one',
    left: [
      ['a', '1'],
      ['b', '2'],
    ],
    right: [
      ['b', '2'],
      ['a', '1'],
    ],
    apart: [
      ['1 1', 1, 1],
      ['2 2', 2, 2],
    ],
    matches: ['1-exact-key: 1 2', '1-exact-key: 2 1'],
    breaks: [],
  },
  {
    name: 'a set of one side that was undone stays open',
    left: [
      ['a', '9'],
      ['b', '-9'],
      ['c', '4'],
      ['d', '-4'],
    ],
    right: [['x', '1']],
    passes: [{ kind: 'exact-key' }, { kind: 'grouped', cardinality: 'netting', by: [], amount: 'amount', search: {} }],
    apart: [
      ['n', 1, null],
      ['n', 2, null],
    ],
    matches: ['2-grouped: 3 -', '2-grouped: 4 -'],
    breaks: ['MISSING: - 1', 'MISSING: 1 -', 'MISSING: 2 -'],
  },
  {
    name: 'an undone pair is linked no more by its values',
    left: [
      ['a', '10.00'],
      ['b', '999.50'],
      ['c', '70.25'],
    ],
    right: [
      ['x', '10.00'],
      ['y', '999.50'],
      ['z', '70.25'],
    ],
    passes: [{ kind: 'exact-key' }, { kind: 'fuzzy', fields: [{ field: 'amount' }] }],
    apart: [['m', 2, 2]],
    matches: ['2-fuzzy: 1 1', '2-fuzzy: 3 3'],
    breaks: ['MISSING: - 2', 'MISSING: 2 -'],
  },
];

test.each(cases)(
  '$name',
  async ({ left, right, passes = [{ kind: 'exact-key' }], together = [], apart = [], ...expected }) => {
    await withEngine(async (engine) => {
      const plain = definitionOf(fields, ['left', 'right'], { passes });
      const definition = { ...plain, fields: plain.fields.map((field) => ({ ...field, mapping })) };
      const sources = [sourceOf('left', fields, left), sourceOf('right', fields, right)];
      const decisions: MatchDecisions = { together, ...(await apartFile(engine, apart)) };
      for (const outcome of [
        await whole(engine, definition, sources, decisions),
        await inChunks(engine, definition, sources, decisions),
      ]) {
        expect(outcome.matches).toEqual(expected.matches);
        expect(outcome.breaks).toEqual(expected.breaks);
        expect(outcome.notes).toEqual(expected.notes ?? []);
      }
    });
  },
);

async function apartFile(engine: Engine, apart: NonNullable<Case['apart']>): Promise<{ apartPath?: string }> {
  if (apart.length === 0) return {};
  const rows = apart.map(([match, left, right]) => `(${literal(match)}, ${left ?? 'NULL'}, ${right ?? 'NULL'})`);
  return writeApart(engine, `(VALUES ${rows.join(', ')}) t(match, left_row, right_row)`);
}

async function writeApart(engine: Engine, rows: string): Promise<{ apartPath: string }> {
  const apartPath = join(engine.directory, 'apart.parquet');
  await engine.run(`COPY (SELECT 'right' AS source, match, left_row::BIGINT AS left_row, right_row::BIGINT AS right_row FROM ${rows})
    TO ${literal(apartPath)} (FORMAT parquet)`);
  return { apartPath };
}

test('an undone group of twenty thousand records a side costs no work of pairs', { timeout: 20_000 }, async () => {
  await withEngine(async (engine) => {
    const count = 20_000;
    const passes: Pass[] = [
      { kind: 'exact-key' },
      near,
      { kind: 'grouped', cardinality: 'many-to-many', by: [], amount: 'amount' },
    ];
    const source = (name: string, key: string): LoadedSource => ({
      ...sourceOf(name, fields, []),
      relation: `(SELECT n AS "$row", ${key} AS "$key", n::DECIMAL(18,2) AS amount FROM range(1, ${count + 1}) t(n))`,
      rows: { read: count, records: count, rejected: 0, excluded: 0 },
      sums: { amount: { '': `${(count * (count + 1)) / 2}` } },
    });
    const member = (side: string) => `SELECT 'g' AS match, ${side} FROM range(1, ${count + 1}) t(n)`;
    const result = await matchSources(engine, {
      definition: definitionOf(fields, ['left', 'right'], { passes }),
      // Half of the keys agree; all amounts do.
      sources: [source('left', 'n::VARCHAR'), source('right', `CASE WHEN n % 2 = 0 THEN n::VARCHAR ELSE 'r' || n END`)],
      decisions: {
        together: [],
        ...(await writeApart(
          engine,
          `(${member('n AS left_row, NULL AS right_row')} UNION ALL ${member('NULL, n')}) t`,
        )),
      },
      directory: join(engine.directory, 'whole'),
    });
    if (!result.ok) throw new Error(result.detail);
    expect(result.value.summary.sides.map(({ counts }) => counts.missing)).toEqual([count, count]);
  });
});

async function whole(engine: Engine, definition: Definition, sources: LoadedSource[], decisions: MatchDecisions) {
  const result = await matchSources(engine, {
    definition,
    sources,
    decisions,
    directory: join(engine.directory, 'whole'),
  });
  if (!result.ok) throw new Error(result.detail);
  const { matchesPath, breaksPath, summary } = result.value;
  return { ...(await read(engine, [matchesPath], breaksPath)), notes: summary.passes.flatMap((pass) => pass.notes) };
}

async function inChunks(engine: Engine, definition: Definition, sources: LoadedSource[], decisions: MatchDecisions) {
  const chunks = 3;
  const parts: MatchedKeys[] = [];
  const paths: string[][] = [];
  for (const source of sources)
    paths.push(
      await partitionSource(engine, { source, chunks, directory: join(engine.directory, `of-${source.source}`) }),
    );
  const reread = (source: string, files: string[]) => readRecords(engine, { definition, source, paths: files });
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    const pieces = [await reread('left', [paths[0]![chunk]!]), await reread('right', [paths[1]![chunk]!])];
    parts.push(
      await matchKeys(engine, {
        definition,
        sources: pieces,
        decisions,
        directory: join(engine.directory, `chunk-${chunk}`),
      }),
    );
  }
  const open = [0, 1].map((index) => parts.map((part) => part.open[index]!.recordsPath));
  const result = await matchSources(engine, {
    definition,
    sources: [await reread('left', open[0]!), await reread('right', open[1]!)],
    verdicts: [parts.map((part) => part.open[1]!.verdictsPath!)],
    decisions,
    directory: join(engine.directory, 'residue'),
  });
  if (!result.ok) throw new Error(result.detail);
  const { matchesPath, breaksPath, summary } = result.value;
  const matches = [...parts.map((part) => part.matchesPath), matchesPath];
  return { ...(await read(engine, matches, breaksPath)), notes: summary.passes.flatMap((pass) => pass.notes) };
}

async function read(engine: Engine, matches: string[], breaks: string) {
  const list = async (sql: string) => (await engine.rows<{ line: string }>(sql)).map(({ line }) => line);
  const rows = `coalesce(left_row::VARCHAR, '-') || ' ' || coalesce(right_row::VARCHAR, '-')`;
  return {
    matches: await list(
      `SELECT pass || ': ' || ${rows} AS line FROM read_parquet([${matches.map(literal).join(', ')}], union_by_name = true) ORDER BY 1`,
    ),
    breaks: await list(`SELECT break_type || ': ' || ${rows} AS line FROM read_parquet(${literal(breaks)}) ORDER BY 1`),
  };
}
