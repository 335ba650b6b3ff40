// The wire form of a definition: the same type as the domain's, strict, every fault with its path.
import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { type DefinitionWire, definitionSchema, parseDefinition } from '../../../shared/contracts/definition.ts';
import type { Definition } from '../../../shared/domain/definition.ts';

const whole: Definition = {
  name: 'cash',
  sources: [
    { name: 'book', anchor: true, load: 'snapshot', input: { format: 'csv', delimiter: ';', preambleLines: 2 } },
    {
      name: 'bank',
      timeZone: 'Europe/Zurich',
      filters: [
        { column: 'kind', in: ['T'] },
        { column: 'void', empty: true },
      ],
    },
  ],
  fields: [
    { name: 'ref', role: 'KEY', normalise: ['trim', 'upper'], mapping: { book: 'id', bank: { column: 'ref' } } },
    {
      name: 'amount',
      role: 'COMPARE',
      type: 'decimal',
      tolerance: { absolute: '0.01' },
      mapping: { book: { debit: 'dr', credit: { scale: 'cr', by: '0.01' } }, bank: { negate: { negate: 'amt' } } },
      reading: { bank: { decimalMark: ',', groupMark: '.' } },
    },
    {
      name: 'note',
      role: 'DISPLAY',
      mapping: {
        book: { concatenate: ['a', { constant: '-' }, { substring: 'b', start: 1, length: 3 }], separator: ' ' },
        bank: { extract: 'text', pattern: '^(x)', group: 1 },
      },
    },
  ],
  passes: [
    { kind: 'exact-key' },
    {
      kind: 'tolerance',
      name: 'near',
      conditions: [
        { field: 'note', equal: true },
        { field: 'amount', percent: '2.5', base: 'larger' },
        { field: 'booked', daysBefore: 0, daysAfter: 2, calendar: 'target' },
      ],
      tieMargin: '0.1',
      accept: 'suggest',
    },
    {
      kind: 'grouped',
      cardinality: 'many-to-one',
      by: ['note'],
      amount: 'amount',
      tolerance: { percent: '1', base: 'anchor' },
      window: { field: 'booked', daysBefore: 3, daysAfter: 0 },
      fee: { percent: '2.9', fixed: '0.30', per: 'record' },
      search: { recordsMax: 4, stepsMax: 1000 },
    },
  ],
  rejectsMax: 0,
  calendars: { target: { weekend: [6, 7], holidays: ['2026-04-03'] } },
};

test('the wire form and the domain type are the same type', () => {
  expectTypeOf<DefinitionWire>().toEqualTypeOf<Definition>();
});

test('a whole definition passes unchanged', () => {
  expect(parseDefinition(JSON.parse(JSON.stringify(whole)))).toEqual({ ok: true, value: whole });
});

test('it can be written as JSON schema', () => {
  expect(z.toJSONSchema(definitionSchema)).toMatchObject({ type: 'object', additionalProperties: false });
});

const faults: [string, (d: ReturnType<typeof draft>) => void, string, RegExp][] = [
  ['an unknown field at the top', (d) => Object.assign(d, { colour: 1 }), 'colour', /unknown field/],
  [
    'an unknown field in a field',
    (d) => Object.assign(d.fields[1], { toleranz: {} }),
    'fields[1].toleranz',
    /unknown field/,
  ],
  [
    'a misspelt tolerance',
    (d) => (d.fields[1].tolerance = { absolut: '1' }),
    'fields[1].tolerance',
    /needs absolute, or/,
  ],
  [
    'an unknown field beside a tolerance',
    (d) => (d.fields[1].tolerance = { absolute: '1', unit: 'x' }),
    'fields[1].tolerance.unit',
    /unknown field/,
  ],
  [
    'a number for a decimal',
    (d) => (d.fields[1].tolerance = { absolute: 0.01 }),
    'fields[1].tolerance.absolute',
    /expected string/,
  ],
  [
    'an unknown field deep in a mapping',
    (d) => (d.fields[0].mapping.bank = { negate: { column: 'a', colum: 'b' } }),
    'fields[0].mapping.bank.negate.colum',
    /unknown field/,
  ],
  [
    'a fault deep in a mapping',
    (d) => (d.fields[0].mapping.bank = { substring: 'a', start: 'x' }),
    'fields[0].mapping.bank.start',
    /expected int|expected number/,
  ],
  ['a pass of another kind', (d) => (d.passes = [{ kind: 'phonetic' }]), 'passes[0].kind', /exact-key/],
  [
    'a misspelt condition',
    (d) => (d.passes[1].conditions[1] = { field: 'amount', absolut: '1' }),
    'passes[1].conditions[1]',
    /needs equal, or absolute, or percent, or daysBefore and daysAfter/,
  ],
  [
    'half a window',
    (d) => delete d.passes[1].conditions[2].daysBefore,
    'passes[1].conditions[2]',
    /needs equal, or absolute, or percent, or daysBefore$/,
  ],
  [
    'an unknown field beside a condition',
    (d) => (d.passes[1].conditions[0].tolerance = '1'),
    'passes[1].conditions[0].tolerance',
    /unknown field/,
  ],
  ['not equal', (d) => (d.passes[1].conditions[0].equal = false), 'passes[1].conditions[0].equal', /true/],
  ['an exact pass with conditions', (d) => (d.passes[0].conditions = []), 'passes[0].conditions', /unknown field/],
  ['another cardinality', (d) => (d.passes[2].cardinality = 'one-to-one'), 'passes[2].cardinality', /one-to-many/],
  ['a number for a fee', (d) => (d.passes[2].fee.fixed = 0.3), 'passes[2].fee.fixed', /expected string/],
  ['an unknown field of a calendar', (d) => (d.calendars.target.zone = 'x'), 'calendars.target.zone', /unknown field/],
  ['a missing list', (d) => delete d.passes, 'passes', /expected array/],
  [
    'an unknown filter',
    (d) => (d.sources[1].filters = [{ column: 'a', like: 'x' }]),
    'sources[1].filters[0]',
    /needs in, or notIn, or matches, or empty/,
  ],
];

// biome-ignore lint/suspicious/noExplicitAny: the drafts are wrong on purpose
function draft(): any {
  return structuredClone(whole);
}

describe('each fault is listed with its path', () => {
  test.each(faults)('%s', (_title, change, path, message) => {
    const definition = draft();
    change(definition);
    const parsed = parseDefinition(definition);
    expect(parsed.ok).toBe(false);
    if (parsed.ok) return;
    expect(parsed.faults.map((fault) => fault.path)).toContain(path);
    expect(parsed.faults.find((fault) => fault.path === path)?.message).toMatch(message);
  });

  test('several faults are all listed', () => {
    const definition = draft();
    definition.colour = 1;
    definition.fields[0].role = 'BOSS';
    const parsed = parseDefinition(definition);
    expect(parsed.ok ? [] : parsed.faults.map((fault) => fault.path).sort()).toEqual(['colour', 'fields[0].role']);
  });

  test.each([[null], [[]], ['x'], [3]])('%j is not a definition', (value) => {
    expect(parseDefinition(value)).toMatchObject({ ok: false, faults: [{ path: '' }] });
  });
});
