// What the passes after the exact key found, as results show it: nearly equal pairs, groups, and breaks with candidates.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Definition } from '../../../shared/domain/definition.ts';
import { rowReference } from '../../../shared/domain/outcome.ts';
import type { ResultFilter, ResultRow } from '../../../shared/ports/result-query.ts';
import { type StoredRun, storeRun } from './stored-run.ts';

const both = (name: string) => ({ bank: name, ledger: name });
const definition: Definition = {
  name: 'Bank and ledger',
  sources: [{ name: 'bank', anchor: true }, { name: 'ledger' }],
  fields: [
    { name: 'id', role: 'KEY', mapping: both('id') },
    { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: both('amount') },
    { name: 'booked', role: 'COMPARE', type: 'date', mapping: both('booked') },
    { name: 'ccy', role: 'CLASSIFIER', type: 'text', mapping: both('ccy') },
    { name: 'payout', role: 'CLASSIFIER', type: 'text', mapping: both('payout') },
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
    { kind: 'grouped', name: 'payouts', cardinality: 'one-to-many', by: ['payout'], amount: 'amount' },
  ],
};
const bank = `id,amount,booked,ccy,payout
B1,10.00,2026-01-01,EUR,
B2,20.00,2026-01-02,EUR,
B3,30.00,2026-01-03,EUR,P1
B4,40.00,2026-01-04,EUR,
B5,50.00,2026-01-05,EUR,
B6,60.00,2026-01-06,EUR,
`;
const ledger = `id,amount,booked,ccy,payout
L5,45.00,2026-01-04,EUR,
L2,20.03,2026-01-03,EUR,
B1,10.00,2026-01-01,EUR,
L3,12.00,2026-01-03,EUR,P1
L4,18.00,2026-01-03,EUR,P1
L6,50.01,2026-01-05,EUR,
L7,49.99,2026-01-05,EUR,
B6,61.00,2026-01-06,EUR,
`;

let stored: StoredRun;
beforeAll(async () => {
  stored = await storeRun({ definition, files: { bank, ledger } });
});
afterAll(() => stored.close());

const idsOf = (row: ResultRow): string => `${row.outcome} ${row.left?.id ?? '-'} ${row.right?.id ?? '-'}`;
const all = [
  'matched B1 B1',
  'matched B2 L2',
  'matched B3 L3',
  'matched B3 L4',
  'missing B4 -',
  'ambiguous B5 -',
  'mismatched B6 B6',
  'missing - L5',
  'ambiguous - L6',
  'ambiguous - L7',
];
const rowOf = async (name: string): Promise<ResultRow> => {
  const { rows } = await stored.results.page(stored.run, {}, 0, 20);
  return rows.find((row) => idsOf(row) === name)!;
};

