// Business days over weekends, Easter, year ends and calendars of other weeks; and that dates are counted as they are.
import { describe, expect, test } from 'vitest';
import {
  businessDaysBetween,
  epochDayOf,
  fromEpochDay,
  ordinalsOf,
  ordinalTable,
  toEpochDay,
} from '../../../shared/domain/business-days.ts';
import type { Calendar } from '../../../shared/domain/definition.ts';

/** TARGET2: 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December. */
const target: Calendar = {
  holidays: ['2025-12-25', '2025-12-26', '2026-01-01', '2026-04-03', '2026-04-06', '2026-05-01', '2026-12-25'],
};
const weekendsOnly: Calendar = { holidays: [] };
const gulf: Calendar = { weekend: [5, 6], holidays: [] };
const everyDay: Calendar = { weekend: [], holidays: ['2026-01-01'] };

const counts: [string, string, string, Calendar, number][] = [
  ['a day to itself', '2026-03-11', '2026-03-11', target, 0],
  ['one day to the next', '2026-03-11', '2026-03-12', target, 1],
  ['and back', '2026-03-12', '2026-03-11', target, -1],
  ['Friday to Monday', '2026-03-13', '2026-03-16', target, 1],
  ['Friday to Saturday, which is rolled to Monday', '2026-03-13', '2026-03-14', target, 1],
  ['Saturday to Monday, which it is rolled to', '2026-03-14', '2026-03-16', target, 0],
  ['Saturday to Tuesday', '2026-03-14', '2026-03-17', target, 1],
  ['Maundy Thursday to Easter Tuesday', '2026-04-02', '2026-04-07', target, 1],
  ['Good Friday to Easter Tuesday', '2026-04-03', '2026-04-07', target, 0],
  ['Maundy Thursday to Easter Tuesday without holidays', '2026-04-02', '2026-04-07', weekendsOnly, 3],
  ['the day before Christmas to the second of January', '2025-12-24', '2026-01-02', target, 4],
  ['New Year, a Thursday', '2025-12-31', '2026-01-02', target, 1],
  ['a holiday on a weekend counts once', '2026-02-27', '2026-03-02', { holidays: ['2026-02-28'] }, 1],
  ['a holiday given twice counts once', '2026-03-10', '2026-03-12', { holidays: ['2026-03-11', '2026-03-11'] }, 1],
  ['over 29 February', '2024-02-28', '2024-03-01', weekendsOnly, 2],
  ['over a February without one', '2100-02-26', '2100-03-01', weekendsOnly, 1],
  ['a year of 261', '2026-01-01', '2027-01-01', weekendsOnly, 261],
  ['across 1970', '1969-12-26', '1970-01-02', weekendsOnly, 5],
  ['a weekend of Friday and Saturday', '2026-03-12', '2026-03-15', gulf, 1],
  ['a Friday of that week is Sunday', '2026-03-13', '2026-03-15', gulf, 0],
  ['no weekend at all', '2025-12-30', '2026-01-02', everyDay, 2],
];
test.each(counts)('%s', (_title, from, to, calendar, days) => {
  expect(businessDaysBetween(from, to, calendar)).toBe(days);
});

test('the table holds every date of the range with its ordinal', () => {
  const table = ordinalTable('2026-04-02', '2026-04-08', target);
  expect(table.map(({ date }) => date.slice(8))).toEqual(['02', '03', '04', '05', '06', '07', '08']);
  const first = table[0]!.ordinal;
  expect(table.map(({ ordinal }) => ordinal - first)).toEqual([0, 1, 1, 1, 1, 1, 2]);
  expect(ordinalTable('2026-04-02', '2026-04-01', target)).toEqual([]);
});

test('an ordinal is the same whatever the range it is looked up in', () => {
  const ordinal = ordinalsOf(target);
  for (const row of ordinalTable('2025-12-20', '2026-01-10', target))
    expect(ordinal(toEpochDay(row.date))).toBe(row.ordinal);
});

test('a calendar without a day of business is refused', () => {
  expect(() => ordinalsOf({ weekend: [1, 2, 3, 4, 5, 6, 7], holidays: [] })).toThrow(RangeError);
});

describe('dates', () => {
  test.each([
    ['1970-01-01', 0],
    ['1969-12-31', -1],
    ['2000-02-29', 11016],
    ['2026-04-05', 20548],
    ['0001-01-01', -719162],
    ['9999-12-31', 2932896],
  ])('%s is day %i', (date, day) => {
    expect(epochDayOf(date)).toBe(day);
    expect(fromEpochDay(day)).toBe(date);
  });

  test.each([
    '2026-02-29',
    '1900-02-29',
    '2026-04-31',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '0000-01-01',
    '2026-1-1',
    '20260101',
    '2026-01-01T00:00:00Z',
    '2026-01-01\n',
    '',
  ])('%j is none', (text) => {
    expect(epochDayOf(text)).toBeUndefined();
    expect(() => toEpochDay(text)).toThrow(RangeError);
  });
});
