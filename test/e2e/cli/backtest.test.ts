// `tieout backtest` from outside, as its user runs it: what is gained, lost and changed, confirmed matches, exit codes.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BacktestReport } from '../../../cli/report/backtest-report.ts';
import type { Definition } from '../../../shared/domain/definition.ts';
import { buildOnce, openWorkplace, type Ran, type Workplace } from './command.ts';

const left = `id,amount,day
A1,10.00,2024-01-01
A2,20.00,2024-01-01
A3,30.00,2024-01-01
A4,40.00,2024-01-01
A5,50.00,2024-01-02
A6,60.00,2024-01-03
`;
const right = `ref,amt,day
A1,10.00,2024-01-01
A2,20.01,2024-01-01
A3,30.50,2024-01-01
X4,40.00,2024-01-01
X5,50.02,2024-01-02
A6,60.00,2024-01-04
`;

/** A6 agrees by a day of tolerance, A2 by a cent; A4 and A5 have no common key and meet by day and amount. */
const wide: Definition = {
  name: 'wide',
  sources: [{ name: 'left', anchor: true }, { name: 'right' }],
  fields: [
    { name: 'id', role: 'KEY', mapping: { left: 'id', right: 'ref' } },
    {
      name: 'amount',
      role: 'COMPARE',
      type: 'decimal',
      tolerance: { absolute: '0.01' },
      mapping: { left: 'amount', right: 'amt' },
    },
    { name: 'day', role: 'COMPARE', type: 'date', tolerance: { days: 1 }, mapping: { left: 'day', right: 'day' } },
  ],
  passes: [
    { kind: 'exact-key', name: 'key' },
    {
      kind: 'tolerance',
      name: 'near',
      conditions: [
        { field: 'day', equal: true },
        { field: 'amount', absolute: '0.05' },
      ],
    },
  ],
};

function changed(change: (definition: Definition) => void): string {
  const copy = structuredClone(wide);
  change(copy);
  return JSON.stringify(copy);
}

let place: Workplace;
beforeAll(() => {
  buildOnce();
  place = openWorkplace();
  place.write('left.csv', left);
  place.write('right.csv', right);
  place.write('wide.json', JSON.stringify(wide));
  place.write(
    'tight.json',
    changed((one) => {
      one.name = 'tight';
      delete one.fields[2]!.tolerance;
      one.passes[1] = {
        kind: 'tolerance',
        name: 'near',
        conditions: [
          { field: 'day', equal: true },
          { field: 'amount', absolute: '0.01' },
        ],
      };
    }),
  );
}, 60_000);
afterAll(() => place.remove());

const files = ['left.csv', 'right.csv'];

function report(...words: string[]): { code: number; report: BacktestReport } {
  const ran = place.run('backtest', ...words, '--json');
  expect(ran.stderr).toBe('');
  return { code: ran.code, report: JSON.parse(ran.stdout) as BacktestReport };
}

function refused(...words: string[]): Ran {
  const ran = place.run('backtest', ...words);
  expect(ran).toMatchObject({ code: 2, stdout: '' });
  expect(ran.stderr).toMatch(/^tieout: [^\n]+\n$/);
  return ran;
}