describe('page', () => {
  test('shows every match and break, members of groups too, and counts them', async () => {
    const { rows, total } = await stored.results.page(stored.run, {}, 0, 20);
    expect(rows.map(idsOf)).toEqual(all);
    expect(total).toBe(all.length);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(all.length);
  });

  test.each([1, 3, 4])('pages of %d go on where the one before ended', async (size) => {
    const seen: string[] = [];
    for (let offset = 0; offset < all.length + size; offset += size) {
      const { rows, total } = await stored.results.page(stored.run, {}, offset, size);
      expect(total).toBe(all.length);
      seen.push(...rows.map(idsOf));
    }
    expect(seen).toEqual(all);
  });

  test('a pair of a tolerance pass says its pass, its confidence and what differs', async () => {
    const row = await rowOf('matched B2 L2');
    expect(row).toMatchObject({ pass: 'near', groupId: null, group: null });
    expect(row.confidence).toBeGreaterThan(0.5);
    expect(row.confidence).toBeLessThan(1);
    expect(row.differences).toEqual([
      { source: 'ledger', field: 'id', left: 'B2', right: 'L2', difference: null },
      { source: 'ledger', field: 'amount', left: '20.00', right: '20.03', difference: '0.03' },
      { source: 'ledger', field: 'booked', left: '2026-01-02', right: '2026-01-03', difference: '1' },
    ]);
    expect([row.leftPlace, row.rightPlace]).toEqual([
      { row: 2, file: "bank's part 0.csv" },
      { row: 2, file: "ledger's part 0.csv" },
    ]);
  });

  test('members of a group have its id, and what it adds up to', async () => {
    const [one, other] = [await rowOf('matched B3 L3'), await rowOf('matched B3 L4')];
    expect(one.groupId).toMatch(/^[0-9a-f]{32}$/);
    expect(other.groupId).toBe(one.groupId);
    const amount = { field: 'amount', left: '30.00', right: '30.00', difference: '0.00' };
    expect(one).toMatchObject({ pass: 'payouts', group: { leftRecords: 1, rightRecords: 2, amount } });
    expect(one.differences, 'a member is not compared with the whole').toEqual([]);
    // A page that holds one member knows the whole group.
    expect((await stored.results.page(stored.run, {}, 3, 1)).rows[0]?.group).toEqual(one.group);
  });

  test('a break shows its candidates by row and file, and what they failed by', async () => {
    const missing = await rowOf('missing B4 -');
    expect(missing).toMatchObject({ confidence: 0, pass: null });
    expect(missing.candidates).toEqual([
      expect.objectContaining({
        source: 'ledger',
        pass: 'near',
        kind: 'nearest',
        rows: [{ row: 1, file: "ledger's part 0.csv" }],
        records: 1,
        key: 'L5',
        failed: ['amount'],
      }),
    ]);
    const tied = await rowOf('ambiguous B5 -');
    expect(tied.breakType).toBe('AMBIGUOUS');
    expect(tied.candidates.map(({ kind, rows }) => [kind, rows.map(({ row }) => row)])).toEqual([
      ['tied', [4]],
      ['tied', [5]],
    ]);
    const backwards = await rowOf('ambiguous - L7');
    expect(backwards.candidates).toEqual([
      expect.objectContaining({ source: 'bank', rows: [{ row: 3, file: "bank's part 1.csv" }] }),
    ]);
  });

  test('breaks alone name files too', async () => {
    const { rows } = await stored.results.page(stored.run, { outcomes: ['missing'] }, 0, 1);
    expect(rows[0]?.leftPlace).toEqual({ row: 2, file: "bank's part 1.csv" });
    expect(rows[0]?.candidates[0]?.rows).toEqual([{ row: 1, file: "ledger's part 0.csv" }]);
  });

  test('a pair that differs says the pass that made it', async () => {
    expect(await rowOf('mismatched B6 B6')).toMatchObject({ pass: '1-exact-key', confidence: 1, candidates: [] });
  });

  test.each<[string, ResultFilter, string[]]>([
    ['exact', { outcomes: ['matched'], matchedBy: 'exact-key' }, all.slice(0, 1)],
    ['by other passes', { outcomes: ['matched'], matchedBy: 'other' }, all.slice(1, 4)],
    ['surer than', { outcomes: ['matched'], confidenceMin: 1 }, [all[0]!, all[2]!, all[3]!]],
    ['nobody approved anything', { status: 'approved' }, []],
    ['approved by themselves', { status: 'approved', approvedFrom: 1 }, [all[0]!, all[2]!, all[3]!]],
    ['for persons, and breaks', { status: 'pending', approvedFrom: 1 }, [all[1]!, ...all.slice(4)]],
  ])('filters: %s', async (_, filter, expected) => {
    const { rows, total } = await stored.results.page(stored.run, filter, 0, 20);
    expect(rows.map(idsOf)).toEqual(expected);
    expect(total).toBe(expected.length);
  });
});

describe('export', () => {
  const exported = async (filter: ResultFilter = {}) => {
    const { key } = await stored.results.export(stored.run, 'json', filter);
    return JSON.parse(Buffer.from((await stored.objects.get(key))!).toString()) as Record<string, unknown>[];
  };

  test('has every row, with pass, group and explanation', async () => {
    const rows = await exported();
    expect(rows.map(({ outcome, left_id, right_id }) => `${outcome} ${left_id ?? '-'} ${right_id ?? '-'}`)).toEqual(
      all,
    );
    expect(rows[1]).toMatchObject({ pass: 'near', group_id: null, differences: [] });
    expect((rows[1]!.explanation as { differences: unknown[] }).differences).toHaveLength(3);
    expect(rows[0]!.explanation).toBeNull();
    expect(rows[2]!.group_id).toBe(rows[3]!.group_id);
    expect(rows[4]!.explanation).toEqual({
      candidates: [expect.objectContaining({ key: 'L5', rows: [{ row: 1, file: "ledger's part 0.csv" }] })],
    });
    expect(rows[6]).toMatchObject({ fields: ['amount'], explanation: null });
  });

  test('of matches by other passes', async () => {
    expect(await exported({ outcomes: ['matched'], matchedBy: 'other' })).toHaveLength(3);
  });

  test('as csv and as a workbook', async () => {
    const { key } = await stored.results.export(stored.run, 'csv', {});
    const lines = Buffer.from((await stored.objects.get(key))!)
      .toString()
      .split('\n');
    expect(lines[0]).toContain('group_id');
    expect(lines[0]).toContain('explanation');
    expect(lines.filter((line) => line !== '')).toHaveLength(all.length + 1);
    expect((await stored.results.export(stored.run, 'excel', {})).bytes).toBeGreaterThan(1_000);
  });
});

