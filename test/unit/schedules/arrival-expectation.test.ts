// What people write about when a file comes, and what is understood of it.
import { describe, expect, it } from 'vitest';
import { arrivalWatchOf, expectationAsCron } from '../../../shared/domain/arrival.ts';

describe('arrival-sla: an expectation', () => {
  it.each([
    ['Weekdays by 18:00', '0 18 * * 1-5'],
    ['weekdays BY 18:00', '0 18 * * 1-5'],
    ['Daily by 06:30', '30 6 * * *'],
    ['Every day at 6:30', '30 6 * * *'],
    ['Mon-Fri by 18:00', '0 18 * * 1,2,3,4,5'],
    ['Monday – Friday by 18:00', '0 18 * * 1,2,3,4,5'],
    ['Mon,Wed by 7:00 PM', '0 19 * * 1,3'],
    ['Mon, Wed and Fri by 7 pm', '0 19 * * 1,3,5'],
    ['Fri-Mon by 12:00 AM', '0 0 * * 0,1,5,6'],
    ['Thursdays at 09:15', '15 9 * * 4'],
    ['Tues by 1:00', '0 1 * * 2'],
    ['Weekends by 12:30 p.m.', '30 12 * * 0,6'],
    ['18:00', '0 18 * * *'],
    ['  18:00  ', '0 18 * * *'],
    ['Weekdays 18:00', '0 18 * * 1-5'],
  ])('%j is understood', (text, cron) => {
    expect(expectationAsCron(text)).toBe(cron);
  });

  it.each([
    'after close',
    'Weekdays',
    'by 25:00',
    'by 18:60',
    'by 13:00 PM',
    'Daily by 6',
    'T+1 by 18:00',
    'Weekdays by 18:00 CET',
    'Mon-Xyz by 18:00',
    'Mon-Tue-Wed by 18:00',
    'Mo by 10:00',
    'Mon- by 18:00',
    'First Monday by 18:00',
    '2026 18:00',
    '118:00',
    'Weekdays by 18:00 or 19:00',
    'weekdays by 18:00\nand more',
    '',
    ' '.repeat(100_000),
    `${'mon,'.repeat(50_000)} by 18:00`,
  ])('%j is not guessed at', (text) => {
    expect(expectationAsCron(text)).toBeUndefined();
  });

  it.each([
    [
      'understood',
      { arrivalExpectation: '18:00', arrivalTimezone: 'America/New_York', arrivalSlaMinutes: 60 },
      'America/New_York',
    ],
    ['without a zone it is UTC', { arrivalExpectation: '18:00', arrivalTimezone: null, arrivalSlaMinutes: 0 }, 'UTC'],
    ['without minutes nobody is told', { arrivalExpectation: '18:00', arrivalSlaMinutes: null }, undefined],
    ['without an expectation', { arrivalExpectation: null, arrivalSlaMinutes: 60 }, undefined],
    ['not understood', { arrivalExpectation: 'soon', arrivalSlaMinutes: 60 }, undefined],
    ['no zone at all', { arrivalExpectation: '18:00', arrivalTimezone: 'Mars/X', arrivalSlaMinutes: 60 }, undefined],
  ])('arrival-sla: %s', (_name, terms, zone) => {
    expect(arrivalWatchOf(terms)?.times.zone).toBe(zone);
  });
});
