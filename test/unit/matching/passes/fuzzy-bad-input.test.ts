// What a fuzzy pass makes of records that say little, or the same a million times: it ends, and says what it could not do.
import { expect, test } from 'vitest';
import type { FuzzyField } from '../../../../shared/domain/definition.ts';
import type { LoadedSource } from '../../../../shared/matching/records.ts';
import { definitionOf, type FieldSpec, matchRows, type Row } from '../match/records-from-rows.ts';
import { alike, bank, ledger, parties } from './fuzzy-parties.ts';
import { engineOfFile, row, runPasses } from './run-passes.ts';

const names: FieldSpec[] = [
  { name: 'id', sqlType: 'VARCHAR', role: 'KEY' },
  { name: 'party', sqlType: 'VARCHAR', role: 'CLASSIFIER' },
];
const byName = alike({ fields: [{ field: 'party' }] });
const people = (prefix: string, values: string[]): Row[] => values.map((value, at) => row(`${prefix}${at}`, value));

const spoken: { name: string; left: string[]; right: string[]; pairs: string[] }[] = [
  {
    name: 'names of two letters: equal or not',
    left: ['Li', 'Wu', 'Ng', 'Ho', 'Xu', 'Yu'],
    right: ['LI', 'wu', 'Ng', 'Hu', 'Xi', 'Yu'],
    pairs: ['1-1 alike', '2-2 alike', '3-3 alike', '6-6 alike'],
  },
  {
    name: 'scripts that are mixed: each is compared with its own',
    left: ['北京银行', 'Москва Банк', 'बैंक ऑफ़ इंडिया', 'بنك مصر', 'Τράπεζα Πειραιώς', 'Ｂａｎｋ Ｏｎｅ', 'İş Bankası'],
    right: ['北京銀行', 'МОСКВА БАНК', 'बैंक ऑफ़ इंडिया', 'بنك مصر', 'τραπεζα πειραιωσ', 'Bank One', 'is bankasi'],
    pairs: ['1-1 alike', '2-2 alike', '3-3 alike', '4-4 alike', '5-5 alike', '6-6 alike', '7-7 alike'],
  },
  {
    name: 'nothing but punctuation, and quotes that mean nothing here',
    left: ['...', '???', `'); DROP TABLE match_pairs; --`, '\\', '%_'],
    right: ['!!!', '...', `'); drop table match_pairs; --`, '/', '_%'],
    pairs: ['3-3 alike'],
  },
];

test.each(spoken)('$name', async ({ left, right, pairs }) => {
  const found = await runPasses({ fields: names, passes: byName, left: people('L', left), right: people('R', right) });
  expect(found.pairs).toEqual(pairs);
});

test('a field without values, or with one, takes nothing from what the others say', async () => {
  for (const value of [null, '2024-01-05']) {
    const spoil = (rows: Row[]): Row[] => rows.map((one) => [...one.slice(0, 3), value, one[4]!]);
    const found = await runPasses({ fields: parties, passes: alike(), left: spoil(ledger), right: spoil(bank) });
    expect(found.pairs).toEqual([1, 2, 3, 4, 5].map((one) => `${one}-${one} alike`));
    for (const evidence of Object.values(found.evidence)) expect(Math.abs(evidence!.fields[1]!.weight)).toBeLessThan(1);
  }
});

test('where nothing is like a match, nothing is taken for one', async () => {
  const left = Array.from({ length: 40 }, (_, at) => row(`L${at}`, `left ${String.fromCharCode(97 + (at % 26))}${at}`));
  const right = Array.from({ length: 40 }, (_, at) => row(`R${at}`, `${at * 7919} elsewhere`));
  const found = await runPasses({ fields: names, passes: byName, left, right });
  expect(found.pairs).toEqual([]);
});

/** Made by the engine: so many rows would take long to write down. */
function made(name: string, count: number, party: string): LoadedSource {
  const fields = [
    { name: 'party', type: 'text' as const, sqlType: 'VARCHAR' },
    { name: 'code', type: 'text' as const, sqlType: 'VARCHAR' },
  ];
  return {
    source: name,
    relation: `(SELECT i + 1 AS "$row", '${name}' || i AS "$key", ${party} AS party, 'C' || lpad(i::VARCHAR, 8, '0') AS code FROM range(${count}) t(i))`,
    fields,
    readings: {},
    rows: { read: count, records: count, rejected: 0, excluded: 0 },
    sums: {},
  };
}

const crowds: { name: string; fields: FuzzyField[]; blocks?: string[][]; pairs: number; notes: RegExp[] }[] = [
  {
    name: 'the others decide, compared by them alone',
    fields: [{ field: 'party' }, { field: 'code' }],
    pairs: 2_000,
    notes: [/^compared were records equal in: .*code/, /^party has one value only: it says nothing$/],
  },
  {
    name: 'it is said that they were not compared where they are asked for as a block',
    fields: [{ field: 'party' }, { field: 'code' }],
    blocks: [['party']],
    pairs: 0,
    notes: [
      /^1 block of equal party with 1002000 records was too large to compare/,
      /^compared were records equal in: party\. About/,
      /^party has one value only: it says nothing$/,
    ],
  },
  {
    name: 'nothing is compared where there is nothing else, and what is taken for granted is said',
    fields: [{ field: 'party' }],
    pairs: 0,
    notes: [
      /^no block finds anything/,
      /^party has one value only: it says nothing$/,
      /^the values did not say what matches are like \(the estimation came to no end\)/,
    ],
  },
];

test.each(crowds)(
  'a million records of one value: $name',
  { timeout: 120_000 },
  async ({ fields, blocks, pairs, notes }) => {
    const columns: FieldSpec[] = ['party', 'code'].map((name) => ({ name, sqlType: 'VARCHAR', role: 'CLASSIFIER' }));
    const passes = alike({ fields, ...(blocks && { blocks }) }).slice(1);
    const definition = definitionOf(columns, ['left', 'right'], { passes });
    const sources = [made('left', 1_000_000, `'Acme Trading'`), made('right', 2_000, `'ACME trading'`)];
    const { summary } = await matchRows(engineOfFile(), definition, sources);
    const [pass] = summary.passes;
    expect(pass!.pairs).toBe(pairs);
    expect(pass!.notes).toEqual(notes.map((one) => expect.stringMatching(one)));
  },
);
