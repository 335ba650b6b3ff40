// --fuzzy, --threshold, --target-precision and --equivalences as they are read from the command line.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type LinkedPair, parseLinkedPair } from '../../../cli/arguments/column-pair.ts';
import { type LinkingOptions, type LinkingValues, readLinkingOptions } from '../../../cli/arguments/linking.ts';
import { UsageError } from '../../../cli/usage-error.ts';

describe('--fuzzy L[=R][~HOW]', () => {
  const cases: [string, LinkedPair][] = [
    ['name', { left: 'name', right: 'name' }],
    ['name=party', { left: 'name', right: 'party' }],
    ['name=party~text', { left: 'name', right: 'party', as: 'text' }],
    ['ref~CODE', { left: 'ref', right: 'ref', as: 'code' }],
    ['a\\~b=c\\=d~name', { left: 'a~b', right: 'c=d', as: 'name' }],
  ];
  test.each(cases)('%s', (text, expected) => {
    expect(parseLinkedPair(text)).toEqual(expected);
  });

  const wrong: [string, RegExp][] = [
    ['', /empty/],
    ['a=', /empty/],
    ['a=b=c', /more than one =/],
    ['a~name~text', /more than one ~/],
    ['a~', /name, text, code, number, date, not ''/],
    ['a~0.01', /name, text, code, number, date, not '0.01'/],
  ];
  test.each(wrong)('%j is bad use', (text, message) => {
    expect(() => parseLinkedPair(text)).toThrow(UsageError);
    expect(() => parseLinkedPair(text)).toThrow(message);
  });
});

describe('how sure a link has to be', () => {
  const cases: [LinkingValues, LinkingOptions][] = [
    [{}, {}],
    [{ threshold: '0.9' }, { threshold: 0.9 }],
    [{ threshold: '0' }, { threshold: 0 }],
    [{ threshold: '1' }, { threshold: 1 }],
    [{ threshold: '.5' }, { threshold: 0.5 }],
    [{ 'target-precision': '0.99' }, { targetPrecision: 0.99 }],
  ];
  test.each(cases)('%j', (values, expected) => {
    expect(readLinkingOptions(values)).toEqual(expected);
  });

  const wrong: [LinkingValues, RegExp][] = [
    [{ threshold: '1.01' }, /--threshold 1\.01: a probability is a number from 0 to 1/],
    [{ threshold: '-0.1' }, /--threshold -0\.1/],
    [{ threshold: '90%' }, /--threshold 90%/],
    [{ threshold: 'NaN' }, /--threshold NaN/],
    [{ threshold: '' }, /--threshold : a probability/],
    [{ threshold: '0x1' }, /--threshold 0x1/],
    [{ threshold: '1e-3' }, /--threshold 1e-3/],
    [{ 'target-precision': '2' }, /--target-precision 2/],
    [{ threshold: '0.9', 'target-precision': '0.9' }, /cannot both be given/],
  ];
  test.each(wrong)('%j is bad use', (values, message) => {
    expect(() => readLinkingOptions(values)).toThrow(UsageError);
    expect(() => readLinkingOptions(values)).toThrow(message);
  });
});

describe('--equivalences FILE', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tieout-equivalences-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'groups');
  const read = (content: string) => {
    writeFileSync(path, content);
    return readLinkingOptions({ equivalences: path }).equivalences;
  };

  const cases: [string, string, string[][]][] = [
    [
      'CSV, a group a line',
      'William,Bill,Will\nKöln,Cologne\n',
      [
        ['William', 'Bill', 'Will'],
        ['Köln', 'Cologne'],
      ],
    ],
    [
      'semicolons, byte order mark, CRLF, blank lines',
      '\uFEFFWilliam;Bill\r\n\r\nKöln;Cologne\r\n',
      [
        ['William', 'Bill'],
        ['Köln', 'Cologne'],
      ],
    ],
    ['quotes and empty cells', '"Smith, Jones & Co",SJC,\n', [['Smith, Jones & Co', 'SJC']]],
    [
      'JSON',
      ' [["William", "Bill"], ["Köln", " Cologne "]]',
      [
        ['William', 'Bill'],
        ['Köln', 'Cologne'],
      ],
    ],
  ];
  test.each(cases)('%s', (_, content, groups) => {
    expect(read(content)).toEqual(groups);
  });

  const wrong: [string, RegExp][] = [
    ['', /holds no group/],
    ['[]', /holds no group/],
    ['William,Bill\nKöln\n', /group 2 has fewer than two spellings: 'Köln'/],
    ['[["a"]]', /group 1 has fewer than two/],
    ['[{"a": "b"}]', /not a list of lists of texts/],
    ['["a", "b"]', /not a list of lists of texts/],
    ['[["a", 1]]', /not a list of lists of texts/],
    ['[["a", ', /not JSON/],
    ['"a,b\nc,d\n', /line 1: /],
  ];
  test.each(wrong)('%j is bad use', (content, message) => {
    expect(() => read(content)).toThrow(UsageError);
    expect(() => read(content)).toThrow(message);
  });

  test('a file that is not there', () => {
    expect(() => readLinkingOptions({ equivalences: join(directory, 'nope') })).toThrow(/does not exist/);
  });
});
