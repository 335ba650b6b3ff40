// `tieout match --fuzzy` and what `explain` says of it, as their user meets them.
import { readFileSync } from 'node:fs';
import papa from 'papaparse';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunSummary } from '../../../cli/report/run-summary.ts';
import type { MatchEvidence } from '../../../shared/domain/match-evidence.ts';
import type { ExplainedKey } from '../../../shared/matching/match/explain-key.ts';
import { openWorkplace, type Workplace } from './command.ts';
import { bank, byThree, ledger } from './linked-files.ts';

let place: Workplace;
beforeAll(() => {
  place = openWorkplace();
  place.write('ledger.csv', ledger);
  place.write('bank.csv', bank);
});
afterAll(() => place.remove());

function summaryOf(...words: string[]): RunSummary {
  const ran = place.run('match', ...words, '--out', 'out', '--json');
  expect(ran.stderr).toBe('');
  return JSON.parse(ran.stdout) as RunSummary;
}

const files = ['ledger.csv', 'bank.csv'];
const pairsOf = (path: string): Record<string, string>[] =>
  papa.parse<Record<string, string>>(readFileSync(place.path(path), 'utf8'), { header: true, skipEmptyLines: true })
    .data;

describe('without a key', () => {
  test('records are linked by these fields alone', () => {
    const summary = summaryOf(...files, ...byThree);
    expect(summary).toMatchObject({ key: [], compared: [], notes: [], pairs: { matched: 6, mismatched: 0 } });
    expect(summary.linked).toEqual([{ pass: '1-fuzzy', fields: ['party', 'booked', 'amount'] }]);
    expect(summary.left).toMatchObject({ rows: 7, matched: 6, missing: 1 });
    expect(summary.left.sums.matched.amount).toEqual({ '': '11509.60' });
    expect(summary.passes).toMatchObject([{ name: '1-fuzzy', pairs: 6, matched: 6, ambiguous: 0 }]);
    expect(summary.firstBreaks).toEqual([
      expect.objectContaining({
        ...{ type: 'MISSING', missingIn: 'right', key: [''] },
        record: {
          source: 'left',
          row: 6,
          values: { party: 'Blue Sky Airlines', booked: '2024-02-14', amount: '705.25' },
        },
      }),
      expect.objectContaining({ missingIn: 'left', record: expect.objectContaining({ source: 'right', row: 6 }) }),
    ]);
  });

  test('matches show the values, how sure each is, and why', () => {
    place.run('match', ...files, ...byThree, '--out', 'out');
    const pairs = pairsOf('out/matches.csv');
    expect(pairs.map((pair) => [pair.left_row, pair.right_row, pair.left_party, pair.right_booked])).toContainEqual([
      ...['4', '4', 'Société Générale S.A.', '2024-02-02'],
    ]);
    for (const { confidence, evidence } of pairs) {
      const why = JSON.parse(evidence!) as MatchEvidence;
      expect(why.probability).toBe(Number(confidence));
      expect(why.fields.map(({ field }) => field)).toEqual(['party', 'booked', 'amount']);
      expect(why.fields.reduce((sum, one) => sum + one.weight, why.prior)).toBeCloseTo(why.weight, 5);
    }
    place.run('match', ...files, ...byThree, '--out', 'out', '--format', 'json');
    const [first] = JSON.parse(readFileSync(place.path('out/matches.json'), 'utf8'));
    expect(first.evidence.fields[0]).toMatchObject({ field: 'party', as: 'name', level: 'equal' });
  });

  test('the summary for a person says by what, how sure, and whom each break is', () => {
    const { stdout, code } = place.run('match', ...files, ...byThree, '--threshold', '0.6', '--out', 'out');
    expect(code).toBe(1);
    expect(stdout).toContain('linked by party + booked + amount from probability 0.6 on; compared nothing else\n');
    expect(stdout).toMatch(/^ {2}pass {5}pairs {2}confidence\n {2}1-fuzzy {6}6 {7}0\.99\d$/m);
    expect(stdout).toContain('  missing in right  row 6: Blue Sky Airlines | 2024-02-14 | 705.25\n');
  });

  test('what is compared as well makes a mismatch of a pair', () => {
    const by = [
      '--fuzzy',
      'party=name',
      '--fuzzy',
      'booked=value_date',
      '--compare',
      'amount=amt~0.01',
      '--compare',
      'note',
    ];
    const summary = summaryOf(...files, ...by);
    expect(summary.pairs).toMatchObject({ matched: 5, mismatched: 1 });
    expect(summary.firstBreaks[0]).toMatchObject({
      type: 'MISMATCH',
      record: { row: 2 },
      differences: [{ field: 'note', left: 'ok', right: 'late' }],
    });
  });

  test('the definition that ran gives the same again', () => {
    const first = summaryOf(...files, ...byThree, '--threshold', '0.7');
    const again = summaryOf(...files, '--definition', 'out/definition.json');
    const { elapsedMs: _, ...rest } = first;
    expect(again).toMatchObject(rest);
    const { fields, passes } = JSON.parse(readFileSync(place.path('out/definition.json'), 'utf8'));
    expect(passes).toEqual([
      { kind: 'fuzzy', fields: [{ field: 'party' }, { field: 'booked' }, { field: 'amount' }], threshold: 0.7 },
    ]);
    expect(fields.map((one: { role: string; type: string }) => [one.role, one.type])).toEqual([
      ['DISPLAY', 'text'],
      ['DISPLAY', 'date'],
      ['DISPLAY', 'decimal'],
    ]);
  });

  test('a currency in both files is compared: amounts of different currencies are not the same', () => {
    const withCurrency = (text: string, head: string, value: string) =>
      text
        .replace(/\n(?=.)/g, `,${value}\n`)
        .replace(`,${value}\n`, `,${head}\n`)
        .replace(/\n$/, `,${value}\n`);
    place.write('ledger-eur.csv', withCurrency(ledger, 'ccy', 'EUR'));
    place.write('bank-usd.csv', withCurrency(bank, 'ccy', 'USD'));
    const summary = summaryOf('ledger-eur.csv', 'bank-usd.csv', ...byThree);
    expect(summary).toMatchObject({ currencyField: 'ccy', pairs: { matched: 0, mismatched: 6 } });
  });
});

