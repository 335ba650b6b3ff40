// How pairs of columns and settings are read from the command line, escapes included.
import { describe, expect, test } from 'vitest';
import { type ComparedPair, parseComparedPair, parseKeyPair } from '../../../cli/arguments/column-pair.ts';
import { applyFieldSettings, applyInputSettings, type Settings } from '../../../cli/arguments/settings.ts';
import { nearest, readOptions } from '../../../cli/options.ts';
import { UsageError } from '../../../cli/usage-error.ts';
import type { Definition } from '../../../shared/domain/definition.ts';

describe('--compare L[=R][~TOLERANCE]', () => {
  const cases: [string, ComparedPair][] = [
    ['amount', { left: 'amount', right: 'amount' }],
    ['amount=amt', { left: 'amount', right: 'amt' }],
    ['amount=amt~0.01', { left: 'amount', right: 'amt', tolerance: { absolute: '0.01' } }],
    ['fee~1%', { left: 'fee', right: 'fee', tolerance: { percent: '1' } }],
    ['fee~0.5%', { left: 'fee', right: 'fee', tolerance: { percent: '0.5' } }],
    ['booked=value_date~2d', { left: 'booked', right: 'value_date', tolerance: { days: 2 } }],
    ['Value Date', { left: 'Value Date', right: 'Value Date' }],
    [' a = b ', { left: ' a ', right: ' b ' }],
    ['a\\=b', { left: 'a=b', right: 'a=b' }],
    ['a\\=b=c\\~d~2d', { left: 'a=b', right: 'c~d', tolerance: { days: 2 } }],
    ['C:\\temp', { left: 'C:\\temp', right: 'C:\\temp' }],
    ['a\\\\=b', { left: 'a\\', right: 'b' }],
    ['ü=名前', { left: 'ü', right: '名前' }],
  ];
  test.each(cases)('%s', (text, expected) => {
    expect(parseComparedPair('--compare', text)).toEqual(expected);
  });

  const wrong: [string, RegExp][] = [
    ['', /empty/],
    ['=b', /empty/],
    ['a=', /empty/],
    ['a=b=c', /more than one =/],
    ['a~1~2', /more than one ~/],
    ['a~', /tolerance is/],
    ['a~x', /tolerance is/],
    ['a~-1', /tolerance is/],
    ['a~1.5d', /tolerance is/],
    ['a~1e3', /tolerance is/],
  ];
  test.each(wrong)('%j is bad use', (text, message) => {
    expect(() => parseComparedPair('--compare', text)).toThrow(UsageError);
    expect(() => parseComparedPair('--compare', text)).toThrow(message);
  });

  test('a key has no tolerance', () => {
    expect(parseKeyPair('txn_id=ref')).toEqual({ left: 'txn_id', right: 'ref' });
    expect(() => parseKeyPair('a~1')).toThrow(/no tolerance/);
  });
});

const definition: Definition = {
  name: 'x',
  sources: [{ name: 'left', anchor: true }, { name: 'right' }],
  fields: [
    { name: 'id', role: 'KEY', mapping: { left: 'id', right: 'id' } },
    { name: 'amount', role: 'COMPARE', mapping: { left: 'amount', right: 'amt' } },
    { name: 'a@b', role: 'COMPARE', mapping: { left: 'a@b', right: 'a@b' } },
  ],
  passes: [{ kind: 'exact-key' }],
};

