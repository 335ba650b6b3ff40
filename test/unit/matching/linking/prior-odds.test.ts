// Prior odds within groups, by hand and against the sum of all groups' matches.
import { expect, test } from 'vitest';
import { type Group, mostMatches, oddsWithin } from '../../../../shared/matching/linking/prior-odds.ts';

const cases: { name: string; groups: Group[]; matches: number; odds: number }[] = [
  // 6 of 10 and 8: 6 ÷ (4 · 2).
  { name: 'one group', groups: [{ lefts: 10, rights: 8, groups: 1 }], matches: 6, odds: 0.75 },
  // Each of the 100 has half a match: ½ ÷ (½ · ½).
  { name: 'pairs', groups: [{ lefts: 1, rights: 1, groups: 100 }], matches: 50, odds: 2 },
  // Odds of 1 make 2 ÷ (3 + √5) = (3 − √5) ÷ 2 matches of 1 × 1, and 4 ÷ (4 + √8) = 2 − √2 of 2 × 1.
  {
    name: 'groups of two sizes',
    groups: [
      { lefts: 1, rights: 1, groups: 3 },
      { lefts: 2, rights: 1, groups: 5 },
    ],
    matches: (3 * (3 - Math.sqrt(5))) / 2 + 5 * (2 - Math.SQRT2),
    odds: 1,
  },
  // All have a partner: one of a hundred is taken to have none, 0.99 ÷ 0.01²; of seven one more than there are, 7/8 ÷ (1/8)².
  { name: 'all of many have a partner', groups: [{ lefts: 1, rights: 1, groups: 700 }], matches: 700, odds: 9_900 },
  { name: 'all of few have a partner', groups: [{ lefts: 1, rights: 1, groups: 7 }], matches: 7, odds: 56 },
];

test.each(cases)('$name', ({ groups, matches, odds }) => {
  expect(oddsWithin(groups, matches) / odds).toBeCloseTo(1, 6);
});

test('at most as many matches as the smaller side of each group has records', () => {
  expect(
    mostMatches([
      { lefts: 3, rights: 2, groups: 4 },
      { lefts: 1, rights: 9, groups: 2 },
    ]),
  ).toBe(10);
});
