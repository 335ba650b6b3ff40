// Says what is wrong with the calendars of a definition: dates that do not exist, weekends that leave no day for business.
import { epochDayOf } from './business-days.ts';
import { checkName, checkWhole, type Report } from './check-values.ts';
import type { Calendar, Definition } from './definition.ts';

const calendarsMax = 50;
/** A century of forty holidays a year. */
const holidaysMax = 4_000;

export function checkCalendars({ calendars = {} }: Definition, report: Report): void {
  if (Object.keys(calendars).length > calendarsMax) report('calendars', `must be at most ${calendarsMax}`);
  for (const [name, calendar] of Object.entries(calendars)) {
    checkName(name, `calendars.${name}`, report);
    checkCalendar(calendar, `calendars.${name}`, report);
  }
}

function checkCalendar({ weekend = [], holidays }: Calendar, path: string, report: Report): void {
  for (const [index, day] of weekend.entries()) {
    checkWhole(day, 1, 7, `${path}.weekend[${index}]`, report);
    const earlier = weekend.indexOf(day);
    if (earlier < index) report(`${path}.weekend[${index}]`, `${day} is weekend[${earlier}] too`);
  }
  if (new Set(weekend).size >= 7) report(`${path}.weekend`, 'must leave a day on which business is done');
  if (holidays.length > holidaysMax) report(`${path}.holidays`, `must be at most ${holidaysMax}`);
  for (const [index, date] of holidays.slice(0, holidaysMax).entries()) {
    if (epochDayOf(date) === undefined)
      report(`${path}.holidays[${index}]`, 'must be a date that exists, such as "2026-12-25"');
  }
}
