// What a fuzzy pass says: why a pair is one, what is nearest to one that has none, and what was not as it should be.
import { expect, test } from 'vitest';
import type { FuzzyField, Pass } from '../../../../shared/domain/definition.ts';
import type { MatchEvidence } from '../../../../shared/domain/match-evidence.ts';
import { matchSources } from '../../../../shared/matching/match/match-sources.ts';
import { definitionOf, type FieldSpec, type Row, sourceOf } from '../match/records-from-rows.ts';
import { alike, bank, ledger, parties } from './fuzzy-parties.ts';
import { exact } from './pass-rules.ts';
import { engineOfFile, type Found, foundBy, row, runPasses } from './run-passes.ts';

const whole = (bits: number) => Math.round(bits * 1e6);

function expectAddsUp({ prior, fields, weight, alone }: MatchEvidence): void {
  expect(fields.reduce((sum, one) => sum + whole(one.weight), whole(prior))).toBe(whole(weight));
  expect(alone).toBeCloseTo(1 / (1 + 2 ** -weight), 6);
}

test('each pair says what each field weighs, and its confidence is the probability', async () => {
  const found = await runPasses({ fields: parties, passes: alike(), left: ledger, right: bank });
  const pairs = Object.entries(found.evidence) as [string, MatchEvidence][];
  expect(pairs).toHaveLength(5);
  for (const [name, evidence] of pairs) {
    expectAddsUp(evidence);
    expect(evidence.probability).toBe(found.confidence[name]);
  }
  const number = expect.any(Number);
  expect(found.evidence['4-4 alike']).toEqual({
    prior: number,
    fields: [
      { field: 'party', as: 'name', level: 'equal', similarity: 1, weight: number },
      {
        field: 'booked',
        as: 'date',
        level: 'one digit typed wrongly, or day and month swapped',
        similarity: 0.9973,
        weight: number,
      },
      { field: 'amount', as: 'number', level: 'equal', similarity: 1, weight: number },
    ],
    weight: number,
    alone: number,
    probability: number,
  });
  const sum = Object.values(found.confidence).reduce((all, one) => all + whole(one), 0) / 1e6;
  expect(found.summary.passes[1]).toMatchObject({ pairs: 5, matched: 5, confidence: sum.toFixed(6) });
});

test('a tie shows its candidates with their evidence, the likeliest first', async () => {
  const again = ['P7', 'P8'].map((key) => row(key, 'Acme Trading Ltd.', '2024-01-05', '1200.00'));
  const worse = row('P9', 'Acme Trading Ltd.', '2024-01-05', '1200.01');
  const right = [...bank, worse, ...again];
  const { breaks, open } = await runPasses({ fields: parties, passes: alike(), left: ledger, right });
  expect(open.filter((one) => one.endsWith('AMBIGUOUS'))).toEqual(
    ['left 1', 'right 1', 'right 7', 'right 8', 'right 9'].map((one) => `${one} AMBIGUOUS`),
  );
  const { candidates } = breaks.find(({ left }) => left === 1)!;
  expect(candidates!.map(({ kind, key, cost, failed }) => [kind, key, cost, failed])).toEqual(
    expect.arrayContaining(['P1', 'P7', 'P8', 'P9'].map((key) => ['tied', key, null, []])),
  );
  const likely = candidates!.map(({ probability }) => probability!);
  expect(likely).toEqual(likely.toSorted((a, b) => b - a));
  for (const { probability, evidence } of candidates!) {
    expectAddsUp(evidence!);
    expect(evidence!.probability).toBe(probability);
    expect(probability).toBeLessThan(0.5);
  }
});

test('a near miss is shown where there is nothing better, by the last pass', async () => {
  const sure = alike({ threshold: 1 });
  const last: Pass = { kind: 'fuzzy', name: 'surest', fields: [{ field: 'party' }, { field: 'amount' }], threshold: 1 };
  const near = async (passes: Pass[]) => {
    const { breaks } = await runPasses({ fields: parties, passes, left: ledger, right: bank });
    return breaks
      .map(
        ({ left, right, candidates }) =>
          `${left ?? ''}-${right ?? ''}: ${candidates!.map(({ kind, pass, rows }) => `${kind} ${pass} ${rows}`).join(', ')}`,
      )
      .sort();
  };
  const misses = (pass: string) =>
    [1, 2, 3, 4, 5]
      .flatMap((one) => [`-${one}: nearest ${pass} ${one}`, `${one}-: nearest ${pass} ${one}`])
      .concat('-6: ', '6-: ')
      .sort();
  expect(await near(sure)).toEqual(misses('alike'));
  expect(await near([...sure, last])).toEqual(misses('surest'));
  const later: Pass = {
    kind: 'tolerance',
    name: 'near',
    accept: 'suggest',
    conditions: [{ field: 'amount', absolute: '0.10' }],
  };
  expect((await near([...sure, later])).filter((one) => one.includes('nearest alike'))).toEqual([]);
});