describe('two definitions', () => {
  test('the same twice: all is kept, exit 0', () => {
    const { code, report: found } = report('wide.json', 'wide.json', ...files);
    expect(code).toBe(0);
    expect(found.matches).toEqual({ kept: 6, rematched: 0, nowMismatched: 0, nowMatched: 0, lost: 0, gained: 0 });
    expect(found.records).toEqual([]);
    expect(found.confirmed).toBeNull();
    expect(found.results).toBeNull();
  });

  test('a tighter one: per pass, breaks by type, the first of each with the reason; exit 1', () => {
    const { code, report: found } = report('wide.json', 'tight.json', ...files);
    expect(code).toBe(1);
    expect(found.holds).toBe(false);
    expect(found.old.passes).toEqual([
      { pass: 'key', matches: 4, mismatched: 1, kept: 3, rematched: 0, nowMismatched: 1, nowMatched: 0, lost: 0 },
      { pass: 'near', matches: 2, mismatched: 0, kept: 1, rematched: 0, nowMismatched: 0, nowMatched: 0, lost: 1 },
    ]);
    expect(found.new.passes).toEqual([
      { pass: 'key', matches: 4, mismatched: 2, kept: 3, rematched: 0, nowMismatched: 1, nowMatched: 0, gained: 0 },
      { pass: 'near', matches: 1, mismatched: 0, kept: 1, rematched: 0, nowMismatched: 0, nowMatched: 0, gained: 0 },
    ]);
    expect([found.old.breaks.MISMATCH, found.new.breaks.MISMATCH]).toEqual([1, 2]);
    expect(found.records).toEqual([
      { source: 'left', from: 'MATCHED', to: 'MISMATCH', records: 1 },
      { source: 'left', from: 'MATCHED', to: 'MISSING', records: 1 },
      { source: 'right', from: 'MATCHED', to: 'MISMATCH', records: 1 },
      { source: 'right', from: 'MATCHED', to: 'MISSING', records: 1 },
    ]);
    expect(found.first.lost).toMatchObject([
      {
        key: ['A5'],
        left: [5],
        right: [5],
        pass: 'near',
        now: [
          { side: 'left', row: 5, is: 'MISSING' },
          { side: 'right', row: 5, is: 'MISSING' },
        ],
      },
    ]);
    expect(found.first.changed).toMatchObject([{ verdict: 'now_mismatched', key: ['A6'], fields: ['day'] }]);
    const text = place.run('backtest', 'wide.json', 'tight.json', ...files).stdout;
    expect(text).toMatch(/A5: left row 5 with right row 5, by near\n {4}left row 5: missing/);
    expect(text).toMatch(/A6: .*\n {4}agreed, differs now in day/);
    expect(text).toMatch(/NEW loses or changes 2 matches; none may be: it fails/);
  });

  test('a wider one: gained, and agreeing now, is no harm', () => {
    const { code, report: found } = report('tight.json', 'wide.json', ...files);
    expect(code).toBe(0);
    expect(found.matches).toEqual({ kept: 4, rematched: 0, nowMismatched: 0, nowMatched: 1, lost: 0, gained: 1 });
    expect(found.first.gained).toEqual([
      { source: 'right', key: ['A5'], left: [5], right: [5], pass: 'near', outcome: 'MATCHED' },
    ]);
  });

  test('--allow-lost', () => {
    const code = (allow: string) =>
      place.run('backtest', 'wide.json', 'tight.json', ...files, '--allow-lost', allow).code;
    expect(['0', '1', '2', 'all'].map(code)).toEqual([1, 1, 0, 0]);
  });

  test('another key: records matched otherwise, and matches kept by another pass', () => {
    place.write('crossed-left.csv', 'id,other,amount,day\n1,B,10,2024-01-01\n2,A,10,2024-01-01\n3,C,30,2024-01-02\n');
    place.write('crossed-right.csv', 'ref,other,amt,day\n1,A,10,2024-01-01\n2,B,10,2024-01-01\n3,Z,30,2024-01-02\n');
    place.write(
      'other-key.json',
      changed((one) => void (one.fields[0]!.mapping = { left: 'other', right: 'other' })),
    );
    const { code, report: found } = report('wide.json', 'other-key.json', 'crossed-left.csv', 'crossed-right.csv');
    expect(code).toBe(1);
    expect(found.matches).toEqual({ kept: 1, rematched: 2, nowMismatched: 0, nowMatched: 0, lost: 0, gained: 0 });
    expect(found.otherPass).toEqual([{ from: 'key', to: 'near', matches: 1 }]);
    expect(found.first.changed[0]).toMatchObject({
      verdict: 'rematched',
      key: ['1'],
      now: [
        { side: 'left', row: 1, is: 'MATCHED', pass: 'key', with: ['2'] },
        { side: 'right', row: 1, is: 'MATCHED', pass: 'key', with: ['2'] },
      ],
    });
  });

  test('a record that NEW filters out is no record of it', () => {
    place.write(
      'filtered.json',
      changed((one) => void (one.sources[0]!.filters = [{ column: 'id', notIn: ['A1'] }])),
    );
    const { report: found } = report('wide.json', 'filtered.json', ...files);
    expect(found.first.lost).toMatchObject([{ key: ['A1'], now: [{ is: 'NO_RECORD' }, { is: 'MISSING' }] }]);
    expect(found.records).toEqual([
      { source: 'left', from: 'MATCHED', to: 'NO_RECORD', records: 1 },
      { source: 'right', from: 'MATCHED', to: 'MISSING', records: 1 },
    ]);
  });

  test('the order of the rows changes nothing but their numbers', () => {
    const reversed = (text: string) =>
      [text.split('\n')[0], ...text.trimEnd().split('\n').slice(1).reverse(), ''].join('\n');
    place.write('reversed/left.csv', reversed(left));
    const one = report('wide.json', 'tight.json', ...files).report;
    const other = report('wide.json', 'tight.json', 'reversed/left.csv', 'right.csv').report;
    expect(other.old.passes).toEqual(one.old.passes);
    expect(other.new.passes).toEqual(one.new.passes);
    expect(other.records).toEqual(one.records);
    expect(other.first.lost.map(({ key, right: rows }) => [key, rows])).toEqual([[['A5'], [5]]]);
  });

  test('three sources: each leg has its own matches', () => {
    const sources = [{ name: 'book', anchor: true }, { name: 'bank' }, { name: 'agent' }];
    const all = (column: string) => ({ book: column, bank: column, agent: column });
    const three = (tolerance: string): Definition => ({
      name: 'three',
      sources,
      fields: [
        { name: 'id', role: 'KEY', mapping: all('id') },
        {
          name: 'amount',
          role: 'COMPARE',
          type: 'decimal',
          tolerance: { absolute: tolerance },
          mapping: all('amount'),
        },
      ],
      passes: [{ kind: 'exact-key', name: 'key' }],
    });
    place.write('three-1.json', JSON.stringify(three('1')));
    place.write('three-2.json', JSON.stringify({ ...three('0'), sources: [sources[2], sources[0], sources[1]] }));
    place.write('book.csv', 'id,amount\n1,10\n2,20\n3,30\n');
    place.write('bank.csv', 'id,amount\n1,11\n2,20\n');
    place.write('agent.csv', 'id,amount\n3,30\n1,11\n2,21\n4,1\n');
    const named = ['--file', 'book=book.csv', '--file', 'bank=bank.csv', '--file', 'agent=agent.csv'];
    const { code, report: found } = report('three-1.json', 'three-2.json', ...named);
    expect(code).toBe(1);
    expect(found.matches).toEqual({ kept: 2, rematched: 0, nowMismatched: 3, nowMatched: 0, lost: 0, gained: 0 });
    expect(found.first.changed.map(({ source, left: l, right: r }) => [source, l, r])).toEqual([
      ['agent', [1], [2]],
      ['agent', [2], [3]],
      ['bank', [1], [1]],
    ]);
    expect(found.records).toEqual([
      { source: 'agent', from: 'MATCHED', to: 'MISMATCH', records: 2 },
      { source: 'bank', from: 'MATCHED', to: 'MISMATCH', records: 1 },
      { source: 'book', from: 'MATCHED', to: 'MISMATCH', records: 2 },
    ]);
    expect(refused('three-1.json', 'three-2.json', 'book.csv', 'bank.csv', 'agent.csv').stderr).toMatch(
      /order.*--file/,
    );
    place.write('confirmed-3.csv', 'source,left_row,right_row\nbank,2,2\nagent,1,2\n');
    expect(
      report('three-1.json', 'three-2.json', ...named, '--confirmed', 'confirmed-3.csv').report.confirmed,
    ).toMatchObject({
      matches: 2,
      kept: 1,
      nowMismatched: 1,
    });
  });
});

