// Due times of cron expressions: zones, the days on which clocks change, and what is no expression.
import { describe, expect, it } from 'vitest';
import { cronFault, isTimeZone, lastDue, nextDue } from '../../../shared/domain/schedule.ts';

const at = (text: string) => Date.parse(text.length === 17 ? text.replace('Z', ':00Z') : text);
const iso = (time: number | undefined) =>
  time === undefined ? undefined : new Date(time).toISOString().replace(':00.000Z', 'Z');

/** All due times after `from` and up to `to`, walked forwards. */
function dueBetween(expression: string, zone: string, from: string, to: string): (string | undefined)[] {
  const found: (string | undefined)[] = [];
  for (let due = nextDue({ expression, zone }, at(from)); due! <= at(to); due = nextDue({ expression, zone }, due!)) {
    found.push(iso(due));
  }
  return found;
}

describe('auto-trigger: due times', () => {
  it.each([
    // A plain day; seconds of the moment do not matter, and the moment itself is not after itself.
    ['0 2 * * *', 'UTC', '2026-01-05T01:59Z', '2026-01-06T02:00Z', ['2026-01-05T02:00Z', '2026-01-06T02:00Z']],
    ['0 2 * * *', 'UTC', '2026-01-05T02:00Z', '2026-01-06T02:00Z', ['2026-01-06T02:00Z']],
    ['0 2 * * *', 'Asia/Kolkata', '2026-01-05T00:00Z', '2026-01-06T00:00Z', ['2026-01-05T20:30Z']],
    [
      '0 18 * * 1-5',
      'America/New_York',
      '2026-01-09T12:00Z',
      '2026-01-13T00:00Z',
      ['2026-01-09T23:00Z', '2026-01-12T23:00Z'],
    ],
    ['0 2 * * MON,FRI', 'UTC', '2026-01-05T03:00Z', '2026-01-12T03:00Z', ['2026-01-09T02:00Z', '2026-01-12T02:00Z']],
    ['0 0 29 2 *', 'UTC', '2026-01-01T00:00Z', '2033-01-01T00:00Z', ['2028-02-29T00:00Z', '2032-02-29T00:00Z']],
    // Day of month and day of week together mean either, as in every cron.
    ['0 0 13 * 5', 'UTC', '2026-02-05T00:00Z', '2026-02-14T00:00Z', ['2026-02-06T00:00Z', '2026-02-13T00:00Z']],
    // Berlin, 29 March 2026: 02:00–03:00 does not exist. It runs once, right after the gap.
    [
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T00:00Z',
      '2026-03-30T12:00Z',
      ['2026-03-28T01:30Z', '2026-03-29T01:00Z', '2026-03-30T00:30Z'],
    ],
    [
      '30 2,14 * * *',
      'Europe/Berlin',
      '2026-03-29T00:00Z',
      '2026-03-29T20:00Z',
      ['2026-03-29T01:00Z', '2026-03-29T12:30Z'],
    ],
    // Every hour is every hour of elapsed time.
    [
      '30 * * * *',
      'Europe/Berlin',
      '2026-03-29T00:00Z',
      '2026-03-29T03:00Z',
      ['2026-03-29T00:30Z', '2026-03-29T01:30Z', '2026-03-29T02:30Z'],
    ],
    // Berlin, 25 October 2026: 02:00–03:00 comes twice. It runs once, the first time.
    [
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T00:00Z',
      '2026-10-26T12:00Z',
      ['2026-10-24T00:30Z', '2026-10-25T00:30Z', '2026-10-26T01:30Z'],
    ],
    ['30 2 * * *', 'Europe/Berlin', '2026-10-25T00:30Z', '2026-10-26T12:00Z', ['2026-10-26T01:30Z']],
    ['30 2 * * *', 'Europe/Berlin', '2026-10-25T01:15Z', '2026-10-26T12:00Z', ['2026-10-26T01:30Z']],
    [
      '30 2-3 * * *',
      'Europe/Berlin',
      '2026-10-25T00:00Z',
      '2026-10-25T12:00Z',
      ['2026-10-25T00:30Z', '2026-10-25T02:30Z'],
    ],
    [
      '30 * * * *',
      'Europe/Berlin',
      '2026-10-25T00:00Z',
      '2026-10-25T03:00Z',
      ['2026-10-25T00:30Z', '2026-10-25T01:30Z', '2026-10-25T02:30Z'],
    ],
    // New York, 8 March and 1 November 2026.
    [
      '30 2 * * *',
      'America/New_York',
      '2026-03-07T00:00Z',
      '2026-03-09T12:00Z',
      ['2026-03-07T07:30Z', '2026-03-08T07:00Z', '2026-03-09T06:30Z'],
    ],
    [
      '30 1 * * *',
      'America/New_York',
      '2026-10-31T00:00Z',
      '2026-11-02T12:00Z',
      ['2026-10-31T05:30Z', '2026-11-01T05:30Z', '2026-11-02T06:30Z'],
    ],
    // Lord Howe changes by half an hour; Cairo at midnight, so that a day has none.
    [
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2026-10-02T16:00Z',
      '2026-10-04T16:00Z',
      ['2026-10-03T15:30Z', '2026-10-04T15:15Z'],
    ],
    [
      '0 0 * * *',
      'Africa/Cairo',
      '2026-04-22T12:00Z',
      '2026-04-24T22:00Z',
      ['2026-04-22T22:00Z', '2026-04-23T22:00Z', '2026-04-24T21:00Z'],
    ],
  ])('%s in %s after %s', (expression, zone, from, to, expected) => {
    expect(dueBetween(expression, zone, from, to)).toEqual(expected);
    // Looking back finds the same times as looking forward.
    const back: (string | undefined)[] = [];
    for (
      let due = lastDue({ expression, zone }, at(to));
      due! > at(from);
      due = lastDue({ expression, zone }, due! - 1)
    )
      back.unshift(iso(due));
    expect(back).toEqual(expected);
  });

  it('auto-trigger: runs once on each day of three years, in zones that change their clocks', {
    timeout: 60_000,
  }, () => {
    for (const zone of ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Santiago']) {
      const dayOf = new Intl.DateTimeFormat('en-CA', { timeZone: zone });
      for (const expression of ['30 2 * * *', '0 0 * * *']) {
        const days: string[] = [];
        const end = at('2029-01-01T00:00Z');
        for (
          let due = nextDue({ expression, zone }, at('2026-01-01T00:00Z'))!;
          due < end;
          due = nextDue({ expression, zone }, due)!
        )
          days.push(dayOf.format(due));
        expect(new Set(days).size, `${expression} ${zone}`).toBe(days.length);
        expect(days.length, `${expression} ${zone}`).toBeGreaterThanOrEqual(1_095);
      }
    }
  });

  it.each([
    ['0 2 * * *', undefined],
    [' 0  2 * * MON-FRI ', undefined],
    ['*/15 9-17 * * 1-5', undefined],
    ['0 0 L * *', undefined],
    ['0 0 29 2 *', undefined],
    ['', 'five fields'],
    ['@daily', 'five fields'],
    ['0 2 * *', 'five fields'],
    ['0 0 2 * * *', 'five fields'],
    ['60 2 * * *', 'minute'],
    ['0 24 * * *', 'hour'],
    ['0 2 * * 1-', ''],
    ['*/0 * * * *', 'stepping'],
    ['0 2 * * nonday', ''],
    ['0 2 31 2 *', 'no day that exists'],
    ['0 0 30 2,4-1 *', ''],
  ])('auto-trigger: %j is valid or says why not', (expression, fault) => {
    if (fault === undefined) expect(cronFault(expression)).toBeUndefined();
    else expect(cronFault(expression)).toContain(fault);
  });

  it.each([
    ['UTC', true],
    ['Europe/Berlin', true],
    ['America/Argentina/Buenos_Aires', true],
    ['Mars/Olympus', false],
    ['+02:00', false],
    ['', false],
    ['Europe/Berlin; rm', false],
  ])('auto-trigger: %j is a time zone: %s', (zone, expected) => {
    expect(isTimeZone(zone)).toBe(expected);
  });
});
