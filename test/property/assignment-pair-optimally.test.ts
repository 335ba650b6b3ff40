// What must hold of every pairing: it is the one that going through all of them gives, however nodes and offers are put.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Offer,
  type Pairing,
  type PairingRequest,
  pairOptimally,
} from '../../shared/matching/assignment/pair-optimally.ts';
import { referencePairing } from './assignment-reference.ts';

const numRuns = Number(process.env.ASSIGNMENT_PROPERTY_RUNS ?? 3000);

function instances(
  nodesMax: number,
  countMax: number,
  offersMax: number,
  costMax: number,
): fc.Arbitrary<PairingRequest> {
  const counts = fc.array(fc.integer({ min: 0, max: countMax }), { minLength: 1, maxLength: nodesMax });
  return fc
    .record({ leftCounts: counts, rightCounts: counts, tieMargin: fc.integer({ min: 0, max: 3 }) })
    .chain(({ leftCounts, rightCounts, tieMargin }) => {
      const offer = fc.record({
        left: fc.nat(leftCounts.length - 1),
        right: fc.nat(rightCounts.length - 1),
        cost: fc.nat(costMax),
      });
      const selector = ({ left, right }: Offer): string => `${left}-${right}`;
      return fc
        .uniqueArray(offer, { selector, maxLength: offersMax })
        .map((offers) => ({ leftCounts, rightCounts, tieMargin, offers }));
    });
}

function shown({ pairs, tied, exhausted }: Pairing) {
  const sorted = (nodes: Set<number>): number[] => [...nodes].sort((a, b) => a - b);
  return {
    pairs,
    tied: [sorted(tied.left), sorted(tied.right)],
    exhausted: [sorted(exhausted.left), sorted(exhausted.right)],
  };
}

function expectReference(request: PairingRequest): void {
  const found = pairOptimally(request);
  const wanted = referencePairing(request);
  expect({
    pairs: new Map(found.pairs.map(({ left, right, count }) => [`${left}-${right}`, count])),
    tiedLeft: found.tied.left,
    tiedRight: found.tied.right,
  }).toEqual(wanted);
  expect(found.exhausted.left.size).toBe(0);
}

test('it is what going through all pairings of single records gives', () => {
  fc.assert(fc.property(instances(5, 1, 11, 4), expectReference), { numRuns });
});

test('it is what going through all pairings of counted records gives', () => {
  fc.assert(fc.property(instances(3, 3, 7, 5), expectReference), { numRuns });
});

test('a star is paired as any other component', () => {
  const star = instances(5, 3, 12, 3).map((request) => ({
    ...request,
    offers: request.offers.filter(({ left }) => left === 0),
  }));
  fc.assert(fc.property(star, expectReference), { numRuns });
});

test('neither the order of offers nor the numbering of nodes nor the side matters', () => {
  const renumbered = instances(12, 3, 40, 6).chain((request) =>
    fc.record({
      request: fc.constant(request),
      offers: fc.shuffledSubarray(request.offers, { minLength: request.offers.length }),
      lefts: permutation(request.leftCounts.length),
      rights: permutation(request.rightCounts.length),
      offersMax: fc.constantFrom(10, 1000),
    }),
  );
  fc.assert(
    fc.property(renumbered, ({ request, offers, lefts, rights, offersMax }) => {
      const other = pairOptimally({
        leftCounts: placed(request.rightCounts, rights),
        rightCounts: placed(request.leftCounts, lefts),
        offers: offers.map(({ left, right, cost }) => ({ left: rights[right]!, right: lefts[left]!, cost })),
        tieMargin: request.tieMargin,
        offersMax,
      });
      const back: Pairing = {
        pairs: other.pairs
          .map(({ left, right, ...rest }) => ({ left: lefts.indexOf(right), right: rights.indexOf(left), ...rest }))
          .sort((a, b) => a.left - b.left || a.right - b.right),
        tied: backNodes(other.tied, lefts, rights),
        exhausted: backNodes(other.exhausted, lefts, rights),
      };
      expect(shown(back)).toEqual(shown(pairOptimally({ ...request, offersMax })));
    }),
    { numRuns },
  );
});

test('no record is paired twice, and no settled node is given a share it does not have', () => {
  fc.assert(
    fc.property(instances(15, 4, 60, 9), (request) => {
      const { pairs } = pairOptimally(request);
      for (const [side, counts] of [
        ['left', request.leftCounts],
        ['right', request.rightCounts],
      ] as const) {
        const used = counts.map((_, node) =>
          pairs.reduce((sum, pair) => (pair[side] === node ? sum + pair.count : sum), 0),
        );
        expect(used.every((share, node) => share <= counts[node]!)).toBe(true);
      }
    }),
    { numRuns },
  );
});

function permutation(length: number): fc.Arbitrary<number[]> {
  return fc.shuffledSubarray(
    Array.from({ length }, (_, at) => at),
    { minLength: length },
  );
}

function placed(counts: number[], at: number[]): number[] {
  const result = new Array<number>(counts.length);
  for (const [node, count] of counts.entries()) result[at[node]!] = count;
  return result;
}

function backNodes({ left, right }: Pairing['tied'], lefts: number[], rights: number[]): Pairing['tied'] {
  return {
    left: new Set([...right].map((node) => lefts.indexOf(node))),
    right: new Set([...left].map((node) => rights.indexOf(node))),
  };
}