describe('confirmed matches', () => {
  const confirmed = (name: string, content: string) => {
    place.write(name, content);
    return report('wide.json', 'tight.json', ...files, '--confirmed', name);
  };

  test('those that NEW keeps do not fail, whatever else is lost', () => {
    const { code, report: found } = confirmed('kept.csv', 'left_row,right_row\n1,1\n4,4\n');
    expect(code).toBe(0);
    expect(found.matches.lost).toBe(1);
    expect(found.confirmed).toMatchObject({ matches: 2, kept: 2, lost: 0, inOld: 2, first: [] });
  });

  test('those that NEW loses or changes are listed and fail, unless allowed', () => {
    const { code, report: found } = confirmed('lost.csv', 'left_row,right_row,note\n5,5,x\n6,6,y\n1,1,z\n');
    expect(code).toBe(1);
    expect(found.confirmed).toMatchObject({ matches: 3, kept: 1, lost: 1, nowMismatched: 1, inOld: 3 });
    expect(found.confirmed!.first.map(({ key, verdict }) => [key, verdict])).toEqual([
      [['A5'], 'lost'],
      [['A6'], 'now_mismatched'],
    ]);
    const code2 = (allow: string) =>
      place.run('backtest', 'wide.json', 'tight.json', ...files, '--confirmed', 'lost.csv', '--allow-lost', allow).code;
    expect(['1', '2', 'all'].map(code2)).toEqual([1, 0, 0]);
  });

  test('by keys; one that neither definition finds is not kept', () => {
    const { code, report: found } = confirmed('keys.csv', 'left_key,right_key\nA4,X4\nA1,X5\n');
    expect(code).toBe(1);
    expect(found.confirmed).toMatchObject({ matches: 2, kept: 1, rematched: 1, inOld: 1 });
  });

  test.each(['csv', 'json', 'parquet', 'xlsx'])('the matches of a former run, as %s', (format) => {
    place.run('match', ...files, '--definition', 'wide.json', '--out', `run-${format}`, '--format', format);
    const { code, report: found } = report(
      'wide.json',
      'wide.json',
      ...files,
      '--confirmed',
      `run-${format}/matches.${format}`,
    );
    expect(code).toBe(0);
    expect(found.confirmed).toMatchObject({ matches: 5, kept: 5 });
  });

  test('a group by its id is one match', () => {
    const { report: found } = confirmed('groups.csv', 'left_row,right_row,group_id\n1,1,g\n1,2,g\n4,4,\n');
    expect(found.confirmed).toMatchObject({ matches: 2, kept: 1, rematched: 1 });
  });

  test.each([
    ['a row beyond the file', 'left_row,right_row\n1,1\n5,99\n', /row 2: right_row 99 is beyond/],
    ['no row number', 'left_row,right_row\nx,1\n', /row 1: left_row x is not a row number/],
    ['row 0', 'left_row,right_row\n0,1\n', /left_row 0 is not a row number/],
    ['half a pair', 'left_row,right_row\n1,1\n5,\n', /row 2: left_row and right_row are needed/],
    ['an unknown key', 'left_key,right_key\nA1,A9\n', /row 1: no record has the right_key A9/],
    ['other columns', 'a,b\n1,2\n', /neither the columns left_row and right_row nor left_key and right_key/],
    ['a header alone', 'left_row,right_row\n', /no rows/],
    ['nothing', '', /empty/],
  ])('%s is refused (CONFIRMED_INVALID, FILE_EMPTY)', (_, content, message) => {
    place.write('bad.csv', content);
    expect(refused('wide.json', 'tight.json', ...files, '--confirmed', 'bad.csv').stderr).toMatch(message);
  });

  test('a key of several records names none', () => {
    place.write('twice.csv', `${left}A1,10.00,2024-01-01\n`);
    place.write('keys-1.csv', 'left_key,right_key\nA1,A1\n');
    expect(refused('wide.json', 'tight.json', 'twice.csv', 'right.csv', '--confirmed', 'keys-1.csv').stderr).toMatch(
      /2 records have the left_key A1: give left_row and right_row/,
    );
  });
});

