// Mutual best pairing of groups: what is settled, what is tied, and that the order of candidates does not matter.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assignGroups, type Candidate } from '../../../../shared/matching/match/assign-groups.ts';

/** `costs[l][r]`, with how many records each group has. */
function candidates(costs: number[][], left: number[] = [], right: number[] = []): Candidate[] {
  return costs.flatMap((row, l) =>
    row.map((cost, r) => ({
      left: l,
      right: r,
      cost,
      leftCount: left[l] ?? 1,
      rightCount: right[r] ?? 1,
      differs: cost > 0,
    })),
  );
}

const cases: { name: string; of: Candidate[]; pairs: string[]; tied?: string[] }[] = [
  {
    name: 'the closest first',
    of: candidates([
      [1, 2],
      [3, 4],
    ]),
    pairs: ['0-0×1', '1-1×1'],
  },
  { name: 'a tie', of: candidates([[1, 1]]), pairs: [], tied: ['l0', 'r0', 'r1'] },
  { name: 'enough for all that tie', of: candidates([[1, 1]], [5], [2, 3]), pairs: ['0-0×2', '0-1×3'] },
  { name: 'not enough for all that tie', of: candidates([[1, 1]], [4], [2, 3]), pairs: [], tied: ['l0', 'r0', 'r1'] },
  {
    name: 'a settled pair beside a tie of the same cost',
    of: candidates(
      [
        [1, 9],
        [1, 1],
      ],
      [1, 1],
      [2, 1],
    ),
    pairs: ['0-0×1'],
    tied: ['l1', 'r0', 'r1'],
  },
  {
    name: 'all costs equal',
    of: candidates([
      [1, 1],
      [1, 1],
    ]),
    pairs: [],
    tied: ['l0', 'l1', 'r0', 'r1'],
  },
  {
    name: 'what is left of a group goes on to the next',
    of: candidates([[1, 2]], [3], [1, 1]),
    pairs: ['0-0×1', '0-1×1'],
  },
];

test.each(cases)('$name', ({ of, pairs, tied }) => {
  const found = assignGroups(of);
  expect(found.pairs.map((pair) => `${pair.left}-${pair.right}×${pair.count}`).sort()).toEqual(pairs);
  if (tied)
    expect([...[...found.tied.left].map((l) => `l${l}`), ...[...found.tied.right].map((r) => `r${r}`)].sort()).toEqual(
      tied,
    );
});

test('no group gives more records than it has, and the order of candidates is nothing', () => {
  const counts = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(
      counts,
      counts,
      fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 25, maxLength: 25 }),
      (left, right, costs) => {
        const all = candidates(
          left.map((_, l) => right.map((_count, r) => costs[l * 5 + r]!)),
          left,
          right,
        );
        const found = assignGroups(all);
        for (const [index, count] of left.entries()) {
          expect(
            found.pairs.filter((pair) => pair.left === index).reduce((sum, pair) => sum + pair.count, 0),
          ).toBeLessThanOrEqual(count);
        }
        const text = ({ pairs, tied }: typeof found) => [
          pairs.map((pair) => JSON.stringify(pair)).sort(),
          [...tied.left].sort(),
          [...tied.right].sort(),
        ];
        expect(text(assignGroups(all.toReversed()))).toEqual(text(found));
      },
    ),
  );
});
