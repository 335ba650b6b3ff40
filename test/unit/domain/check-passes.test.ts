// What makes passes and calendars invalid, and what looks as if it did but does not: one row each.
import { describe, expect, test } from 'vitest';
import { checkDefinition } from '../../../shared/domain/check-definition.ts';
import type { Condition, Definition, GroupedPass, Pass, TolerancePass } from '../../../shared/domain/definition.ts';

const everywhere = (column: string) => ({ ledger: column, bank: column, broker: column });

/** Three sources, so that a field can be on some sides and not on others. No currency field: amounts add up freely. */
const base = (): Definition => ({
  name: 'cash',
  sources: [{ name: 'ledger', anchor: true }, { name: 'bank' }, { name: 'broker' }],
  fields: [
    { name: 'id', role: 'KEY', mapping: everywhere('id') },
    { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: everywhere('amount') },
    { name: 'booked', role: 'COMPARE', type: 'date', mapping: everywhere('booked') },
    { name: 'account', role: 'CLASSIFIER', mapping: everywhere('account') },
    { name: 'currency', role: 'COMPARE', type: 'text', mapping: everywhere('currency') },
    { name: 'open', role: 'COMPARE', type: 'boolean', mapping: everywhere('open') },
    { name: 'free', role: 'COMPARE', mapping: everywhere('free') },
    { name: 'rate', role: 'COMPARE', comparison: 'ignored', type: 'decimal', mapping: everywhere('rate') },
    { name: 'net', role: 'DISPLAY', mapping: { ...everywhere('net'), bank: { negate: 'net' } } },
    { name: 'unseen', role: 'COMPARE', comparison: 'ignored', mapping: everywhere('unseen') },
    { name: 'fixed', role: 'COMPARE', type: 'text', mapping: { ...everywhere('fixed'), bank: { constant: 'CHF' } } },
    { name: 'anchorOnly', role: 'COMPARE', type: 'date', mapping: { ledger: 'a' } },
    { name: 'othersOnly', role: 'COMPARE', type: 'decimal', mapping: { bank: 'a', broker: 'a' } },
    { name: 'withBank', role: 'COMPARE', type: 'text', mapping: { ledger: 'b', bank: 'b' } },
    { name: 'withBroker', role: 'COMPARE', type: 'date', mapping: { ledger: 'c', broker: 'c' } },
    { name: 'loose', role: 'COMPARE', type: 'decimal', tolerance: { absolute: '5' }, mapping: everywhere('loose') },
  ],
  passes: [{ kind: 'exact-key' }],
  calendars: { target: { holidays: ['2026-04-03', '2026-04-06'] } },
});

const equalAccount: Condition = { field: 'account', equal: true };
const tolerance = (...conditions: Condition[]): TolerancePass => ({ kind: 'tolerance', conditions });
const grouped = (change: Partial<GroupedPass> = {}): GroupedPass => ({
  kind: 'grouped',
  cardinality: 'one-to-many',
  by: ['account'],
  amount: 'amount',
  ...change,
});

function faultsOf(passes: Pass[], change: (definition: Definition) => void = () => {}) {
  const definition = { ...base(), passes };
  change(definition);
  return checkDefinition(definition);
}

const days = (field: string, daysBefore = 1, daysAfter = 3): Condition => ({ field, daysBefore, daysAfter });

const soundPasses: [string, Pass[]][] = [
  ['an exact pass', [{ kind: 'exact-key' }]],
  [
    'all kinds in order',
    [{ kind: 'exact-key' }, tolerance(equalAccount, { field: 'amount', absolute: '0.05' }, days('booked')), grouped()],
  ],
  ['a tolerance pass alone', [tolerance({ field: 'amount', percent: '2.5', base: 'larger' })]],
  ['days alone', [tolerance(days('booked', 0, 0))]],
  ['business days', [tolerance({ ...days('booked'), calendar: 'target' } as Condition)]],
  ['a field that its values decide on', [tolerance({ field: 'free', absolute: '1' })]],
  ['the same, as a date', [tolerance(days('free'))]],
  ['a field that is not compared otherwise: the pass decides', [tolerance({ field: 'rate', percent: '1' })]],
  ['equal in a field with a tolerance: the pass decides', [tolerance({ field: 'loose', equal: true })]],
  ['a tolerance narrower than that of the field', [tolerance({ field: 'loose', absolute: '1' })]],
  ['a computed field without a type', [tolerance({ field: 'net', absolute: '1' })]],
  ['equal in the key', [tolerance({ field: 'id', equal: true })]],
  [
    'a boolean and a constant beside what makes blocks',
    [tolerance(equalAccount, { field: 'open', equal: true }, { field: 'fixed', equal: true })],
  ],
  ['all of an amount beside what makes blocks', [tolerance(equalAccount, { field: 'amount', percent: '100' })]],
  ['a field of the anchor and one other', [tolerance({ field: 'withBank', equal: true })]],
  ['two passes of a kind with names of their own', [tolerance(equalAccount), tolerance(equalAccount, days('booked'))]],
  [
    'many to one with a fee',
    [grouped({ cardinality: 'many-to-one', fee: { percent: '2.9', fixed: '0.30', per: 'record' } })],
  ],
  [
    'one to many, searched for',
    [grouped({ by: [], search: { recordsMax: 8, stepsMax: 1_000_000_000 }, tieMargin: '0.1' })],
  ],
  ['the smallest search', [grouped({ search: { recordsMax: 2, stepsMax: 1 } })]],
  [
    'many to many within a window',
    [grouped({ cardinality: 'many-to-many', window: { field: 'booked', daysBefore: 0, daysAfter: 3 } })],
  ],
  ['netting within an amount', [grouped({ cardinality: 'netting', tolerance: { absolute: '0.01' } })]],
  ['netting by a field of one source', [grouped({ cardinality: 'netting', by: ['anchorOnly'] })]],
  ['groups within a percentage', [grouped({ tolerance: { percent: '0.1', base: 'other' } })]],
];
test.each(soundPasses)('sound: %s', (_title, passes) => {
  expect(faultsOf(passes)).toEqual([]);
});

