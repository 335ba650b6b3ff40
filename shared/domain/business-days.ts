// Counts business days between dates, by a calendar of weekends and holidays. Dates are ISO text or days since
// 1970-01-01 in the Gregorian calendar, years 1 to 9999: no clock, no time zone, nothing that has an hour.
import type { Calendar } from './definition.ts';

/** Days since 1970-01-01. */
export type EpochDay = number;

const epochWeekday = 4;
const daysInWeek = 7;
const daysInEra = 146_097;
const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * The number of business days from 1970-01-01 up to, but not on, the day; negative before it. The number of business
 * days between two dates is the difference of their ordinals. A day without business has the ordinal of the next
 * business day: it is rolled forward, the "following" convention of the markets. Friday to Saturday is one day, as
 * Friday to Monday is. The same count as `busday_count` of NumPy for dates in order.
 */
export function ordinalsOf(calendar: Calendar): (day: EpochDay) => number {
  const weekend = new Set(calendar.weekend ?? [6, 7]);
  // From Thursday, the weekday of day 0: business days among the first n days of such a week.
  const within = [0];
  for (let past = 0; past < daysInWeek; past += 1) within.push(within[past]! + (weekend.has(weekdayOf(past)) ? 0 : 1));
  const perWeek = within[daysInWeek]!;
  if (perWeek === 0) throw new RangeError('a calendar needs a weekday on which business is done');
  const days = new Set(calendar.holidays.map(toEpochDay));
  const holidays = [...days].filter((day) => !weekend.has(weekdayOf(day))).sort((a, b) => a - b);
  const beforeEpoch = countBefore(holidays, 0);
  return (day) => {
    const weeks = Math.floor(day / daysInWeek);
    const weekdays = weeks * perWeek + within[day - weeks * daysInWeek]!;
    return weekdays - (countBefore(holidays, day) - beforeEpoch);
  };
}

/** Negative when `to` lies before `from`. Throws a RangeError on what is no ISO date. */
export function businessDaysBetween(from: string, to: string, calendar: Calendar): number {
  const ordinal = ordinalsOf(calendar);
  return ordinal(toEpochDay(to)) - ordinal(toEpochDay(from));
}

/** Every date from the first to the last, both included, with its ordinal: a table to look dates up in. */
export function ordinalTable(first: string, last: string, calendar: Calendar): { date: string; ordinal: number }[] {
  const ordinal = ordinalsOf(calendar);
  const table: { date: string; ordinal: number }[] = [];
  for (let day = toEpochDay(first); day <= toEpochDay(last); day += 1)
    table.push({ date: fromEpochDay(day), ordinal: ordinal(day) });
  return table;
}

/** Undefined for text that is no date that exists, as `2026-02-29`. */
export function epochDayOf(date: string): EpochDay | undefined {
  const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date);
  if (!found) return undefined;
  const [year, month, day] = found.slice(1).map(Number) as [number, number, number];
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  // Years begin in March, so that a leap day is the last of one; eras of 400 years all have as many days.
  // Formula: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil.
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * daysInEra + dayOfEra - 719_468;
}

/** Throws a RangeError on text that is no date. */
export function toEpochDay(date: string): EpochDay {
  const day = epochDayOf(date);
  if (day === undefined) throw new RangeError(`not a date: ${date}`);
  return day;
}

/** The inverse: H. Hinnant's civil_from_days. */
export function fromEpochDay(day: EpochDay): string {
  const shifted = day + 719_468;
  const era = Math.floor(shifted / daysInEra);
  const dayOfEra = shifted - era * daysInEra;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const dayOfMonth = dayOfYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(dayOfMonth).padStart(2, '0')}`;
}

/** Monday 1 to Sunday 7, as ISO 8601 counts. */
function weekdayOf(day: EpochDay): number {
  const past = (day + epochWeekday - 1) % daysInWeek;
  return (past < 0 ? past + daysInWeek : past) + 1;
}

function daysInMonth(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : monthDays[month - 1]!;
}

/** How many of the ascending days lie before one. */
function countBefore(days: EpochDay[], day: EpochDay): number {
  let [low, high] = [0, days.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (days[middle]! < day) low = middle + 1;
    else high = middle;
  }
  return low;
}
