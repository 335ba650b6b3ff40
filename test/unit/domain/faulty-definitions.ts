// A sound definition, and the ways to spoil it: one row per fault.
import type { Definition, Field } from '../../../shared/domain/definition.ts';

export const sound = (): Definition => ({
  name: 'cards',
  sources: [
    { name: 'ledger', anchor: true, timeZone: 'Europe/Zurich' },
    { name: 'bank', input: { delimiter: ';', footerLines: 1 }, filters: [{ column: 'state', in: ['Paid'] }] },
  ],
  fields: [
    { name: 'id', role: 'KEY', mapping: { ledger: 'id', bank: { extract: 'text', pattern: 'ID (\\w+)' } } },
    {
      name: 'amount',
      role: 'COMPARE',
      type: 'decimal',
      tolerance: { absolute: '0.01' },
      mapping: { ledger: 'amount', bank: { debit: 'debit', credit: 'credit' } },
    },
    {
      name: 'currency',
      role: 'COMPARE',
      comparison: 'ignore-case',
      mapping: { ledger: 'currency', bank: { constant: 'CHF' } },
    },
    {
      name: 'booked',
      role: 'COMPARE',
      tolerance: { days: 2 },
      mapping: { ledger: 'booked' },
      reading: { ledger: { dateFormat: '%d.%m.%Y' } },
    },
  ],
  passes: [{ kind: 'exact-key' }],
  currencyField: 'currency',
  rejectsMax: 0,
});

export type SpoiltCase = { title: string; change: (definition: Definition) => void; path: string; message: RegExp };
export const field = (definition: Definition, index: number, change: Partial<Field>) =>
  Object.assign(definition.fields[index]!, change);