describe('files and their names', () => {
  test('--on in the order of the sources, --file by name, or after the definitions: the same', () => {
    const plain = report('wide.json', 'tight.json', ...files).report;
    for (const words of [
      ['--on', 'left.csv', '--on', 'right.csv'],
      ['--file', 'right=right.csv', '--file', 'left=left.csv'],
    ])
      expect({ ...report('wide.json', 'tight.json', ...words).report, elapsedMs: 0 }).toEqual({
        ...plain,
        elapsedMs: 0,
      });
  });

  test.each(['csv', 'json', 'parquet', 'xlsx'])('--out in %s', (format) => {
    place.write('lab/mine.txt', 'keep');
    place.write('lab/summary.json', 'of a comparison');
    place.write('confirmed.csv', 'left_row,right_row\n5,5\n');
    const { report: found } = report(
      'wide.json',
      'tight.json',
      ...files,
      '--confirmed',
      'confirmed.csv',
      '--out',
      'lab',
      '--format',
      format,
    );
    const names = ['gained', 'lost', 'changed', 'confirmed-lost'].map((name) => `${name}.${format}`);
    expect(readdirSync(place.path('lab')).sort()).toEqual(
      [...names, 'backtest.json', 'mine.txt', 'summary.json'].sort(),
    );
    expect(JSON.parse(readFileSync(place.path('lab/backtest.json'), 'utf8'))).toEqual(found);
    expect(Object.values(found.results!).map(({ rows }) => rows)).toEqual([0, 1, 1, 1]);
    if (format === 'json')
      expect(JSON.parse(readFileSync(place.path('lab/lost.json'), 'utf8'))).toMatchObject([
        {
          verdict: 'lost',
          key: 'A5',
          source: 'right',
          pass: 'near',
          outcome: 'MATCHED',
          left_now: 'MISSING',
          right_now: 'MISSING',
        },
      ]);
  });

  test('a failed run leaves no backtest.json of an earlier one, and no scratch', () => {
    report('wide.json', 'tight.json', ...files, '--out', 'again');
    refused('wide.json', 'tight.json', 'left.csv', 'none.csv', '--out', 'again');
    expect(existsSync(place.path('again/backtest.json'))).toBe(false);
    expect(readdirSync(place.path('again')).filter((name) => name.startsWith('.tieout-'))).toEqual([]);
  });

  test('bad use and unreadable input', () => {
    place.write('empty.csv', '');
    place.write('header.csv', 'id,amount,day\n');
    place.write('bank.json', JSON.stringify(wide).replaceAll('"right"', '"bank"'));
    place.write(
      'turned.json',
      changed((one) => void (one.sources = [{ name: 'left' }, { name: 'right', anchor: true }])),
    );
    place.write(
      'short.json',
      changed((one) => void (one.sources[0]!.input = { preambleLines: 1, header: false })),
    );
    expect(refused().stderr).toMatch(/two definitions/);
    expect(refused('wide.json').stderr).toMatch(/two definitions/);
    expect(refused('wide.json', 'tight.json', 'left.csv').stderr).toMatch(/2 sources \(left, right\) and 1 files/);
    expect(refused('wide.json', 'tight.json', ...files, '--on', 'left.csv').stderr).toMatch(/not both/);
    expect(refused('wide.json', 'none.json', ...files).stderr).toMatch(/none\.json: ENOENT/);
    expect(refused('wide.json', 'left.csv', ...files).stderr).toMatch(/left\.csv: not JSON/);
    expect(refused('wide.json', 'bank.json', ...files).stderr).toMatch(
      /left, right and NEW of bank, left: they must be the same/,
    );
    expect(refused('wide.json', 'turned.json', ...files).stderr).toMatch(
      /the anchor of OLD is left and that of NEW right/,
    );
    expect(refused('wide.json', 'tight.json', 'left.csv', 'none.csv').stderr).toMatch(/none\.csv/);
    expect(refused('wide.json', 'tight.json', 'left.csv', 'empty.csv').stderr).toMatch(/empty\.csv is empty/);
    expect(refused('wide.json', 'tight.json', 'header.csv', 'right.csv').stderr).toMatch(/no rows/);
    expect(refused('wide.json', 'tight.json', ...files, '--confirmed', 'none.csv').stderr).toMatch(/none\.csv/);
    expect(refused('wide.json', 'tight.json', ...files, '--allow-lost', 'some').stderr).toMatch(/whole number, or all/);
    expect(refused('wide.json', 'tight.json', ...files, '--format', 'pdf').stderr).toMatch(/csv, json, parquet, xlsx/);
    expect(refused('wide.json', 'tight.json', ...files, '--confirm', 'x').stderr).toMatch(/did you mean --confirmed/);
  });

  test('a file that NEW numbers otherwise is refused', () => {
    const numbered = (source: string): Definition => ({
      ...wide,
      sources: [
        {
          name: 'left',
          anchor: true,
          input: { format: 'csv', header: false, ...(source === 'old' ? {} : { preambleLines: 1 }) },
        },
        { name: 'right' },
      ],
      fields: wide.fields.map(({ tolerance: _tolerance, ...field }, index) => ({
        ...field,
        type: 'text' as const,
        mapping: { left: `column${index + 1}`, right: field.mapping.right! },
      })),
      passes: [{ kind: 'exact-key' }],
    });
    place.write('numbered-old.json', JSON.stringify(numbered('old')));
    place.write('numbered-new.json', JSON.stringify(numbered('new')));
    expect(refused('numbered-old.json', 'numbered-new.json', ...files).stderr).toMatch(
      /left: OLD reads 7 rows and NEW 6/,
    );
  });
});