describe('after the key', () => {
  test('what it leaves is linked, and what is linked by is not compared', () => {
    const summary = summaryOf(...files, '--key', 'ref=id', ...byThree);
    expect(summary.passes).toMatchObject([
      { name: '1-exact-key', pairs: 1 },
      { name: '2-fuzzy', pairs: 5 },
    ]);
    // The key's own pair is written differently on both sides, which does not make it a break.
    expect(summary.compared.map(({ field }) => field)).toEqual(['note']);
    expect(summary.breaks).toMatchObject({ MISMATCH: 1, MISSING: 2 });
  });

  test('the key itself may be misspelt', () => {
    place.write(
      'a.csv',
      `ref,amount\n${['AX-1001', 'BY-2002', 'CZ-3003', 'DW-4004', 'EV-5005'].map((ref, at) => `${ref},${at}1.00`).join('\n')}\n`,
    );
    place.write(
      'b.csv',
      `ref,amount\n${['AX-1001', 'BY-2002', 'CZ-3O03', 'DW-4004', 'EV-5005'].map((ref, at) => `${ref},${at}1.00`).join('\n')}\n`,
    );
    const summary = summaryOf(
      'a.csv',
      'b.csv',
      '--key',
      'ref',
      '--fuzzy',
      'ref~code',
      '--fuzzy',
      'amount',
      '--threshold',
      '0.1',
    );
    expect(summary.passes).toMatchObject([{ pairs: 4 }, { pairs: 1 }]);
  });
});

