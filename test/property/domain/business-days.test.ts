// What holds of business days in every calendar, and that the closed form counts what counting day by day does.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromEpochDay, ordinalsOf, toEpochDay } from '../../../shared/domain/business-days.ts';
import type { Calendar } from '../../../shared/domain/definition.ts';

const days = fc.integer({ min: -30_000, max: 60_000 });
const calendars: fc.Arbitrary<Calendar> = fc.record({
  weekend: fc.uniqueArray(fc.integer({ min: 1, max: 7 }), { maxLength: 6 }),
  holidays: fc.array(days.map(fromEpochDay), { maxLength: 40 }),
});

/** Looked up in Date, the other implementation at hand; noon, so that no rounding can move the day. */
function hasBusiness(day: number, calendar: Calendar): boolean {
  const date = new Date(day * 86_400_000 + 43_200_000);
  return (
    !calendar.weekend!.includes(date.getUTCDay() || 7) && !calendar.holidays.includes(date.toISOString().slice(0, 10))
  );
}

test('between two days lie the business days from the first up to the second', () => {
  fc.assert(
    fc.property(calendars, days, fc.integer({ min: 0, max: 400 }), (calendar, from, length) => {
      const near = {
        ...calendar,
        holidays: [...calendar.holidays, fromEpochDay(from + 3), fromEpochDay(from + length)],
      };
      const ordinal = ordinalsOf(near);
      let counted = 0;
      for (let day = from; day < from + length; day += 1) if (hasBusiness(day, near)) counted += 1;
      expect(ordinal(from + length) - ordinal(from)).toBe(counted);
    }),
  );
});

test('counts add up and never fall, and one day is at most one business day', () => {
  fc.assert(
    fc.property(calendars, days, days, days, (calendar, a, b, c) => {
      const ordinal = ordinalsOf(calendar);
      const between = (from: number, to: number) => ordinal(to) - ordinal(from);
      expect(between(a, b) + between(b, c)).toBe(between(a, c));
      expect(between(a, b) * Math.sign(b - a)).toBeGreaterThanOrEqual(0);
      expect(Math.abs(between(a, b))).toBeLessThanOrEqual(Math.abs(b - a));
      expect(between(a, a + 1)).toBe(hasBusiness(a, calendar) ? 1 : 0);
    }),
  );
});

test('a date is the same after there and back, in the order of its text', () => {
  const all = fc.integer({ min: -719_162, max: 2_932_896 });
  fc.assert(
    fc.property(all, all, (a, b) => {
      expect(toEpochDay(fromEpochDay(a))).toBe(a);
      expect(fromEpochDay(a)).toBe(new Date(a * 86_400_000).toISOString().slice(0, 10));
      expect(fromEpochDay(a) < fromEpochDay(b)).toBe(a < b);
    }),
  );
});
