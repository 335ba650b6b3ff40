// What is decided of weighed pairs: linked, a guess, or neither. One row per case, with a threshold of a half unless given.
import { expect, test } from 'vitest';
import { decidePairs } from '../../../../shared/matching/linking/pair-exclusively.ts';
import { withEngine } from './linking-engine.ts';

/** `n` copies are in the best pairing; left and right stand for so many. */
type Weighed = { l: number; r: number; p: number; n?: number; of?: [left: number, right: number]; tied?: boolean };

const cases: { name: string; pairs: Weighed[]; threshold?: number; decided: string[] }[] = [
  { name: 'one that is likelier than not', pairs: [{ l: 0, r: 0, p: 0.6, n: 1 }], decided: ['0-0 linked 1'] },
  { name: 'one that is not', pairs: [{ l: 0, r: 0, p: 0.4, n: 1 }], decided: [] },
  { name: 'one that the threshold refuses', pairs: [{ l: 0, r: 0, p: 0.6, n: 1 }], threshold: 0.7, decided: [] },
  {
    name: 'a record that surely has one of three, and none surely',
    pairs: [
      { l: 0, r: 0, p: 0.4, n: 1 },
      { l: 0, r: 1, p: 0.35 },
      { l: 0, r: 2, p: 0.2 },
    ],
    decided: ['0-0 tied 0', '0-1 tied 0', '0-2 tied 0'],
  },
  {
    name: 'of either side',
    pairs: [
      { l: 0, r: 0, p: 0.4, n: 1 },
      { l: 1, r: 0, p: 0.35 },
    ],
    decided: ['0-0 tied 0', '1-0 tied 0'],
  },
  {
    name: 'but not with those that are far less likely',
    pairs: [
      { l: 0, r: 0, p: 0.45, n: 1 },
      { l: 0, r: 1, p: 0.4 },
      { l: 0, r: 2, p: 0.04 },
    ],
    decided: ['0-0 tied 0', '0-1 tied 0'],
  },
  {
    name: 'a partner that another has taken is none any more',
    pairs: [
      { l: 0, r: 0, p: 0.6, n: 1 },
      { l: 1, r: 0, p: 0.4 },
      { l: 1, r: 1, p: 0.15, n: 1 },
    ],
    decided: ['0-0 linked 1'],
  },
  {
    name: 'pairings that are as good, however unsure',
    pairs: [
      { l: 0, r: 0, p: 0.3, tied: true },
      { l: 0, r: 1, p: 0.3, tied: true },
    ],
    decided: ['0-0 tied 0', '0-1 tied 0'],
  },
  {
    name: 'copies: two of three are linked, the third has a likely partner',
    pairs: [
      { l: 0, r: 0, p: 0.98, n: 2, of: [3, 2] },
      { l: 0, r: 1, p: 0.45, of: [3, 1] },
      { l: 1, r: 1, p: 0.4 },
    ],
    decided: ['0-0 linked 2', '0-1 tied 0', '1-1 tied 0'],
  },
  {
    name: 'or none',
    pairs: [
      { l: 0, r: 0, p: 0.98, n: 2, of: [3, 2] },
      { l: 0, r: 1, p: 0.3, of: [3, 1] },
    ],
    decided: ['0-0 linked 2'],
  },
];

test.each(cases)('$name', async ({ pairs, threshold = 0.5, decided }) => {
  await withEngine(async (engine) => {
    const rows = pairs.map(
      ({ l, r, p, n = 0, of: [left, right] = [1, 1], tied = false }) =>
        `(${l}, ${r}, ${Math.round(p * 100)}, ${p}::DOUBLE, ${n}, ${left}, ${right}, ${tied})`,
    );
    await engine.run(
      `CREATE TABLE link_weighed AS FROM (VALUES ${rows.join(', ')}) t(l, r, weight, probability, n, left_copies, right_copies, tied)`,
    );
    await decidePairs(engine, threshold);
    const found = await engine.rows<{ pair: string }>(
      `SELECT l || '-' || r || ' ' || state || ' ' || n AS pair FROM link_paired ORDER BY l, r, state`,
    );
    expect(found.map(({ pair }) => pair)).toEqual(decided);
  });
});
