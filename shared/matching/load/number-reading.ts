// How a column of written numbers is read: decided from the shapes of its values. Knows no SQL and never guesses
// between two readings that give different numbers.
import type { Reading } from '../../domain/definition.ts';
import { type Shape, spaces } from './shapes.ts';

export type NumberReading = {
  decimalMark: '.' | ',';
  /** '' when no value has one. A blank stands for every kind of space. */
  groupMark: NonNullable<Reading['groupMark']>;
  /** The one currency sign that values may carry; '' for none. */
  sign: string;
  /** Decimals of the widest value. */
  scale: number;
  /** Digits before the mark of the longest value. */
  wholeDigits: number;
  /** Whether values showed which mark is the decimal one. */
  decimalSeen: boolean;
};

export type Ambiguity = { examples: string[]; readings: string[] };

export type NumberDecision =
  | { kind: 'number'; reading: NumberReading; fits: number; total: number; whole: boolean; identifiers: boolean }
  | { kind: 'ambiguous'; ambiguity: Ambiguity; fits: number }
  | { kind: 'none' };

/** DuckDB's widest decimal. */
export const digitsMax = 38;

const signPattern = /\p{Sc}/u;
const anySpace = `[${spaces}]`;

/** Digits of the number in a shape under the given marks, or undefined when it is none. */
function fit(
  shape: Shape,
  decimal: '.' | ',',
  group: string,
  sign: string,
): { whole: number; fraction: number; grouped: boolean } | undefined {
  let text = shape.shape;
  if (sign !== '') text = text.replace(sign, '');
  text = text.replace(new RegExp(`^${anySpace}+|${anySpace}+$`, 'g'), '');
  if (/^\(.*\)$/.test(text)) text = text.slice(1, -1);
  else if (/[-\u2212]$/.test(text)) text = text.slice(0, -1);
  else text = text.replace(/^[-+\u2212]/, '');
  text = text.replace(new RegExp(`^${anySpace}+|${anySpace}+$`, 'g'), '');
  const mark = text.lastIndexOf(decimal);
  const whole = mark < 0 ? text : text.slice(0, mark);
  const fraction = mark < 0 ? '' : text.slice(mark + 1);
  if (!/^9*$/.test(fraction) || (whole === '' && fraction === '')) return undefined;
  if (/^9*$/.test(whole)) return { whole: whole.length, fraction: fraction.length, grouped: false };
  if (group === '') return undefined;
  const between = group === ' ' ? anySpace : group === "'" ? "['\u2019]" : `[${group}]`;
  if (!new RegExp(`^9{1,3}(${between}9{3})+$`).test(whole) || shape.leadingZero) return undefined;
  return { whole: whole.replace(/[^9]/g, '').length, fraction: fraction.length, grouped: true };
}

/**
 * `given` holds what is known: by the definition, or from an earlier batch. `settled` says that the values come from
 * a format that writes numbers in one way (JSON, Parquet), where `1.234` cannot mean 1234.
 */
export function decideNumber(
  shapes: Shape[],
  given: Reading,
  options: { settled: boolean; integer: boolean },
): NumberDecision {
  const total = shapes.reduce((sum, shape) => sum + shape.count, 0);
  const signs = new Set<string>();
  for (const { shape } of shapes) for (const character of shape) if (signPattern.test(character)) signs.add(character);
  // Two currencies in one column are not amounts that can be compared.
  const sign = signs.size === 1 ? [...signs][0]! : '';
  const marks = given.decimalMark ? [given.decimalMark] : (['.', ','] as const);
  const candidates = marks.flatMap((decimal) => {
    const groups = given.groupMark !== undefined ? [given.groupMark] : [decimal === '.' ? ',' : '.', "'", ' '];
    return groups
      .filter((group) => group !== decimal)
      .map((group) => judge(shapes, decimal, group, sign, options.integer));
  });
  const best = candidates.reduce((a, b) => (b.fits > a.fits ? b : a));
  if (best.fits === 0) return { kind: 'none' };
  const rivals = candidates.filter((one) => one.fits === best.fits);
  for (const rival of options.settled ? [] : rivals) {
    for (const shape of shapes) {
      const [mine, other] = [best.byShape.get(shape), rival.byShape.get(shape)];
      if (!mine || !other || (mine.whole === other.whole && mine.fraction === other.fraction)) continue;
      const read = (one: Judged) => `decimal mark ${one.decimal}`;
      return {
        kind: 'ambiguous',
        ambiguity: { examples: [shape.example], readings: [read(best), read(rival)] },
        fits: best.fits,
      };
    }
  }
  let [scale, wholeDigits] = [0, 1];
  let [grouped, decimalSeen, identifiers] = [false, false, false];
  for (const [shape, digits] of best.byShape) {
    if (shape.leadingZero && digits.whole > 1) identifiers = true;
    if (digits.whole > 18 && digits.fraction === 0) identifiers = true;
    if (digits.fraction > 0 || digits.grouped) decimalSeen = true;
    if (digits.grouped) grouped = true;
    if (digits.whole + digits.fraction > digitsMax) continue;
    scale = Math.max(scale, digits.fraction);
    wholeDigits = Math.max(wholeDigits, digits.whole);
  }
  const reading: NumberReading = {
    decimalMark: best.decimal,
    groupMark: (grouped ? best.group : (given.groupMark ?? '')) as NumberReading['groupMark'],
    sign,
    scale,
    wholeDigits,
    decimalSeen,
  };
  return { kind: 'number', reading, fits: best.fits, total, whole: scale === 0, identifiers };
}

type Digits = { whole: number; fraction: number; grouped: boolean };
type Judged = { decimal: '.' | ','; group: string; fits: number; byShape: Map<Shape, Digits> };

function judge(shapes: Shape[], decimal: '.' | ',', group: string, sign: string, integer: boolean): Judged {
  const byShape = new Map<Shape, Digits>();
  let fits = 0;
  for (const shape of shapes) {
    const digits = fit(shape, decimal, group, sign);
    if (!digits || (integer && digits.fraction > 0 && !/[.,]0+$/.test(shape.example))) continue;
    byShape.set(shape, digits);
    fits += shape.count;
  }
  return { decimal, group, fits, byShape };
}
