// `tieout backtest` from outside, as its user runs it: what is gained, lost and changed, files, exit codes.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Definition } from '../../../shared/domain/definition.ts';
import { changed, files, type Lab, left, openLab, wide } from './backtest-lab.ts';

let place: Lab;
beforeAll(() => {
  place = openLab();
}, 60_000);
afterAll(() => place.remove());

describe('two definitions', () => {
  test('the same twice: all is kept, exit 0', () => {
    const { code, report: found } = place.report('wide.json', 'wide.json', ...files);
    expect(code).toBe(0);
    expect(found.matches).toEqual({ kept: 6, rematched: 0, nowMismatched: 0, nowMatched: 0, lost: 0, gained: 0 });
    expect(found.records).toEqual([]);
    expect(found.confirmed).toBeNull();
    expect(found.results).toBeNull();
  });

  test('a tighter one: per pass, breaks by type, the first of each with the reason; exit 1', () => {
    const { code, report: found } = place.report('wide.json', 'tight.json', ...files);
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
    const { code, report: found } = place.report('tight.json', 'wide.json', ...files);
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
    const { code, report: found } = place.report(
      'wide.json',
      'other-key.json',
      'crossed-left.csv',
      'crossed-right.csv',
    );
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
    const { report: found } = place.report('wide.json', 'filtered.json', ...files);
    expect(found.first.lost).toMatchObject([{ key: ['A1'], now: [{ is: 'NO_RECORD' }, { is: 'MISSING' }] }]);
    expect(found.records).toEqual([
      { source: 'left', from: 'MATCHED', to: 'NO_RECORD', records: 1 },
      { source: 'right', from: 'MATCHED', to: 'MISSING', records: 1 },
    ]);
  });

  test('a match that became a tie is lost, and the tie is named', () => {
    place.write('tied-left.csv', 'id,amount,day\nQ1,10.00,2024-01-01\n');
    place.write('tied-right.csv', 'ref,amt,day\nz1,10.01,2024-01-01\nz2,9.99,2024-01-01\n');
    place.write(
      'without-z2.json',
      changed((one) => void (one.sources[1]!.filters = [{ column: 'ref', notIn: ['z2'] }])),
    );
    const ran = place.run('backtest', 'without-z2.json', 'wide.json', 'tied-left.csv', 'tied-right.csv');
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(
      /Q1: left row 1 with right row 1, by near\n {4}left row 1: ambiguous; tied with right rows 1, 2 in near\n/,
    );
  });

  test('the order of the rows changes nothing but their numbers', () => {
    const reversed = (text: string) =>
      [text.split('\n')[0], ...text.trimEnd().split('\n').slice(1).reverse(), ''].join('\n');
    place.write('reversed/left.csv', reversed(left));
    const one = place.report('wide.json', 'tight.json', ...files).report;
    const other = place.report('wide.json', 'tight.json', 'reversed/left.csv', 'right.csv').report;
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
    const { code, report: found } = place.report('three-1.json', 'three-2.json', ...named);
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
    expect(place.refused('three-1.json', 'three-2.json', 'book.csv', 'bank.csv', 'agent.csv').stderr).toMatch(
      /order.*--file/,
    );
    place.write('confirmed-3.csv', 'source,left_row,right_row\nbank,2,2\nagent,1,2\n');
    expect(
      place.report('three-1.json', 'three-2.json', ...named, '--confirmed', 'confirmed-3.csv').report.confirmed,
    ).toMatchObject({
      matches: 2,
      kept: 1,
      nowMismatched: 1,
    });
  });
});

describe('files and their names', () => {
  test('--on in the order of the sources, --file by name, or after the definitions: the same', () => {
    const plain = place.report('wide.json', 'tight.json', ...files).report;
    for (const words of [
      ['--on', 'left.csv', '--on', 'right.csv'],
      ['--file', 'right=right.csv', '--file', 'left=left.csv'],
    ])
      expect({ ...place.report('wide.json', 'tight.json', ...words).report, elapsedMs: 0 }).toEqual({
        ...plain,
        elapsedMs: 0,
      });
  });

  test.each(['csv', 'json', 'parquet', 'xlsx'])('--out in %s', (format) => {
    place.write('lab/mine.txt', 'keep');
    place.write('lab/summary.json', 'of a comparison');
    place.write('confirmed.csv', 'left_row,right_row\n5,5\n');
    const { report: found } = place.report(
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
    place.report('wide.json', 'tight.json', ...files, '--out', 'again');
    place.refused('wide.json', 'tight.json', 'left.csv', 'none.csv', '--out', 'again');
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
    expect(place.refused().stderr).toMatch(/two definitions/);
    expect(place.refused('wide.json').stderr).toMatch(/two definitions/);
    expect(place.refused('wide.json', 'tight.json', 'left.csv').stderr).toMatch(
      /2 sources \(left, right\) and 1 files/,
    );
    expect(place.refused('wide.json', 'tight.json', ...files, '--on', 'left.csv').stderr).toMatch(/not both/);
    expect(place.refused('wide.json', 'none.json', ...files).stderr).toMatch(/none\.json does not exist/);
    expect(place.refused('wide.json', 'left.csv', ...files).stderr).toMatch(/left\.csv: not JSON/);
    expect(place.refused('wide.json', 'bank.json', ...files).stderr).toMatch(
      /left, right and NEW of bank, left: they must be the same/,
    );
    expect(place.refused('wide.json', 'turned.json', ...files).stderr).toMatch(
      /the anchor of OLD is left and that of NEW right/,
    );
    expect(place.refused('wide.json', 'tight.json', 'left.csv', 'none.csv').stderr).toMatch(/none\.csv/);
    expect(place.refused('wide.json', 'tight.json', 'left.csv', 'empty.csv').stderr).toMatch(/empty\.csv is empty/);
    expect(place.refused('wide.json', 'tight.json', 'header.csv', 'right.csv').stderr).toMatch(/no rows/);
    expect(place.refused('wide.json', 'tight.json', ...files, '--confirmed', 'none.csv').stderr).toMatch(/none\.csv/);
    expect(place.refused('wide.json', 'tight.json', ...files, '--allow-lost', 'some').stderr).toMatch(
      /whole number, or all/,
    );
    expect(place.refused('wide.json', 'tight.json', ...files, '--format', 'pdf').stderr).toMatch(
      /csv, json, parquet, xlsx/,
    );
    expect(place.refused('wide.json', 'tight.json', ...files, '--confirm', 'x').stderr).toMatch(
      /did you mean --confirmed/,
    );
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
    expect(place.refused('numbered-old.json', 'numbered-new.json', ...files).stderr).toMatch(
      /left: OLD reads 7 rows and NEW 6/,
    );
  });
});
