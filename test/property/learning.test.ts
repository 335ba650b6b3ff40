// Whatever persons say: a lesson is finite, within its bounds, the same in any order, and fits what they said no worse than no lesson.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  factorMin,
  factorSpread,
  type Label,
  learnFromReviews,
  shiftSpread,
} from '../../shared/domain/learn-from-reviews.ts';

const bits = fc.double({ min: -40, max: 40, noNaN: true });
const spelling = fc.record({
  field: fc.constantFrom('party', 'city'),
  left: fc.constantFrom('a', 'b', 'c', 'A ', ''),
  right: fc.constantFrom('a', 'b', 'c', 'd'),
});
const label: fc.Arbitrary<Label> = fc.record({
  verdict: fc.constantFrom('APPROVED', 'REJECTED'),
  prior: bits,
  weights: fc.dictionary(fc.constantFrom('party', 'city', 'x y'), bits),
  spellings: fc.array(spelling, { maxLength: 2 }),
});

/** What a lesson is to minimise, its penalty among it. */
function loss(labels: Label[], shift: number, factors: Record<string, number>): number {
  const fits = labels.map(({ verdict, prior, weights }) => {
    const weighed = Object.entries(weights).map(([name, weight]) => (factors[name] ?? 1) * weight);
    const sum = weighed.reduce((total, one) => total + one, prior + shift);
    const margin = (verdict === 'APPROVED' ? sum : -sum) * Math.LN2;
    return margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin;
  });
  const penalties = Object.values(factors).map((one) => ((one - 1) / factorSpread) ** 2);
  return fits.reduce((a, b) => a + b, 0) + penalties.reduce((a, b) => a + b, (shift / shiftSpread) ** 2) / 2;
}

test('a lesson is better than none, and than any step away from it', () => {
  fc.assert(
    fc.property(
      fc.array(label, { minLength: 1, maxLength: 40 }),
      fc.double({ min: -1, max: 1, noNaN: true }),
      (labels, step) => {
        const { shift, factors, from } = learnFromReviews(labels)!;
        expect(from.approvals + from.rejections).toBe(labels.length);
        expect(Number.isFinite(shift)).toBe(true);
        for (const factor of Object.values(factors)) expect(factor).toBeGreaterThanOrEqual(factorMin);
        const least = loss(labels, shift, factors);
        // Six digits of each figure are kept.
        const slack = 1e-4 * labels.length;
        expect(least).toBeLessThanOrEqual(loss(labels, 0, {}) + slack);
        expect(least).toBeLessThanOrEqual(loss(labels, shift + step, factors) + slack);
        for (const name of Object.keys(factors)) {
          const moved = Math.max(factorMin, factors[name]! + step / 4);
          expect(least).toBeLessThanOrEqual(loss(labels, shift, { ...factors, [name]: moved }) + slack);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('the order in which persons said it changes nothing', () => {
  const shuffled = fc
    .array(label, { maxLength: 30 })
    .chain((labels) => fc.tuple(fc.constant(labels), fc.shuffledSubarray(labels, { minLength: labels.length })));
  fc.assert(
    fc.property(shuffled, ([labels, other]) => {
      expect(learnFromReviews(other)).toEqual(learnFromReviews(labels));
    }),
    { numRuns: 200 },
  );
});

test('a learned spelling was approved twice in some field, and never rejected there', () => {
  const plain = (text: string) => text.trim().toLowerCase();
  const nameOf = (one: string, other: string) => [plain(one), plain(other)].sort().join(' ');
  let learned = 0;
  fc.assert(
    fc.property(fc.array(label, { minLength: 1, maxLength: 60 }), (labels) => {
      for (const [one, other] of learnFromReviews(labels)!.equivalences as [string, string][]) {
        learned += 1;
        const shown = labels.flatMap(({ verdict, spellings }) =>
          spellings.map(({ field, left, right }) => ({ verdict, field, pair: nameOf(left, right) })),
        );
        const fields = ['party', 'city'].filter((name) => {
          const of = shown.filter(({ field, pair }) => field === name && pair === nameOf(one, other));
          return of.length >= 2 && of.every(({ verdict }) => verdict === 'APPROVED');
        });
        expect(fields).not.toEqual([]);
      }
    }),
    { numRuns: 500 },
  );
  expect(learned).toBeGreaterThan(0);
});
