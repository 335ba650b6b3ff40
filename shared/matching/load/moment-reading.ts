// How a column of written dates or date-times is read: one format for the whole column, decided from the shapes of its
// values. Day and month are told apart by values over 12 alone; without one the column is ambiguous.
import type { Reading } from '../../domain/definition.ts';
import type { Ambiguity } from './number-reading.ts';
import type { Shape } from './shapes.ts';

/** ISO 8601 dates and date-times, with or without seconds, fraction and offset. */
export const isoFormat = 'iso';

export type MomentDecision =
  /** `proven` unless another order of day and month reads every value the same. */
  | { kind: 'moment'; format: string; time: boolean; fits: number; total: number; proven: boolean }
  | { kind: 'ambiguous'; ambiguity: Ambiguity; fits: number }
  | { kind: 'none' };

const isoShape = /^9999-99-99([T ]99:99(:99([.,]9{1,9})?)?( ?(Z|[+-]99(:?99)?))?)?$/;
const timeShape = /^(.*?)([T ]|, )(99?:99)(:99)?([.,]9{1,6})?( ?[AaPp][Mm])?$/;

type Family = { date: string; time: string; dayOrMonth: boolean };

/** strptime patterns for the shape; `%1` and `%2` stand for day and month in an order not known yet. */
function familyOf(shape: string): Family | undefined {
  const timed = timeShape.exec(shape);
  const datePart = timed ? timed[1]! : shape;
  const separator = timed?.[2] ?? '';
  const hour = timed?.[6] ? '%I' : '%H';
  const half = timed?.[6] ? `${timed[6].startsWith(' ') ? ' ' : ''}%p` : '';
  const fraction = timed?.[5] ? `${timed[5][0]}%f` : '';
  const time = timed ? `${separator}${hour}:%M${timed[4] ? ':%S' : ''}${fraction}${half}` : '';
  const yearFirst = /^9999([-/.])99?\1(99?)$/.exec(datePart);
  if (yearFirst) return { date: `%Y${yearFirst[1]}%m${yearFirst[1]}%d`, time, dayOrMonth: false };
  const yearLast = /^99?([-/.])99?\1(9999|99)$/.exec(datePart);
  if (yearLast) {
    const year = yearLast[2]!.length === 4 ? '%Y' : '%y';
    return { date: `%1${yearLast[1]}%2${yearLast[1]}${year}`, time, dayOrMonth: true };
  }
  const named = /^99?([-/. ])([A-Za-z]{3,9})\1(9999|99)$/.exec(datePart);
  if (named && monthFormat(named[2]!)) {
    const year = named[3]!.length === 4 ? '%Y' : '%y';
    return { date: `%d${named[1]}${monthFormat(named[2]!)}${named[1]}${year}`, time, dayOrMonth: false };
  }
  const american = /^([A-Za-z]{3,9}) 99?, (9999)$/.exec(datePart);
  if (american && monthFormat(american[1]!))
    return { date: `${monthFormat(american[1]!)} %d, %Y`, time, dayOrMonth: false };
  return undefined;
}

const months = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

/** May is the same in both forms; the other values of the column say which. */
function monthFormat(name: string): '%b' | '%B' | undefined {
  const lower = name.toLowerCase();
  if (months.some((month) => month.slice(0, 3) === lower)) return '%b';
  return months.includes(lower) ? '%B' : undefined;
}

export function decideMoment(shapes: Shape[], given: Reading, options: { compactDates: boolean }): MomentDecision {
  const total = shapes.reduce((sum, shape) => sum + shape.count, 0);
  if (given.dateFormat) {
    const time =
      given.dateFormat === isoFormat
        ? shapes.some(({ shape }) => /^9999-99-99[T ]/.test(shape))
        : /%[HIMSpf]/.test(given.dateFormat);
    return { kind: 'moment', format: given.dateFormat, time, fits: total, total, proven: true };
  }
  let iso = { fits: 0, time: false };
  let compact = 0;
  const families = new Map<
    string,
    { family: Family; fits: number; dayFirst: number; monthFirst: number; shapes: Shape[] }
  >();
  for (const shape of shapes) {
    if (isoShape.test(shape.shape)) {
      iso = { fits: iso.fits + shape.count, time: iso.time || shape.shape.length > 10 };
      continue;
    }
    if (shape.shape === '99999999') compact += shape.count;
    const family = familyOf(shape.shape);
    if (!family) continue;
    const key = family.date + family.time;
    const known = families.get(key) ?? { family, fits: 0, dayFirst: 0, monthFirst: 0, shapes: [] };
    known.fits += shape.count;
    known.dayFirst += shape.dayFirst;
    known.monthFirst += shape.monthFirst;
    known.shapes.push(shape);
    families.set(key, known);
  }
  const best = [...families.values()].reduce<(typeof families extends Map<string, infer F> ? F : never) | undefined>(
    (a, b) => (!a || b.fits > a.fits ? b : a),
    undefined,
  );
  if (options.compactDates && compact > Math.max(iso.fits, best?.fits ?? 0)) {
    return { kind: 'moment', format: '%Y%m%d', time: false, fits: compact, total, proven: true };
  }
  if (iso.fits > 0 && iso.fits >= (best?.fits ?? 0))
    return { kind: 'moment', format: isoFormat, time: iso.time, fits: iso.fits, total, proven: true };
  if (!best) return { kind: 'none' };
  const { family, fits, dayFirst, monthFirst } = best;
  const order = (day: 1 | 2) =>
    family.date.replace('%1', day === 1 ? '%d' : '%m').replace('%2', day === 1 ? '%m' : '%d') + family.time;
  const time = family.time !== '';
  if (!family.dayOrMonth) return { kind: 'moment', format: order(1), time, fits, total, proven: true };
  // A few values that fit the other order alone are wrong dates; the proof of each row rejects them.
  if (Math.min(dayFirst, monthFirst) * 100 > fits) return { kind: 'none' };
  if (dayFirst !== monthFirst)
    return { kind: 'moment', format: order(dayFirst > monthFirst ? 1 : 2), time, fits, total, proven: true };
  const examples = best.shapes.flatMap((shape) => (shape.differingExample ? [shape.differingExample] : []));
  // Where day and month are always equal both readings agree.
  if (examples.length === 0) return { kind: 'moment', format: order(1), time, fits, total, proven: false };
  return { kind: 'ambiguous', ambiguity: { examples: examples.slice(0, 3), readings: [order(1), order(2)] }, fits };
}