describe('explain', () => {
  beforeAll(() => {
    place.run('match', ...files, ...byThree, '--out', 'out');
  });

  test.each(['4', 'left=4', 'right=4'])('a pair by a row, --row %s: each value, what it weighs, and the sum', (row) => {
    const ran = place.run('explain', '--row', row, '--results', 'out');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain('matched: row 4 with row 4 of right, by pass 1-fuzzy\n');
    expect(ran.stdout).toMatch(/^ {2}party +Société Générale S\.A\. +Societe Generale SA +equal +1\.00 +\+\d\.\d\d$/m);
    expect(ran.stdout).toMatch(/^ {2}booked +2024-02-01 +2024-02-02 +one digit typed wrongly.* +[+-]\d\.\d\d$/m);
    // The weights as they are shown add up to the sum, but for their rounding.
    const lines = ran.stdout
      .split('\n')
      .filter((line) => /^ {2}(party|booked|amount|before any value|sum) /.test(line));
    const weights = lines.map((line) => Number(line.split(' ').at(-1)));
    expect(weights.slice(0, 4).reduce((sum, one) => sum + one, 0)).toBeCloseTo(weights[4]!, 1);
    const [, power, probability] = /^ {2}2\^(\d+\.\d\d) to 1: probability (0\.\d+)$/m.exec(ran.stdout)!;
    expect(1 / (1 + 2 ** -Number(power))).toBeCloseTo(Number(probability), 3);
  });

  test('as JSON it has the evidence', () => {
    const found = JSON.parse(place.run('explain', '--row', '2', '--results', 'out', '--json').stdout) as ExplainedKey;
    expect(found.key).toBeNull();
    const [pair] = found.pairs;
    expect(pair!.evidence!.fields).toMatchObject([
      { field: 'party', level: 'different' },
      { level: 'equal' },
      { level: 'equal' },
    ]);
    expect(pair!.fields.map(({ comparison }) => comparison)).toEqual(['linked', 'linked', 'linked']);
  });

  test('a tie shows each candidate beside the record', () => {
    place.write('twice.csv', `${bank}B9,Acme Trading Ltd.,05.01.2024,1200.00,ok\n`);
    place.run('match', 'ledger.csv', 'twice.csv', ...byThree, '--out', 'tied');
    const ran = place.run('explain', '--row', '1', '--results', 'tied');
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/^ambiguous: row 1\n {2}tied +row [18] of right .*\n {2}tied +row [18] of right /m);
    expect(
      ran.stdout.match(
        /^tied, by pass 1-fuzzy: a guess between several, probability 0\.\d+\n +row 1 of left +row [18] of right +how near/gm,
      ),
    ).toHaveLength(2);
    expect(ran.stdout).toMatch(/probability 0\.\d+; beside the other pairs that either record could be in, 0\.\d+$/m);
  });

  const wrong: [string, string[], RegExp][] = [
    ['a key where there is none', ['L1'], /linked without a key: name one by its row/],
    ['no row', ['--row', 'x'], /--row x: a row is a whole number from 1/],
    ['row 0', ['--row', '0'], /--row 0: a row is a whole number from 1/],
    ['a source that is not there', ['--row', 'up=1'], /no source 'up'; there is left, right/],
    ['a row that is not there', ['--row', '99'], /left has no record in row 99/],
    ['both', ['L1', '--row', '1'], /the key or --row, not both/],
    ['neither', [], /give the key, .* or --row N/],
  ];
  test.each(wrong)('%s', (_, words, message) => {
    const ran = place.run('explain', ...words, '--results', 'out');
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(message);
  });
});