test('a pair that differs elsewhere says why it is one all the same', async () => {
  const fields: FieldSpec[] = [...parties, { name: 'status', sqlType: 'VARCHAR' }];
  const withStatus = (rows: Row[], status: string): Row[] => rows.map((one) => [...one, status]);
  const { breaks } = await runPasses({
    fields,
    passes: alike(),
    left: withStatus(ledger, 'open'),
    right: withStatus(bank, 'shut'),
  });
  const differing = breaks.filter(({ type }) => type === 'MISMATCH');
  expect(differing.map(({ left, fields: apart, pass }) => [left, apart, pass])).toEqual(
    [1, 2, 3, 4, 5].map((one) => [one, ['status'], 'alike']),
  );
  for (const { evidence, candidates } of differing) {
    expectAddsUp(evidence!);
    expect(candidates).toEqual([]);
  }
});

test('several legs: each is linked by itself, and one without a field says so', async () => {
  const fields: FieldSpec[] = parties.map((one) => ({ ...one, mapping: {} }));
  const definition = definitionOf(fields, ['ledger', 'bank', 'book'], { passes: alike() });
  const short = sourceOf(
    'book',
    parties.slice(0, 3),
    bank.map((one) => one.slice(0, 4)),
  );
  const found = await foundBy(engineOfFile(), definition, [
    sourceOf('ledger', parties, ledger),
    sourceOf('bank', parties, bank),
    short,
  ]);
  expect(found.pairs).toEqual([1, 2, 3, 4, 5].map((one) => `bank:${one}-${one} alike`));
  expect(found.summary.passes[1]!.notes).toEqual(['book has no amount']);
  expectAddsUp(found.evidence['bank:4-4 alike']!);
});

const noted: {
  name: string;
  pass?: object;
  fields?: FuzzyField[];
  left?: Row[];
  right?: Row[];
  notes: (RegExp | string)[];
}[] = [
  { name: 'nothing where nothing is amiss', notes: [] },
  {
    name: 'the threshold of a precision',
    pass: { targetPrecision: 0.95 },
    notes: [/^pairs are taken from a probability of 0\.\d+ on, so that 95 % of them are right$/],
  },
  {
    name: 'what blocks may lose',
    pass: { blocks: [['party'], ['amount', 'booked']] },
    notes: [/^compared were records equal in: party; amount and booked\. About \d/],
  },
  {
    name: 'blocks within equal fields',
    pass: { equal: ['booked'], blocks: [['booked', 'amount'], ['party']] },
    notes: [
      /one value only/,
      /one value only/,
      /^compared were records equal in booked, and of these in: amount; party\. About \d/,
    ],
  },
  {
    name: 'a field without values',
    left: ledger.map((one) => [...one.slice(0, 3), null, one[4]!]),
    notes: ['booked has no values on both sides: it says nothing'],
  },
  {
    name: 'a field of one value',
    left: ledger.map((one) => [...one.slice(0, 3), '2024-01-05', one[4]!]),
    right: bank.map((one) => [...one.slice(0, 3), '2024-01-05', one[4]!]),
    notes: ['booked has one value only: it says nothing'],
  },
  {
    name: 'all records alike: no matches can be told from the rest',
    left: ['a', 'b', 'c'].map((key) => row(key, 'Same', '2024-01-05', '1.00')),
    right: ['d', 'e', 'f'].map((key) => row(key, 'Same', '2024-01-05', '1.00')),
    notes: [/one value only/, /one value only/, /one value only/],
  },
];

test.each(noted)('notes: $name', async ({ pass = {}, left = ledger, right = bank, notes }) => {
  const found: Found = await runPasses({ fields: parties, passes: alike(pass), left, right });
  expect(found.summary.passes[1]!.notes).toEqual(
    notes.map((one) => (typeof one === 'string' ? one : expect.stringMatching(one))),
  );
});

test('amounts whose currency nobody names are refused when values show that they are amounts', async () => {
  const fields: FieldSpec[] = [...parties, { name: 'ccy', sqlType: 'VARCHAR', role: 'CLASSIFIER' }];
  const withCurrency = (rows: Row[]): Row[] => rows.map((one) => [...one, 'EUR']);
  const run = (passes: Pass[]) => {
    const definition = definitionOf(fields, ['left', 'right'], { passes, currencyField: 'ccy' });
    for (const field of definition.fields) {
      field.mapping = { left: field.name, right: field.name };
      if (field.name === 'amount') delete field.type;
    }
    const sources = [
      sourceOf('left', fields, withCurrency(ledger), 'ccy'),
      sourceOf('right', fields, withCurrency(bank), 'ccy'),
    ];
    return matchSources(engineOfFile(), { definition, sources, directory: `${engineOfFile().directory}/currency` });
  };
  expect(await run(alike())).toMatchObject({
    ok: false,
    code: 'DEFINITION_INVALID',
    detail: expect.stringContaining('"ccy"'),
  });
  for (const more of [
    { equal: ['ccy'] },
    { fields: [{ field: 'party' }, { field: 'amount' }, { field: 'ccy' }] },
    { fields: [{ field: 'party' }] },
  ])
    expect((await run([exact, { kind: 'fuzzy', fields: [{ field: 'party' }, { field: 'amount' }], ...more }])).ok).toBe(
      true,
    );
});
