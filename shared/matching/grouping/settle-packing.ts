// What every packing within the margin of the best has in common. The best one is only the place to ask from: the
// answers do not depend on which of several it is.
import { type PackProblem, packBest } from './pack-sets.ts';
import type { Steps } from './steps.ts';

export type SettledPacking = {
  /** Copies in the best packing, by set. */
  copies: number[];
  /** By set: whether some packing within the margin has more or fewer copies. */
  changeable: boolean[];
  /** By resource asked for: whether some packing within the margin does not use it up. */
  spare: boolean[];
};

/** `asked`: resources. Throws StepsSpent. */
export function settlePacking(whole: PackProblem, margin: number, askedOf: number[], steps: Steps): SettledPacking {
  const { problem, asked } = renumbered(whole, askedOf);
  const { sets, capacities } = problem;
  const best = packBest(problem, { gainMin: 0 }, steps)!;
  const gainMin = best.gain - margin;
  const changeable = new Array<boolean>(sets.length).fill(false);
  const note = (copies: number[]): void => {
    for (const [set, count] of copies.entries()) if (count !== best.copies[set]) changeable[set] = true;
  };
  for (const [set, count] of best.copies.entries()) {
    if (!changeable[set]) {
      const more = packWith(problem, set, count + 1, gainMin, steps);
      if (more) note(more);
    }
    if (!changeable[set] && count > 0) {
      const fewer = packBest(problem, { gainMin, limits: new Map([[set, count - 1]]) }, steps);
      if (fewer) note(fewer.copies);
    }
  }
  const spare = asked.map((resource) => {
    const fewer = capacities.with(resource, capacities[resource]! - 1);
    return packBest({ sets, capacities: fewer }, { gainMin }, steps) !== undefined;
  });
  return { copies: best.copies, changeable, spare };
}

function packWith(
  problem: PackProblem,
  set: number,
  count: number,
  gainMin: number,
  steps: Steps,
): number[] | undefined {
  const { gain, uses } = problem.sets[set]!;
  const capacities = [...problem.capacities];
  for (const { resource, amount } of uses) capacities[resource]! -= amount * count;
  if (capacities.some((capacity) => capacity < 0)) return undefined;
  const rest = packBest({ sets: problem.sets, capacities }, { gainMin: gainMin - gain * count }, steps);
  return rest?.copies.with(set, rest.copies[set]! + count);
}

/** With the resources that the sets use, and no others: the block may have far more. */
function renumbered({ sets, capacities }: PackProblem, asked: number[]): { problem: PackProblem; asked: number[] } {
  const numbers = new Map<number, number>();
  const numberOf = (resource: number): number => {
    if (!numbers.has(resource)) numbers.set(resource, numbers.size);
    return numbers.get(resource)!;
  };
  const local = sets.map(({ gain, uses }) => ({
    gain,
    uses: uses.map(({ resource, amount }) => ({ resource: numberOf(resource), amount })),
  }));
  const askedLocal = asked.map(numberOf);
  return {
    problem: { sets: local, capacities: Array.from(numbers.keys(), (resource) => capacities[resource]!) },
    asked: askedLocal,
  };
}
