// What all packings within the margin of the best have in common, against going through all packings.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PackProblem } from '../../shared/matching/grouping/pack-sets.ts';
import { settlePacking } from '../../shared/matching/grouping/settle-packing.ts';
import { createSteps } from '../../shared/matching/grouping/steps.ts';

const numRuns = Number(process.env.GROUPING_PROPERTY_RUNS ?? 1500);

const problems: fc.Arbitrary<PackProblem> = fc
  .array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 6 })
  .chain((capacities) => {
    const use = fc.record({ resource: fc.nat(capacities.length - 1), amount: fc.constantFrom(1, 1, 1, 2) });
    const uses = fc.uniqueArray(use, { selector: ({ resource }) => resource, minLength: 1, maxLength: 3 });
    const set = fc.record({ gain: fc.integer({ min: 4, max: 9 }), uses });
    return fc.array(set, { minLength: 1, maxLength: 8, size: 'max' }).map((sets) => ({ sets, capacities }));
  });

function everyPacking({ sets, capacities }: PackProblem): { copies: number[]; gain: number }[] {
  const room = [...capacities];
  const found: { copies: number[]; gain: number }[] = [];
  const extend = (copies: number[], gain: number): void => {
    const set = sets[copies.length];
    if (!set) {
      found.push({ copies, gain });
      return;
    }
    for (let count = 0; count <= 3; count += 1) {
      if (set.uses.some(({ resource, amount }) => room[resource]! < amount * count)) break;
      for (const { resource, amount } of set.uses) room[resource]! -= amount * count;
      extend([...copies, count], gain + count * set.gain);
      for (const { resource, amount } of set.uses) room[resource]! += amount * count;
    }
  };
  extend([], 0);
  return found;
}

test('it is what going through all packings gives', () => {
  fc.assert(
    fc.property(problems, fc.nat(3), (problem, margin) => {
      const { sets, capacities } = problem;
      const asked = [...capacities.keys()];
      const { copies, changeable, spare } = settlePacking(problem, margin, asked, createSteps(10_000_000));
      const all = everyPacking(problem);
      const best = Math.max(...all.map(({ gain }) => gain));
      const near = all.filter(({ gain }) => gain >= best - margin).map((packing) => packing.copies);
      expect(all.find((packing) => packing.copies.join() === copies.join())?.gain).toBe(best);
      expect(changeable).toEqual(sets.map((_, at) => new Set(near.map((packing) => packing[at])).size > 1));
      const used = (packing: number[], resource: number): number =>
        sets.reduce((sum, { uses }, at) => {
          return sum + packing[at]! * (uses.find((use) => use.resource === resource)?.amount ?? 0);
        }, 0);
      expect(spare).toEqual(
        asked.map((resource) => near.some((packing) => used(packing, resource) < capacities[resource]!)),
      );
    }),
    { numRuns },
  );
});