export const cases: SpoiltCase[] = [
  {
    title: 'no name',
    change: (d) => {
      d.name = ' ';
    },
    path: 'name',
    message: /empty/,
  },
  {
    title: 'one source',
    change: (d) => {
      d.sources.pop();
    },
    path: 'sources',
    message: /2 to 5/,
  },
  {
    title: 'six sources',
    change: (d) => {
      for (const name of 'abcd') d.sources.push({ name });
    },
    path: 'sources',
    message: /2 to 5; there are 6/,
  },
  {
    title: 'no anchor',
    change: (d) => {
      delete d.sources[0]!.anchor;
    },
    path: 'sources',
    message: /there are 0/,
  },
  {
    title: 'two anchors',
    change: (d) => {
      d.sources[1]!.anchor = true;
    },
    path: 'sources',
    message: /there are 2/,
  },
  {
    title: 'one name for two sources',
    change: (d) => {
      d.sources[1]!.name = 'Ledger';
    },
    path: 'sources[1].name',
    message: /sources\[0\]/,
  },
  {
    title: 'no time zone',
    change: (d) => {
      d.sources[0]!.timeZone = 'Mars/Olympus';
    },
    path: 'sources[0].timeZone',
    message: /IANA/,
  },
  {
    title: 'a long delimiter',
    change: (d) => {
      d.sources[1]!.input = { delimiter: '||' };
    },
    path: 'sources[1].input.delimiter',
    message: /one ASCII/,
  },
  {
    title: 'quote and delimiter alike',
    change: (d) => {
      d.sources[1]!.input = { delimiter: ';', quote: ';' };
    },
    path: 'sources[1].input.quote',
    message: /differ/,
  },
  {
    title: 'negative preamble',
    change: (d) => {
      d.sources[1]!.input = { preambleLines: -1 };
    },
    path: 'sources[1].input.preambleLines',
    message: /whole number/,
  },
  {
    title: 'an empty filter',
    change: (d) => {
      d.sources[1]!.filters = [{ column: 'state', in: [] }];
    },
    path: 'sources[1].filters[0].in',
    message: /empty/,
  },
  {
    title: 'a filter with a bad pattern',
    change: (d) => {
      d.sources[1]!.filters = [{ column: 'state', matches: '(' }];
    },
    path: 'sources[1].filters[0].matches',
    message: /regular expression/,
  },
  {
    title: 'a control total that is no number',
    change: (d) => {
      d.sources[1]!.controlTotals = [{ of: 'rows', equals: 'many' }];
    },
    path: 'sources[1].controlTotals[0].equals',
    message: /decimal/,
  },
  {
    title: 'a control total without a group',
    change: (d) => {
      d.sources[1]!.controlTotals = [{ of: 'rows', equals: { line: 'footer', pattern: '\\d+' } }];
    },
    path: 'sources[1].controlTotals[0].equals.pattern',
    message: /capture group/,
  },
  {
    title: 'a control total in a footer that is not there',
    change: (d) => {
      d.sources[0]!.controlTotals = [{ of: 'rows', equals: { line: 'footer', pattern: '(\\d+)' } }];
    },
    path: 'sources[0].controlTotals[0].equals.line',
    message: /footerLines/,
  },
  {
    title: 'no key',
    change: (d) => {
      d.fields[0]!.role = 'DISPLAY';
    },
    path: 'fields',
    message: /KEY/,
  },
  {
    title: 'a key that a source does not have',
    change: (d) => {
      delete d.fields[0]!.mapping.bank;
    },
    path: 'fields[0].mapping',
    message: /"bank"/,
  },
  {
    title: 'a tolerance on a key',
    change: (d) => field(d, 0, { tolerance: { days: 1 } }),
    path: 'fields[0].tolerance',
    message: /key/,
  },
  {
    title: 'one name for two fields but for case',
    change: (d) => field(d, 2, { name: 'AMOUNT' }),
    path: 'fields[2].name',
    message: /fields\[1\]/,
  },
  {
    title: 'a name that starts with $',
    change: (d) => field(d, 3, { name: '$row' }),
    path: 'fields[3].name',
    message: /"\$"/,
  },
  {
    title: 'a mapping for an unknown source',
    change: (d) => {
      d.fields[1]!.mapping.paypal = 'x';
    },
    path: 'fields[1].mapping.paypal',
    message: /no source "paypal"/,
  },
  {
    title: 'a reading for an unknown source',
    change: (d) => field(d, 3, { reading: { paypal: {} } }),
    path: 'fields[3].reading.paypal',
    message: /no source/,
  },
  {
    title: 'no mapping at all',
    change: (d) => field(d, 3, { mapping: {} }),
    path: 'fields[3].mapping',
    message: /at least one/,
  },
  {
    title: 'a tolerance on text',
    change: (d) => field(d, 2, { type: 'text', comparison: 'exact', tolerance: { absolute: '1' } }),
    path: 'fields[2].tolerance',
    message: /text/,
  },
  {
    title: 'a tolerance of an ignored field',
    change: (d) => field(d, 1, { comparison: 'ignored' }),
    path: 'fields[1].tolerance',
    message: /ignored/,
  },
  {
    title: 'a negative tolerance',
    change: (d) => field(d, 1, { tolerance: { absolute: '-0.01' } }),
    path: 'fields[1].tolerance.absolute',
    message: /negative/,
  },
  {
    title: 'a tolerance that is no number',
    change: (d) => field(d, 1, { tolerance: { absolute: '1e2' } }),
    path: 'fields[1].tolerance.absolute',
    message: /decimal/,
  },
  {
    title: 'percent out of range',
    change: (d) => field(d, 1, { tolerance: { percent: '100.5' } }),
    path: 'fields[1].tolerance.percent',
    message: /100/,
  },
  {
    title: 'days on a number',
    change: (d) => field(d, 1, { tolerance: { days: 1 } }),
    path: 'fields[1].tolerance.days',
    message: /dates/,
  },
  {
    title: 'half a day',
    change: (d) => field(d, 3, { tolerance: { days: 0.5 } }),
    path: 'fields[3].tolerance.days',
    message: /whole/,
  },
  {
    title: 'ignore-case on a number',
    change: (d) => {
      delete d.fields[1]!.tolerance;
      field(d, 1, { comparison: 'ignore-case' });
    },
    path: 'fields[1].comparison',
    message: /decimal/,
  },
  {
    title: 'normalisation of a number',
    change: (d) => field(d, 1, { normalise: ['trim'] }),
    path: 'fields[1].normalise',
    message: /decimal/,
  },
  {
    title: 'arithmetic that gives a date',
    change: (d) => {
      delete d.fields[1]!.tolerance;
      field(d, 1, { type: 'date' });
    },
    path: 'fields[1].type',
    message: /number/,
  },
  {
    title: 'arithmetic inside text',
    change: (d) => {
      d.fields[2]!.mapping.bank = { concatenate: ['a', { negate: 'b' }] };
    },
    path: 'fields[2].mapping.bank.concatenate[1]',
    message: /text/,
  },
  {
    title: 'scale by nothing',
    change: (d) => {
      d.fields[1]!.mapping.bank = { scale: 'a', by: '0.00' };
    },
    path: 'fields[1].mapping.bank.by',
    message: /zero/,
  },
  {
    title: 'scale by a word',
    change: (d) => {
      d.fields[1]!.mapping.bank = { scale: 'a', by: 'ten' };
    },
    path: 'fields[1].mapping.bank.by',
    message: /decimal/,
  },
  {
    title: 'a substring from 0',
    change: (d) => {
      d.fields[2]!.mapping.bank = { substring: 'a', start: 0 };
    },
    path: 'fields[2].mapping.bank.start',
    message: /1 or more/,
  },
  {
    title: 'a group that is not there',
    change: (d) => {
      d.fields[0]!.mapping.bank = { extract: 'a', pattern: '(a)', group: 2 };
    },
    path: 'fields[0].mapping.bank.group',
    message: /1 groups/,
  },
  {
    title: 'a look-ahead',
    change: (d) => {
      d.fields[0]!.mapping.bank = { extract: 'a', pattern: 'a(?=b)' };
    },
    path: 'fields[0].mapping.bank.pattern',
    message: /look-ahead/,
  },
  {
    title: 'an empty column',
    change: (d) => {
      d.fields[0]!.mapping.bank = '';
    },
    path: 'fields[0].mapping.bank',
    message: /column/,
  },
  {
    title: 'a constant with NUL',
    change: (d) => {
      d.fields[2]!.mapping.bank = { constant: 'a\0' };
    },
    path: 'fields[2].mapping.bank.constant',
    message: /NUL/,
  },
  {
    title: 'marks alike',
    change: (d) => field(d, 1, { reading: { bank: { decimalMark: ',', groupMark: ',' } } }),
    path: 'fields[1].reading.bank.groupMark',
    message: /differ/,
  },
  {
    title: 'a date format without a year',
    change: (d) => field(d, 3, { reading: { ledger: { dateFormat: '%d.%m' } } }),
    path: 'fields[3].reading.ledger.dateFormat',
    message: /pattern/,
  },
  {
    title: 'no pass',
    change: (d) => {
      d.passes = [];
    },
    path: 'passes',
    message: /at least one/,
  },
  {
    title: 'a pass of an unknown kind',
    change: (d) => {
      d.passes = [{ kind: 'magic' } as never];
    },
    path: 'passes[0].kind',
    message: /magic/,
  },
  {
    title: 'an unknown currency field',
    change: (d) => {
      d.currencyField = 'ccy';
    },
    path: 'currencyField',
    message: /"ccy"/,
  },
  {
    title: 'a currency that is a number',
    change: (d) => {
      d.currencyField = 'amount';
    },
    path: 'currencyField',
    message: /text/,
  },
  {
    title: 'half a reject',
    change: (d) => {
      d.rejectsMax = 0.5;
    },
    path: 'rejectsMax',
    message: /whole/,
  },
];