test('the summary says how many agree by each pass, and how surely', () => {
  const { passes, pairs } = stored.summary;
  expect(pairs).toEqual([{ source: 'ledger', matched: 2, mismatched: 1 }]);
  expect(passes.map(({ name, matched, groups }) => [name, matched, groups])).toEqual([
    ['1-exact-key', 1, 0],
    ['near', 1, 0],
    ['payouts', 0, 1],
  ]);
  expect(passes.map(({ confidence }) => Number(confidence))).toEqual([1, expect.closeTo(0.8, 0.2), 1]);
});

test('matches that persons made, of several records on both sides, keep all of them', async () => {
  const left = [rowReference(6, 1), rowReference(6, 2)];
  const right = [rowReference(8, 1), rowReference(8, 2), rowReference(9, 1)];
  const decisions = { together: [{ id: 'decision-1', source: 'ledger', left, right }] };
  const manual = await storeRun({ definition, files: { bank, ledger }, decisions });
  try {
    const { rows } = await manual.results.page(manual.run, { outcomes: ['matched'], matchedBy: 'other' }, 0, 10);
    const ofDecision = rows.filter(({ groupId }) => groupId === 'decision-1');
    expect(ofDecision.map(idsOf)).toEqual([
      'matched B1 -',
      'matched B2 -',
      'matched - L5',
      'matched - L2',
      'matched - B1',
    ]);
    expect(ofDecision[0]).toMatchObject({
      pass: 'manual',
      group: { leftRecords: 2, rightRecords: 3, amount: null },
      leftPlace: { row: 1 },
      rightPlace: null,
    });
  } finally {
    manual.close();
  }
});

test('netting on the side of the anchor, and a leg beside another', async () => {
  const sources = ['bank', 'ledger', 'psp'];
  const mapping = (name: string) => Object.fromEntries(sources.map((source) => [source, name]));
  const three: Definition = {
    name: 'Three',
    sources: [{ name: 'bank', anchor: true }, { name: 'ledger' }, { name: 'psp' }],
    fields: [
      { name: 'id', role: 'KEY', mapping: mapping('id') },
      { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: mapping('amount') },
      { name: 'ref', role: 'CLASSIFIER', type: 'text', mapping: mapping('ref') },
    ],
    passes: [
      { kind: 'exact-key' },
      { kind: 'grouped', name: 'reversals', cardinality: 'netting', by: ['ref'], amount: 'amount' },
    ],
  };
  const header = 'id,amount,ref\n';
  const files = {
    bank: `${header}A,1.00,\nB,5.00,R\nC,-5.00,R\n`,
    ledger: `${header}A,1.00,\nD,2.00,\n`,
    psp: `${header}A,1.00,\n`,
  };
  const run = await storeRun({ definition: three, files });
  try {
    const { rows, total } = await run.results.page(run.run, {}, 0, 20);
    expect(total).toBe(rows.length);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
    const netted = rows.filter(({ pass }) => pass === 'reversals');
    expect(netted.map(({ left, right }) => [left?.id, right])).toEqual([
      ['B', null],
      ['B', null],
      ['C', null],
      ['C', null],
    ]);
    expect(netted[0]?.group).toEqual({
      leftRecords: 2,
      rightRecords: 0,
      amount: { field: 'amount', left: '0.00', right: null, difference: null },
    });
  } finally {
    run.close();
  }
});

test('records that a search gave up on are exhausted, not unmatched', async () => {
  const search: Definition['passes'] = [
    { kind: 'exact-key' },
    {
      kind: 'grouped',
      name: 'sums',
      cardinality: 'one-to-many',
      by: ['ccy'],
      amount: 'amount',
      search: { stepsMax: 1 },
    },
  ];
  const rows = Array.from({ length: 30 }, (_, at) => `S${at},${(at * 7_919) % 977}.37,2026-01-01,EUR,`);
  const header = 'id,amount,booked,ccy,payout\n';
  const files = {
    bank: `${header}B1,1234.56,2026-01-01,EUR,\nB2,1300.11,2026-01-01,EUR,\n`,
    ledger: `${header}${rows.join('\n')}\n`,
  };
  const run = await storeRun({ definition: { ...definition, passes: search }, files });
  try {
    expect(run.summary.breaks.SEARCH_EXHAUSTED).toBeGreaterThan(0);
    const { rows: found, total } = await run.results.page(run.run, { outcomes: ['exhausted'] }, 0, 100);
    expect(total).toBe(run.summary.breaks.SEARCH_EXHAUSTED);
    expect(found.every(({ breakType, confidence }) => breakType === 'SEARCH_EXHAUSTED' && confidence === 0)).toBe(true);
    const { key } = await run.results.export(run.run, 'json', { outcomes: ['exhausted'] });
    const exported = JSON.parse(Buffer.from((await run.objects.get(key))!).toString()) as { outcome: string }[];
    expect(exported.map(({ outcome }) => outcome)).toEqual(Array(total).fill('exhausted'));
  } finally {
    run.close();
  }
});
