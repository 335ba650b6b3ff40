// Passes after the exact key, as a person meets them: what each found, and why a record is where it is.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openWorkplace, type Workplace } from './command.ts';

let place: Workplace;
const definition = {
  name: 'cash',
  sources: [{ name: 'ledger', anchor: true }, { name: 'bank' }],
  fields: [
    { name: 'id', role: 'KEY', mapping: { ledger: 'id', bank: 'ref' } },
    { name: 'account', role: 'COMPARE', mapping: { ledger: 'account', bank: 'account' } },
    { name: 'amount', role: 'COMPARE', mapping: { ledger: 'amount', bank: 'amount' } },
    { name: 'date', role: 'COMPARE', mapping: { ledger: 'date', bank: 'date' } },
  ],
  passes: [
    { kind: 'exact-key', name: 'by id' },
    {
      kind: 'tolerance',
      name: 'near',
      conditions: [
        { field: 'account', equal: true },
        { field: 'amount', absolute: '0.05' },
        { field: 'date', daysBefore: 0, daysAfter: 2, calendar: 'bank' },
      ],
    },
  ],
  calendars: { bank: { holidays: ['2024-01-01'] } },
};
const ledger = `id,account,amount,date
L1,A,100.00,2023-12-29
L2,A,50.00,2024-01-05
L3,A,75.00,2024-01-05
S,B,1.00,2024-01-05
`;
const bank = `ref,account,amount,date
P9,A,100.03,2024-01-03
P8,A,50.02,2024-01-05
P7,A,49.98,2024-01-05
P6,A,75.40,2024-01-08
S,B,1.00,2024-01-05
`;
const files = ['--file', 'ledger=ledger.csv', '--file', 'bank=bank.csv', '--out', 'out'];

beforeAll(() => {
  place = openWorkplace();
  place.write('ledger.csv', ledger);
  place.write('bank.csv', bank);
  place.write('definition.json', JSON.stringify(definition));
  place.write('exact.json', JSON.stringify({ ...definition, passes: definition.passes.slice(0, 1) }));
});
afterAll(() => place.remove());

describe('the summary', () => {
  test('shows each pass with what it found, for a person and as JSON', () => {
    const ran = place.run('match', '--definition', 'definition.json', ...files);
    expect(ran).toMatchObject({ code: 1, stderr: '' });
    expect(ran.stdout).toContain('  pass   pairs  ambiguous\n  by id      1          0\n  near       1          3\n');
    const { passes } = JSON.parse(place.run('match', '--definition', 'definition.json', ...files, '--json').stdout);
    expect(passes).toMatchObject([
      { name: 'by id', pairs: 1, groups: 0, suggested: 0, ambiguous: 0, exhausted: 0, notes: [] },
      { name: 'near', pairs: 1, groups: 0, suggested: 0, ambiguous: 3, exhausted: 0, notes: [] },
    ]);
  });

  test('has no table of passes where there is one, and shows notes', () => {
    expect(place.run('match', '--definition', 'exact.json', ...files).stdout).not.toMatch(/^ +pass /m);
    const wide = structuredClone(definition);
    wide.passes[1]!.conditions![1] = { field: 'amount', absolute: '500' };
    place.write('wide.json', JSON.stringify(wide));
    expect(place.run('match', '--definition', 'wide.json', ...files).stdout).toMatch(
      /^note: near: the tolerance of amount, 500, is as wide as its values: the largest is 100\.03$/m,
    );
  });

  test('a condition that does not fit the values is a fault of the definition', () => {
    const wrong = structuredClone(definition);
    wrong.passes[1]!.conditions![0] = { field: 'account', absolute: '1' };
    place.write('wrong.json', JSON.stringify(wrong));
    const ran = place.run('match', '--definition', 'wrong.json', ...files);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toMatch(/^tieout: .*"account" as numbers.*give the field a type/);
    expect(ran.stderr).not.toMatch(/unexpected/);
  });
});

describe('explain', () => {
  beforeAll(() => {
    place.run('match', '--definition', 'definition.json', ...files);
  });

  test.each(['L1', 'P9'])('a pair of a later pass from either key: %s', (key) => {
    const ran = place.run('explain', key, '--results', 'out');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain('matched: row 1 with row 1 of bank, by pass near, confidence 0.6\n');
    expect(ran.stdout).toMatch(/= +amount +100\.00 +100\.03 +± 0\.05, difference 0\.03/);
    expect(ran.stdout).toMatch(/= +date .* business days of bank, difference 2/);
  });

  test('what would be a guess, with its candidates; what is missing, with the nearest', () => {
    const tied = place.run('explain', 'L2', '--results', 'out');
    expect(tied.code).toBe(1);
    expect(tied.stdout).toMatch(
      /^ambiguous: row 2\n {2}tied {2}row 3 of bank {2}P7 {2}pass near {2}cost 0\.4\n {2}tied {2}row 2 of bank {2}P8 /m,
    );
    const missing = place.run('explain', 'L3', '--results', 'out');
    expect(missing.stdout).toMatch(
      /^missing in bank: row 3\n {2}nearest {2}row 4 of bank {2}P6 {2}pass near {2}fails amount$/m,
    );
    const [found] = JSON.parse(place.run('explain', 'L3', '--results', 'out', '--json').stdout).breaks;
    expect(found.candidates).toEqual([
      {
        ...{ source: 'bank', pass: 'near', kind: 'nearest', rows: [4], records: 1, key: ['P6'] },
        ...{ cost: null, failed: ['amount'] },
      },
    ]);
  });
});