describe('settings', () => {
  const cases: [Settings, (changed: Definition) => unknown, unknown][] = [
    [{ 'max-rejects': '5' }, (d) => d.rejectsMax, 5],
    [
      { 'date-format': ['amount=%d.%m.%Y'] },
      (d) => d.fields[1]?.reading,
      { left: { dateFormat: '%d.%m.%Y' }, right: { dateFormat: '%d.%m.%Y' } },
    ],
    [{ 'date-format': ['amount@right=%d=%m'] }, (d) => d.fields[1]?.reading, { right: { dateFormat: '%d=%m' } }],
    [{ 'decimal-mark': ['amount@left=,'] }, (d) => d.fields[1]?.reading, { left: { decimalMark: ',' } }],
    [{ 'decimal-mark': ['a\\@b@left=,'] }, (d) => d.fields[2]?.reading, { left: { decimalMark: ',' } }],
    [{ 'decimal-mark': ['AMOUNT=,'] }, (d) => d.fields[1]?.reading?.right, { decimalMark: ',' }],
    [{ type: ['amount=text'] }, (d) => d.fields[1]?.type, 'text'],
    [{ 'ignore-case': ['amount'] }, (d) => d.fields[1]?.comparison, 'ignore-case'],
    [{ 'ignore-case': ['id'] }, (d) => d.fields[0]?.normalise, ['trim', 'collapse-spaces', 'upper']],
  ];
  test.each(cases)('%j', (settings, part, expected) => {
    expect(part(applyFieldSettings(definition, settings))).toEqual(expected);
  });

  test('the given definition is not changed', () => {
    const before = structuredClone(definition);
    applyFieldSettings(definition, { type: ['amount=text'], 'decimal-mark': ['amount=,'] });
    expect(definition).toEqual(before);
  });

  const wrong: [Settings, RegExp][] = [
    [{ 'max-rejects': '-1' }, /whole number/],
    [{ 'date-format': ['%d'] }, /not FIELD=VALUE/],
    [{ 'date-format': ['amount=ddmm'] }, /not a pattern/],
    [{ 'date-format': ['amount@middle=%d'] }, /no source 'middle'; there is left, right/],
    [{ 'decimal-mark': ['amount=;'] }, /mark is/],
    [{ 'decimal-mark': ['sum=,'] }, /no field 'sum'; there is id, amount/],
    [{ type: ['amount=money'] }, /a type of text/],
    [{ type: ['amount'] }, /not FIELD=TYPE/],
    [{ 'ignore-case': ['nothing'] }, /no field/],
  ];
  test.each(wrong)('%j is bad use', (settings, message) => {
    expect(() => applyFieldSettings(definition, settings)).toThrow(UsageError);
    expect(() => applyFieldSettings(definition, settings)).toThrow(message);
  });

  const inputs: [Settings, unknown, unknown][] = [
    [{ delimiter: [';'] }, { delimiter: ';' }, { delimiter: ';' }],
    [{ delimiter: ['='] }, { delimiter: '=' }, { delimiter: '=' }],
    [{ delimiter: ['right=\\t'] }, undefined, { delimiter: '\t' }],
    [{ delimiter: ['left=='] }, { delimiter: '=' }, undefined],
    [{ sheet: ['left=May', 'right=A\\=B'] }, { sheet: 'May' }, { sheet: 'A=B' }],
    [{ sheet: ['A\\=B'] }, { sheet: 'A=B' }, { sheet: 'A=B' }],
    [{ encoding: ['UTF-8'] }, { encoding: 'utf-8' }, { encoding: 'utf-8' }],
  ];
  test.each(inputs)('%j', (settings, left, right) => {
    expect(applyInputSettings(definition.sources, settings).map((source) => source.input)).toEqual([left, right]);
  });

  test.each([
    [{ delimiter: ['ab'] }, /one character/],
    [{ encoding: ['ebcdic'] }, /one of utf-8/],
    [{ sheet: ['middle=x'] }, /no source 'middle'/],
  ] as [Settings, RegExp][])('%j is bad use', (settings, message) => {
    expect(() => applyInputSettings(definition.sources, settings)).toThrow(message);
  });
});

describe('options', () => {
  const options = { compare: { type: 'string', multiple: true }, out: { type: 'string' } } as const;
  test('words become values and files', () => {
    expect(readOptions(['a.csv', '--compare', 'x', '--compare=y', 'b.csv', '--', '-c.csv'], options)).toMatchObject({
      values: { compare: ['x', 'y'] },
      positionals: ['a.csv', 'b.csv', '-c.csv'],
    });
  });
  test.each([
    [['--compar', 'x'], /no option --compar; did you mean --compare\?/],
    [['--zzzzzz'], /no option --zzzzzz$/],
    [['--out'], /--out/],
    [['-x'], /no option -x/],
  ] as [string[], RegExp][])('%j is bad use of one line', (words, message) => {
    expect(() => readOptions(words, options)).toThrow(UsageError);
    expect(() => readOptions(words, options)).toThrow(message);
  });
  test.each([
    ['mach', 'match'],
    ['ini', 'init'],
    ['frobnicate', undefined],
  ])('%s is near %s', (word, expected) => {
    expect(nearest(word, ['match', 'init', 'explain', 'generate'])).toBe(expected);
  });
});
