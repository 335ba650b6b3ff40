// When something is due: cron expressions of five fields in a time zone, by their wall clock. It starts nothing.
// Daylight saving as in Vixie cron: a time of day that is skipped comes right after the gap, and one that comes twice is
// taken the first time; what goes by a wildcard or step (every hour) goes by elapsed time instead.
import { Cron } from 'croner';

/** `zone`: an IANA time zone. */
export type CronTimes = { expression: string; zone: string };

/** The first moment after `after` (epoch ms); undefined where there is none, as of 31 February. */
export function nextDue(times: CronTimes, after: number): number | undefined {
  return open(times).nextRun(new Date(after))?.getTime();
}

/** The last moment up to `until`, itself included. */
export function lastDue(times: CronTimes, until: number): number | undefined {
  // croner leaves the given moment out.
  return open(times)
    .previousRuns(1, new Date(until + 1))[0]
    ?.getTime();
}

/** What is wrong with an expression, as a sentence; undefined when nothing is. */
export function cronFault(expression: string): string | undefined {
  if (expression.trim().split(/\s+/).length !== 5) {
    return 'a cron expression has five fields: minute, hour, day of month, month, day of week';
  }
  try {
    // The day after a leap day that has passed: `0 0 29 2 *` is found from here within its four years.
    if (nextDue({ expression, zone: 'UTC' }, Date.UTC(2024, 2, 1)) === undefined) return 'it names no day that exists';
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^Cron\w*: */, '');
  }
}

export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    // An offset such as `+02:00` is accepted there; it is no zone, because it knows no summer.
    return /^[A-Za-z]/.test(zone);
  } catch {
    return false;
  }
}

/** Throws on an expression or zone that is not valid. */
function open({ expression, zone }: CronTimes): Cron {
  return new Cron(expression, { timezone: zone, mode: '5-part', fixedTimeRule: 'no-wildcard' });
}