describe('bad use', () => {
  const cases: [string, string[], RegExp][] = [
    [
      'above 1',
      ['--fuzzy', 'party=name', '--threshold', '1.5'],
      /^tieout: --threshold 1\.5: a probability is a number from 0 to 1/,
    ],
    ['below 0', ['--fuzzy', 'party=name', '--threshold=-0.5'], /^tieout: --threshold -0\.5: a probability/],
    ['no number', ['--fuzzy', 'party=name', '--threshold', 'high'], /^tieout: --threshold high: a probability/],
    ['a precision', ['--fuzzy', 'party=name', '--target-precision', '99'], /^tieout: --target-precision 99: a prob/],
    ['both', ['--fuzzy', 'party=name', '--threshold', '0.9', '--target-precision', '0.9'], /cannot both be given/],
    ['a threshold of nothing', ['--threshold', '0.9'], /^tieout: --threshold goes with --fuzzy, or --dedupe/],
    ['a column that is not there', ['--fuzzy', 'party=nmae'], /bank\.csv has no column "nmae"; it has "name"/],
    ['a field twice', ['--fuzzy', 'party=name', '--fuzzy', 'party=name'], /^tieout: --fuzzy party is given twice/],
    [
      'what is compared too',
      ['--fuzzy', 'note', '--compare', 'note'],
      /'note' is given with both --fuzzy and --compare/,
    ],
    ['with a definition', ['--definition', 'x.json', '--fuzzy', 'party'], /--fuzzy cannot be given with --definition/],
    ['spellings that are not there', ['--fuzzy', 'party=name', '--equivalences', 'none'], /none: does not exist/],
  ];
  test.each(cases)('%s', (_, words, message) => {
    const ran = place.run('match', ...files, ...words, '--out', 'wrong');
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(message);
    expect(ran.stderr.split('\n')).toHaveLength(2);
  });
});

/** Every row of both files is answered for, whatever they hold. */
describe('files that say little', () => {
  const column = (name: string, values: string[]) =>
    `id,${name}\n${values.map((value, at) => `${at},${value}`).join('\n')}\n`;
  const scripts = [
    'Müller',
    'Мюллер',
    '山田太郎',
    'محمد علي',
    'Παπαδόπουλος',
    'ＡＣＭＥ Ltd',
    'Straße',
    'ıspanak',
    'नमस्ते',
  ];
  const folded = [
    'MULLER',
    'мюллер',
    '山田太郎',
    'محمد علي',
    'ΠΑΠΑΔΟΠΟΥΛΟΣ',
    'acme limited',
    'Strasse',
    'ispanak',
    'नमस्ते',
  ];
  const two = [...'abcdefgh'].flatMap((one) => [...'aeiou'].map((other) => one + other));
  const random = (seed: number) => Array.from({ length: 1100 }, (_, at) => String(((at + seed) * 7_919) % 99_991));

  const cases: [string, string, string, { matched: number; note?: RegExp }][] = [
    [
      'no values at all',
      column('name', ['', '', '']),
      column('name', ['', '']),
      { matched: 0, note: /no records of both sides have a value in name: nothing was compared/ },
    ],
    [
      'two letters',
      column('name', two),
      column(
        'name',
        two.map((one) => one.toUpperCase()),
      ),
      { matched: 40 },
    ],
    ['many scripts', column('name', scripts), column('name', folded), { matched: 9 }],
    [
      'more than a million pairs of one name, and no two alike elsewhere',
      column(
        'name,amount',
        random(0).map((one) => `Acme Ltd,${one}.25`),
      ),
      column(
        'name,amount',
        random(500_000).map((one) => `Acme Ltd,${one}.75`),
      ),
      { matched: 0, note: /name has one value only: it says nothing/ },
    ],
  ];
  test.each(cases)('%s', (name, left, right, { matched, note }) => {
    place.write('l.csv', left);
    place.write('r.csv', right);
    const amount = left.includes('amount') ? ['--fuzzy', 'amount'] : [];
    const summary = summaryOf('l.csv', 'r.csv', '--fuzzy', 'name', ...amount);
    expect(summary.left.matched, name).toBe(matched);
    expect(summary.left.matched + summary.left.missing + summary.left.ambiguous).toBe(summary.left.rows);
    if (note) expect(summary.passes[0]!.notes.join('\n')).toMatch(note);
  });

  test('where the values do not say what matches are like, it says so', () => {
    place.write(
      'l.csv',
      column(
        'name,amount',
        random(0).map((one) => `Acme Ltd,${one}.25`),
      ),
    );
    place.write(
      'r.csv',
      column(
        'name,amount',
        random(500_000).map((one) => `Acme Ltd,${one}.75`),
      ),
    );
    const { passes } = summaryOf('l.csv', 'r.csv', '--fuzzy', 'name', '--fuzzy', 'amount');
    expect(passes[0]!.notes.join('\n')).toMatch(/the estimation came to no end/);
  });
});
