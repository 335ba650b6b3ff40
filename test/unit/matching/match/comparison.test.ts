// What agrees and what differs, field by field, and how the difference is written.
import { expect, test } from 'vitest';
import type { Field } from '../../../../shared/domain/definition.ts';
import { canonicalLines, definitionOf, type FieldSpec, matchRows, sourceOf, withEngine } from './records-from-rows.ts';

type Case = {
  name: string;
  type: string;
  rightType?: string;
  field?: Partial<Field>;
  left: string | null;
  right: string | null;
  /** Absent: the two agree. Null: they differ without a difference that could be written. */
  difference?: string | null;
};

const money = 'DECIMAL(18,2)';
const wide = 'DECIMAL(38,0)';
const nines = '9'.repeat(38);
const absolute = (value: string) => ({ tolerance: { absolute: value } });
const percent = (value: string) => ({ tolerance: { percent: value } });
const days = (value: number) => ({ tolerance: { days: value } });

const cases: Case[] = [
  { name: 'equal text', type: 'VARCHAR', left: 'a', right: 'a' },
  { name: 'case matters in exact text', type: 'VARCHAR', left: 'a', right: 'A', difference: null },
  { name: 'spaces matter in exact text', type: 'VARCHAR', left: 'a', right: 'a ', difference: null },
  { name: 'empty text is not null', type: 'VARCHAR', left: '', right: null, difference: null },
  { name: 'null agrees with null', type: 'VARCHAR', left: null, right: null },
  { name: 'null differs from a value', type: money, left: null, right: '1.00', difference: null },
  {
    name: 'null differs from a value within any tolerance',
    type: money,
    field: absolute('1000'),
    left: '0.00',
    right: null,
    difference: null,
  },
  { name: 'null agrees with null under a tolerance', type: money, field: percent('1'), left: null, right: null },
  {
    name: 'quotes and control characters survive',
    type: 'VARCHAR',
    left: `a"\\\n'`,
    right: `b"\\\t'`,
    difference: null,
  },
  {
    name: 'folded case',
    type: 'VARCHAR',
    field: { comparison: 'ignore-case' },
    left: 'STRASSE ΣΊΣΥΦΟΣ',
    right: 'strasse σίσυφος',
  },
  {
    name: 'folded spaces, no-break ones too',
    type: 'VARCHAR',
    field: { comparison: 'ignore-case' },
    left: ' a \u00a0 b\t',
    right: 'A B',
  },
  {
    name: 'folded text still differs',
    type: 'VARCHAR',
    field: { comparison: 'ignore-case' },
    left: 'ab',
    right: 'a b',
    difference: null,
  },
  {
    name: 'folded: null is not empty',
    type: 'VARCHAR',
    field: { comparison: 'ignore-case' },
    left: ' ',
    right: null,
    difference: null,
  },
  { name: 'ignored is not compared', type: money, field: { comparison: 'ignored' }, left: '1.00', right: '2.00' },
  { name: 'a classifier is not compared', type: 'VARCHAR', field: { role: 'CLASSIFIER' }, left: 'a', right: 'b' },
  { name: 'a display field is not compared', type: 'VARCHAR', field: { role: 'DISPLAY' }, left: 'a', right: 'b' },
  { name: 'exact number', type: money, left: '10.00', right: '10.01', difference: '0.01' },
  { name: 'the difference is right − left', type: money, left: '10.00', right: '-5.25', difference: '-15.25' },
  { name: 'scales do not matter', type: money, rightType: 'DECIMAL(38,10)', left: '10.5', right: '10.5' },
  {
    name: 'the finer scale is kept',
    type: money,
    rightType: 'DECIMAL(18,4)',
    left: '10.50',
    right: '10.5001',
    difference: '0.0001',
  },
  { name: 'at the absolute tolerance', type: money, field: absolute('0.01'), left: '10.00', right: '10.01' },
  {
    name: 'past the absolute tolerance',
    type: money,
    field: absolute('0.01'),
    left: '10.00',
    right: '9.98',
    difference: '-0.02',
  },
  {
    name: 'a tolerance finer than the values',
    type: money,
    field: absolute('0.0199'),
    left: '10.00',
    right: '10.02',
    difference: '0.02',
  },
  {
    name: 'a tolerance beyond all values',
    type: money,
    field: absolute(`1${'0'.repeat(60)}`),
    left: '-1.00',
    right: '9999999999999999.99',
  },
  {
    name: 'no overflow at the limits of 18 digits',
    type: money,
    field: absolute('1'),
    left: '-9999999999999999.99',
    right: '9999999999999999.99',
    difference: '19999999999999999.98',
  },
  { name: 'at the percentage', type: money, field: percent('1'), left: '100.00', right: '101.00' },
  {
    name: 'past the percentage',
    type: money,
    field: percent('1'),
    left: '100.00',
    right: '101.01',
    difference: '1.01',
  },
  { name: 'the anchor is the base', type: money, field: percent('50'), left: '100.00', right: '150.00' },
  { name: 'the other is not', type: money, field: percent('50'), left: '150.00', right: '240.00', difference: '90.00' },
  {
    name: 'base of a negative anchor is its size',
    type: money,
    field: percent('1'),
    left: '-100.00',
    right: '-101.00',
  },
  { name: 'no percentage of zero', type: money, field: percent('99'), left: '0.00', right: '0.01', difference: '0.01' },
  {
    name: 'a fraction of a percent, exactly at it',
    type: money,
    field: percent('0.125'),
    left: '800.00',
    right: '801.00',
  },
  {
    name: 'a fraction of a percent, just past it',
    type: money,
    field: percent('0.125'),
    left: '800.00',
    right: '801.01',
    difference: '1.01',
  },
  {
    name: 'percent at the limits',
    type: money,
    field: percent('12.3456789'),
    left: '9999999999999999.99',
    right: '-9999999999999999.99',
    difference: '-19999999999999999.98',
  },
  { name: 'wide: equal', type: wide, left: nines, right: nines },
  {
    name: 'wide: the difference may have 39 digits',
    type: wide,
    left: `-${nines}`,
    right: nines,
    difference: `1${'9'.repeat(37)}8`,
  },
  { name: 'wide: within', type: wide, field: absolute('1'), left: nines, right: `${'9'.repeat(37)}8` },
  { name: 'wide: past', type: wide, field: absolute('1'), left: nines, right: `${'9'.repeat(37)}7`, difference: '-2' },
  {
    name: 'wide: at the percentage',
    type: wide,
    field: percent('25'),
    left: `8${'0'.repeat(37)}`,
    right: `6${'0'.repeat(37)}`,
  },
  {
    name: 'wide: past the percentage by one',
    type: wide,
    field: percent('25'),
    left: `8${'0'.repeat(37)}`,
    right: `5${'9'.repeat(37)}`,
    difference: `-2${'0'.repeat(36)}1`,
  },
  {
    name: 'wide: no type holds both, equal',
    type: wide,
    rightType: 'DECIMAL(38,30)',
    left: '12345678',
    right: `12345678.${'0'.repeat(30)}`,
  },
  {
    name: 'wide: no type holds both, apart',
    type: wide,
    rightType: 'DECIMAL(38,30)',
    left: nines,
    right: `0.${'0'.repeat(29)}1`,
    difference: `-${'9'.repeat(37)}8.${'9'.repeat(30)}`,
  },
  {
    name: 'wide: no type holds both, null',
    type: wide,
    rightType: 'DECIMAL(38,30)',
    left: null,
    right: '0.5',
    difference: null,
  },
  {
    name: 'wide: no type holds both, within',
    type: wide,
    rightType: 'DECIMAL(38,30)',
    field: absolute('0.5'),
    left: '7',
    right: '7.5',
  },
  {
    name: 'smallest fractions',
    type: 'DECIMAL(38,38)',
    left: `0.${'0'.repeat(37)}1`,
    right: `-0.${'0'.repeat(37)}1`,
    difference: `-0.${'0'.repeat(37)}2`,
  },
  { name: 'equal dates', type: 'DATE', left: '2024-02-29', right: '2024-02-29' },
  { name: 'differing dates in days', type: 'DATE', left: '2024-02-28', right: '2024-03-01', difference: '2' },
  { name: 'dates within the days, before', type: 'DATE', field: days(2), left: '2024-03-01', right: '2024-02-28' },
  {
    name: 'dates past the days',
    type: 'DATE',
    field: days(2),
    left: '2024-03-02',
    right: '2024-02-28',
    difference: '-3',
  },
  {
    name: 'times exactly',
    type: 'TIMESTAMP',
    left: '2024-01-01 10:00:00',
    right: '2024-01-01 10:00:01',
    difference: '0',
  },
  {
    name: 'times by calendar days',
    type: 'TIMESTAMP',
    field: days(1),
    left: '2024-01-01 00:00:00',
    right: '2024-01-02 23:59:59',
  },
  {
    name: 'times past the calendar days',
    type: 'TIMESTAMP',
    field: days(0),
    left: '2024-01-01 23:59:59',
    right: '2024-01-02 00:00:00',
    difference: '1',
  },
  {
    name: 'a date and a time',
    type: 'DATE',
    rightType: 'TIMESTAMP',
    field: days(0),
    left: '2024-01-01',
    right: '2024-01-01 23:00:00',
  },
  { name: 'booleans', type: 'BOOLEAN', left: 'true', right: 'false', difference: null },
  { name: 'differing types are compared as text', type: 'VARCHAR', rightType: money, left: '1.00', right: '1.00' },
];

test.each(cases)('$name', async ({ type, rightType = type, field, left, right, difference }) => {
  await withEngine(async (engine) => {
    const specs = (sqlType: string): FieldSpec[] => [{ name: 'f', sqlType, ...field }];
    const definition = definitionOf(specs(type));
    const sources = [sourceOf('left', specs(type), [['K', left]]), sourceOf('right', specs(rightType), [['K', right]])];
    const { lines } = await canonicalLines(engine, definition, sources, [await matchRows(engine, definition, sources)]);
    expect(lines).toHaveLength(1);
    const [line] = lines;
    if (difference === undefined) {
      expect(line!.outcome).toBe('matched');
      return;
    }
    expect(line).toMatchObject({
      outcome: 'mismatch',
      source: 'right',
      fields: ['f'],
      occurrence: 1,
      missing_in: null,
    });
    const [shown] = JSON.parse(line!.differences!);
    expect(shown).toMatchObject({ source: 'right', field: 'f', difference });
    // The values come back as they were stored, at the scale of their columns.
    expect([shown.left === null, shown.right === null]).toEqual([left === null, right === null]);
  });
});
