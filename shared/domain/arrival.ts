// When a source's data is expected, as people write it: `Weekdays by 18:00`, `Mon,Wed by 7:00 PM`, `18:00`. What is not
// understood is watched by nobody, rather than guessed at.
import { type CronTimes, isTimeZone } from './schedule.ts';

/** As the configuration of a source has them. */
export type ArrivalTerms = {
  arrivalExpectation?: string | null | undefined;
  /** IANA; UTC when absent. */
  arrivalTimezone?: string | null | undefined;
  /** How late it may be; without it nobody is told. */
  arrivalSlaMinutes?: number | null | undefined;
};

export type ArrivalWatch = { times: CronTimes; slaMinutes: number };

export function arrivalWatchOf(terms: ArrivalTerms): ArrivalWatch | undefined {
  const { arrivalExpectation, arrivalSlaMinutes } = terms;
  const zone = terms.arrivalTimezone ?? 'UTC';
  const expression = arrivalExpectation == null ? undefined : expectationAsCron(arrivalExpectation);
  if (expression === undefined || arrivalSlaMinutes == null || !isTimeZone(zone)) return undefined;
  return { times: { expression, zone }, slaMinutes: arrivalSlaMinutes };
}

const dayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const groups: Record<string, string> = {
  '': '*',
  daily: '*',
  everyday: '*',
  'every day': '*',
  weekday: '1-5',
  weekdays: '1-5',
  'every weekday': '1-5',
  'business days': '1-5',
  weekend: '0,6',
  weekends: '0,6',
};

/** `[days] [by] time` → a cron expression of five fields; undefined when it is not understood. */
export function expectationAsCron(text: string): string | undefined {
  if (text.length > expectationCharactersMax) return undefined;
  const found = /^(.*?)(?:\b(?:by|before|at))?\s*(\d{1,2})(?::(\d{2}))?\s*([ap]\.?m\.?)?$/is.exec(text.trim());
  if (!found) return undefined;
  const [, days = '', hourText = '', minuteText, half] = found;
  const minute = Number(minuteText ?? 0);
  const hour = hourOf(Number(hourText), half);
  const weekdays = weekdaysOf(days.trim().toLowerCase());
  // A lone number, as in `Daily by 6`, may mean either half of the day.
  if (minuteText === undefined && half === undefined) return undefined;
  if (hour === undefined || minute > 59 || weekdays === undefined) return undefined;
  return `${minute} ${hour} * * ${weekdays}`;
}

/** Longer than anything that is understood: the pattern is not tried on pages of text. */
const expectationCharactersMax = 120;

function hourOf(hour: number, half: string | undefined): number | undefined {
  if (half === undefined) return hour <= 23 ? hour : undefined;
  if (hour < 1 || hour > 12) return undefined;
  return (hour % 12) + (half.toLowerCase().startsWith('p') ? 12 : 0);
}

/** The day-of-week field of cron. */
function weekdaysOf(days: string): string | undefined {
  if (Object.hasOwn(groups, days)) return groups[days];
  const wanted = new Set<number>();
  for (const part of days.split(/\s*(?:,|\band\b|&)\s*/)) {
    const [first, last, ...more] = part.split(/\s*(?:-|–|\bto\b)\s*/).map(dayOf);
    if (first === undefined || more.length > 0) return undefined;
    wanted.add(first);
    if (part.split(/-|–|\bto\b/).length === 1) continue;
    if (last === undefined) return undefined;
    for (let day = first; day !== last; day = (day + 1) % 7) wanted.add((day + 1) % 7);
  }
  return [...wanted].sort().join(',');
}

/** `mon`, `tues` and `monday` alike. */
function dayOf(text: string): number | undefined {
  const name = text.replace(/\.$/, '');
  if (name.length < 3) return undefined;
  const day = dayNames.findIndex((one) => one.startsWith(name) || (name.endsWith('s') && name === `${one}s`));
  return day === -1 ? undefined : day;
}
