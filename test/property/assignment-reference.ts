// Optimal pairing by going through every pairing there is: what the fast one is held to, on instances of a few nodes.
import type { Offer, PairingRequest } from '../../shared/matching/assignment/pair-optimally.ts';

export type ReferencePairing = { pairs: Map<string, number>; tiedLeft: Set<number>; tiedRight: Set<number> };

type Flow = { flow: number[]; pairs: number; cost: number };

/** `offers` without repeats of the same two nodes. */
export function referencePairing({ leftCounts, rightCounts, offers, tieMargin }: PairingRequest): ReferencePairing {
  const flows = everyFlow(leftCounts, rightCounts, offers);
  const most = Math.max(...flows.map(({ pairs }) => pairs));
  const full = flows.filter(({ pairs }) => pairs === most);
  const least = Math.min(...full.map(({ cost }) => cost));
  const near = full.filter(({ cost }) => cost <= least + tieMargin);
  const pairs = new Map<string, number>();
  const [tiedLeft, tiedRight] = [new Set<number>(), new Set<number>()];
  for (const [at, { left, right }] of offers.entries()) {
    const shares = new Set(near.map(({ flow }) => flow[at]!));
    const [share] = shares;
    if (shares.size > 1) {
      tiedLeft.add(left);
      tiedRight.add(right);
    } else if (share! > 0) pairs.set(`${left}-${right}`, share!);
  }
  const totals = (side: 'left' | 'right', node: number): Set<number> =>
    new Set(
      near.map(({ flow }) => flow.reduce((sum, share, at) => (offers[at]![side] === node ? sum + share : sum), 0)),
    );
  for (const node of leftCounts.keys()) if (totals('left', node).size > 1) tiedLeft.add(node);
  for (const node of rightCounts.keys()) if (totals('right', node).size > 1) tiedRight.add(node);
  return { pairs, tiedLeft, tiedRight };
}

function everyFlow(leftCounts: number[], rightCounts: number[], offers: Offer[]): Flow[] {
  const found: Flow[] = [];
  const [lefts, rights] = [[...leftCounts], [...rightCounts]];
  const flow: number[] = [];
  const extend = (pairs: number, cost: number): void => {
    const offer = offers[flow.length];
    if (!offer) {
      found.push({ flow: [...flow], pairs, cost });
      return;
    }
    const { left, right } = offer;
    for (let share = Math.min(lefts[left]!, rights[right]!); share >= 0; share -= 1) {
      lefts[left]! -= share;
      rights[right]! -= share;
      flow.push(share);
      extend(pairs + share, cost + share * offer.cost);
      flow.pop();
      lefts[left]! += share;
      rights[right]! += share;
    }
  };
  extend(0, 0);
  return found;
}