const spoilt: [string, Pass[], string, RegExp][] = [
  [
    'two exact passes',
    [{ kind: 'exact-key' }, { kind: 'exact-key' }],
    'passes[1].kind',
    /passes\[0\] is of kind exact-key too/,
  ],
  [
    'an exact pass after another',
    [tolerance(equalAccount), { kind: 'exact-key' }],
    'passes[1].kind',
    /must be the first/,
  ],
  [
    'two passes of a name',
    [
      { ...tolerance(equalAccount), name: 'near' },
      { ...grouped(), name: 'Near' },
    ],
    'passes[1].name',
    /"Near" is the name of passes\[0\] too/,
  ],
  [
    'the name that another gets by itself',
    [{ kind: 'exact-key', name: '2-grouped' }, grouped()],
    'passes[1].name',
    /2-grouped/,
  ],
  ['an empty name', [{ kind: 'exact-key', name: '' }], 'passes[0].name', /empty/],
  ['51 passes', Array.from({ length: 51 }, () => grouped()), 'passes', /at most 50/],

  ['no condition', [tolerance()], 'passes[0].conditions', /divide the records into blocks/],
  ['a boolean alone', [tolerance({ field: 'open', equal: true })], 'passes[0].conditions', /blocks/],
  ['a constant alone', [tolerance({ field: 'fixed', equal: true })], 'passes[0].conditions', /blocks/],
  ['all of an amount alone', [tolerance({ field: 'amount', percent: '100.0' })], 'passes[0].conditions', /blocks/],
  [
    'an unknown field',
    [tolerance({ field: 'amont', absolute: '1' })],
    'passes[0].conditions[0].field',
    /no field "amont"/,
  ],
  [
    'a field of Object',
    [tolerance({ field: 'constructor', equal: true })],
    'passes[0].conditions[0].field',
    /no field/,
  ],
  [
    'a field twice',
    [tolerance(equalAccount, { field: 'amount', absolute: '1' }, { field: 'amount', percent: '1' })],
    'passes[0].conditions[2].field',
    /"amount" is passes\[0\]\.conditions\[1\]\.field too/,
  ],
  [
    'a field without the anchor',
    [tolerance({ field: 'othersOnly', absolute: '1' })],
    'passes[0].conditions[0].field',
    /mapped for the anchor/,
  ],
  [
    'a field of the anchor alone',
    [tolerance(equalAccount, days('anchorOnly'))],
    'passes[0].conditions[1].field',
    /besides the anchor/,
  ],
  [
    'fields that no source has together',
    [tolerance({ field: 'withBank', equal: true }, days('withBroker'))],
    'passes[0].conditions',
    /no source besides the anchor has all/,
  ],
  [
    'an amount of a text',
    [tolerance({ field: 'currency', absolute: '1' })],
    'passes[0].conditions[0].field',
    /"currency" is text/,
  ],
  [
    'a percentage of a date',
    [tolerance({ field: 'booked', percent: '1' })],
    'passes[0].conditions[0].field',
    /is date/,
  ],
  ['days of an amount', [tolerance(days('amount'))], 'passes[0].conditions[0].field', /is decimal/],
  ['days of what is computed', [tolerance(days('net'))], 'passes[0].conditions[0].field', /is a number/],
  [
    'an amount of a key',
    [tolerance({ field: 'id', absolute: '1' })],
    'passes[0].conditions[0].field',
    /read as text unless it has a type \(decimal/,
  ],
  [
    'days of a field that is read as text',
    [tolerance(days('unseen'))],
    'passes[0].conditions[0].field',
    /read as text unless it has a type \(date/,
  ],
  [
    'no decimal',
    [tolerance({ field: 'amount', absolute: '1e3' })],
    'passes[0].conditions[0].absolute',
    /decimal number/,
  ],
  [
    'a negative amount',
    [tolerance({ field: 'amount', absolute: '-0.01' })],
    'passes[0].conditions[0].absolute',
    /negative/,
  ],
  [
    'a negative percentage',
    [tolerance({ field: 'amount', percent: '-1' })],
    'passes[0].conditions[0].percent',
    /negative/,
  ],
  [
    'over a hundred percent, by less than a double tells',
    [tolerance(equalAccount, { field: 'amount', percent: '100.0000000000000000000001' })],
    'passes[0].conditions[1].percent',
    /at most 100/,
  ],
  ['a negative number of days', [tolerance(days('booked', -1, 0))], 'passes[0].conditions[0].daysBefore', /0 to 36500/],
  ['half a day', [tolerance(days('booked', 0, 0.5))], 'passes[0].conditions[0].daysAfter', /whole number/],
  ['more than a century', [tolerance(days('booked', 0, 36_501))], 'passes[0].conditions[0].daysAfter', /36500/],
  [
    'an unknown calendar',
    [tolerance({ ...days('booked'), calendar: 'Target' } as Condition)],
    'passes[0].conditions[0].calendar',
    /no calendar "Target"/,
  ],
  [
    'a calendar of Object',
    [tolerance({ ...days('booked'), calendar: 'toString' } as Condition)],
    'passes[0].conditions[0].calendar',
    /no calendar/,
  ],
  [
    'a tie margin that is no decimal',
    [{ ...tolerance(equalAccount), tieMargin: '' }],
    'passes[0].tieMargin',
    /decimal/,
  ],
  ['a negative tie margin', [{ ...tolerance(equalAccount), tieMargin: '-0.1' }], 'passes[0].tieMargin', /negative/],

  ['groups of everything', [grouped({ by: [] })], 'passes[0].by', /all records are one group/],
  ['groups by an unknown field', [grouped({ by: ['account', 'acount'] })], 'passes[0].by[1]', /no field "acount"/],
  ['groups by a field twice', [grouped({ by: ['account', 'account'] })], 'passes[0].by[1]', /passes\[0\]\.by\[0\] too/],
  ['groups by the amount', [grouped({ by: ['account', 'amount'] })], 'passes[0].amount', /passes\[0\]\.by\[1\] too/],
  [
    'groups by the date of the window',
    [grouped({ by: ['booked'], window: days('booked') as GroupedPass['window'] & {} })],
    'passes[0].window.field',
    /by\[0\] too/,
  ],
  ['groups by a field of the anchor alone', [grouped({ by: ['anchorOnly'] })], 'passes[0].by[0]', /besides the anchor/],
  [
    'groups by fields that no source has together',
    [grouped({ by: ['withBank', 'withBroker'] })],
    'passes[0]',
    /no source besides/,
  ],
  [
    'netting by fields that no source has together',
    [grouped({ cardinality: 'netting', by: ['anchorOnly', 'othersOnly'] })],
    'passes[0]',
    /no source has all/,
  ],
  ['an unknown amount', [grouped({ amount: 'sum' })], 'passes[0].amount', /no field "sum"/],
  ['an amount that is a text', [grouped({ amount: 'currency' })], 'passes[0].amount', /"currency" is text/],
  [
    'an amount that a source does not have',
    [grouped({ amount: 'othersOnly' })],
    'passes[0].amount',
    /mapped for the source "ledger"/,
  ],
  [
    'a window on a text',
    [grouped({ window: { field: 'currency', daysBefore: 0, daysAfter: 1 } })],
    'passes[0].window.field',
    /is text/,
  ],
  [
    'a window that ends before it begins',
    [grouped({ window: { field: 'booked', daysBefore: 0, daysAfter: -1 } })],
    'passes[0].window.daysAfter',
    /whole number/,
  ],
  [
    'a window by an unknown calendar',
    [grouped({ window: { field: 'booked', daysBefore: 0, daysAfter: 1, calendar: 'x' } })],
    'passes[0].window.calendar',
    /no calendar "x"/,
  ],
  [
    'a negative tolerance of sums',
    [grouped({ tolerance: { absolute: '-1' } })],
    'passes[0].tolerance.absolute',
    /negative/,
  ],
  ['sums within 101 %', [grouped({ tolerance: { percent: '101' } })], 'passes[0].tolerance.percent', /at most 100/],
  [
    'netting within a percentage',
    [grouped({ cardinality: 'netting', tolerance: { percent: '1' } })],
    'passes[0].tolerance.percent',
    /of that is zero/,
  ],
  [
    'netting with a fee',
    [grouped({ cardinality: 'netting', fee: { fixed: '1', per: 'group' } })],
    'passes[0].fee',
    /netting has no one record/,
  ],
  [
    'many to many with a fee',
    [grouped({ cardinality: 'many-to-many', fee: { fixed: '1', per: 'group' } })],
    'passes[0].fee',
    /many-to-many has no one/,
  ],
  ['a fee of nothing', [grouped({ fee: { per: 'group' } })], 'passes[0].fee', /percent, fixed or both/],
  ['a fee that is no decimal', [grouped({ fee: { fixed: '0,99', per: 'group' } })], 'passes[0].fee.fixed', /decimal/],
  ['a fee above all', [grouped({ fee: { percent: '100.1', per: 'group' } })], 'passes[0].fee.percent', /at most 100/],
  ['a search for one', [grouped({ search: { recordsMax: 1 } })], 'passes[0].search.recordsMax', /2 to 8/],
  ['a search for nine', [grouped({ search: { recordsMax: 9 } })], 'passes[0].search.recordsMax', /2 to 8/],
  ['a search without a step', [grouped({ search: { stepsMax: 0 } })], 'passes[0].search.stepsMax', /1 to 1000000000/],
  [
    'a search without end',
    [grouped({ search: { stepsMax: 1_000_000_001 } })],
    'passes[0].search.stepsMax',
    /1 to 1000000000/,
  ],
  ['a negative tie margin of groups', [grouped({ tieMargin: '-1' })], 'passes[0].tieMargin', /negative/],
];
describe('a fault is named with its path, and is the only one', () => {
  test.each(spoilt)('%s', (_title, passes, path, message) => {
    const faults = faultsOf(passes);
    expect(faults.map((fault) => fault.path)).toEqual([path]);
    expect(faults[0]!.message).toMatch(message);
  });
});

test('all faults of all passes at once', () => {
  const passes: Pass[] = [
    {
      ...tolerance({ field: 'amount', absolute: 'x' }, { ...days('bookd', -1, 3), calendar: 'no' } as Condition),
      tieMargin: 'x',
    },
    grouped({
      by: ['no'],
      amount: 'currency',
      fee: { fixed: '-1', per: 'group' },
      search: { recordsMax: 0, stepsMax: 0 },
    }),
  ];
  expect(faultsOf(passes).map((fault) => fault.path)).toEqual([
    'passes[0].conditions[0].absolute',
    'passes[0].conditions[1].field',
    'passes[0].conditions[1].daysBefore',
    'passes[0].conditions[1].calendar',
    'passes[0].tieMargin',
    'passes[1].by[0]',
    'passes[1].amount',
    'passes[1].fee.fixed',
    'passes[1].search.recordsMax',
    'passes[1].search.stepsMax',
  ]);
});

describe('calendars', () => {
  const cases: [string, Record<string, unknown>, string[]][] = [
    ['weekends of none', { weekend: [], holidays: [] }, []],
    ['a holiday given twice', { holidays: ['2026-01-01', '2026-01-01'] }, []],
    ['six days of weekend', { weekend: [1, 2, 3, 4, 5, 6], holidays: [] }, []],
    ['a date that does not exist', { holidays: ['2026-01-01', '2026-02-29'] }, ['calendars.x.holidays[1]']],
    ['a date written otherwise', { holidays: ['01.01.2026'] }, ['calendars.x.holidays[0]']],
    [
      'days that are none',
      { weekend: [0, 8, 1.5], holidays: [] },
      [0, 1, 2].map((day) => `calendars.x.weekend[${day}]`),
    ],
    ['a day twice', { weekend: [6, 7, 6], holidays: [] }, ['calendars.x.weekend[2]']],
    ['nothing but weekend', { weekend: [1, 2, 3, 4, 5, 6, 7], holidays: [] }, ['calendars.x.weekend']],
    ['too many holidays', { holidays: Array.from({ length: 4001 }, () => '2026-01-01') }, ['calendars.x.holidays']],
  ];
  test.each(cases)('%s', (_title, calendar, paths) => {
    const faults = faultsOf([{ kind: 'exact-key' }], (d) => Object.assign(d, { calendars: { x: calendar } }));
    expect(faults.map((fault) => fault.path)).toEqual(paths);
  });

  test('names and number', () => {
    const calendars = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`c${n}`, { holidays: [] }]));
    const faults = faultsOf([{ kind: 'exact-key' }], (d) =>
      Object.assign(d, { calendars: { ...calendars, ' ': { holidays: [] } } }),
    );
    expect(faults.map((fault) => fault.path)).toEqual(['calendars', 'calendars. ']);
  });
});
