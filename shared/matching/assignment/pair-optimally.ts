// The best overall pairing inside a block, one record to one: most records paired, then least total cost. Pure. What a
// best pairing shares with every other nearly as good is settled; what it does not is a tie, reported and never broken.
import { changeableEdges } from './changeable-edges.ts';
import { cheapestFlow } from './cheapest-flow.ts';
import { splitComponents } from './components.ts';
import { changeableLeaves, fillStar } from './star.ts';
import { createTransport } from './transport.ts';

/** `cost` is a non-negative safe integer. Of several offers for the same two nodes the cheapest counts. */
export type Offer = { left: number; right: number; cost: number };

export type Nodes = { left: Set<number>; right: Set<number> };

export type Pairing = {
  /** Settled: `count` records of the one node with as many of the other, at `cost` each. By left, then right. */
  pairs: { left: number; right: number; count: number; cost: number }[];
  /** Nodes with records whose partner, or whose staying alone, would be a guess. Their settled pairs still count. */
  tied: Nodes;
  /** Nodes of components too large for the bound: nothing is said of them. */
  exhausted: Nodes;
};

export type PairingRequest = {
  /** Records per node; the node is the index. */
  leftCounts: number[];
  rightCounts: number[];
  offers: Offer[];
  /** Pairings of as many records whose total costs are no further apart are a tie. */
  tieMargin: number;
  /** Of one component that is neither a pair nor a star. */
  offersMax?: number;
};

/**
 * Measured: 48,000 offers of 220 × 220 records take 0.1 to 0.5 s. Time grows with offers times records of the smaller
 * side at worst (chains where each record would rather have the partner of the one before), so that is bounded too.
 */
export const offersMaxDefault = 50_000;
const offersTimesRecordsMax = (offersMax: number): number => offersMax * 500;

/**
 * Pairs optimally; throws a RangeError on costs that are not exact integers or whose sums would not be.
 *
 * Records that are identical on a side are one node with a count, so a pairing is an integral flow of a
 * transportation problem, and the best one is found by successive shortest paths with potentials (Ahuja, Magnanti
 * and Orlin, Network Flows, 1993, §9.7; Edmonds and Karp, 1972; row by row as Jonker and Volgenant, 1987). Any other
 * flow of the same supplies differs from it by cycles of its residual network, each of which costs 0 or more (flow
 * decomposition, ibid., Theorems 3.5 and 3.7). So the flow on an edge is the same in all pairings within the margin
 * exactly when no residual cycle through that edge costs at most the margin. This is a property of the set of those
 * pairings and not of the one that was found: neither the order of offers nor the numbering of nodes matters.
 */
export function pairOptimally(request: PairingRequest): Pairing {
  const { leftCounts, rightCounts, tieMargin, offersMax = offersMaxDefault } = request;
  const pairing: Pairing = {
    pairs: [],
    tied: { left: new Set(), right: new Set() },
    exhausted: { left: new Set(), right: new Set() },
  };
  const offers = request.offers.filter((offer) => leftCounts[offer.left]! > 0 && rightCounts[offer.right]! > 0);
  for (const { cost } of offers) {
    if (!Number.isSafeInteger(cost) || cost < 0) throw new RangeError(`cost is not a non-negative integer: ${cost}`);
  }
  for (const component of splitComponents(leftCounts.length, rightCounts.length, offers)) {
    const [first] = component as [Offer];
    if (component.length === 1) {
      const count = Math.min(leftCounts[first.left]!, rightCounts[first.right]!);
      pairing.pairs.push({ ...first, count });
      continue;
    }
    const cheapest = cheapestOffers(component);
    if (
      cheapest.every((offer) => offer.left === first.left) ||
      cheapest.every((offer) => offer.right === first.right)
    ) {
      pairStar(request, cheapest, pairing);
    } else if (isTooLarge(cheapest, offersMax)) {
      for (const { left, right } of cheapest) {
        pairing.exhausted.left.add(left);
        pairing.exhausted.right.add(right);
      }
    } else {
      pairComponent(leftCounts, rightCounts, cheapest, tieMargin, pairing);
    }
  }
  pairing.pairs.sort((a, b) => a.left - b.left || a.right - b.right);
  return pairing;
}

function isTooLarge(offers: Offer[], offersMax: number): boolean {
  if (offers.length > offersMax) return true;
  const lefts = new Set(offers.map((offer) => offer.left)).size;
  const rights = new Set(offers.map((offer) => offer.right)).size;
  return offers.length * Math.min(lefts, rights) > offersTimesRecordsMax(offersMax);
}

function cheapestOffers(offers: Offer[]): Offer[] {
  const sorted = offers.toSorted((a, b) => a.left - b.left || a.right - b.right || a.cost - b.cost);
  return sorted.filter((offer, at) => {
    const before = sorted[at - 1];
    return before?.left !== offer.left || before.right !== offer.right;
  });
}

function pairStar({ leftCounts, rightCounts, tieMargin }: PairingRequest, offers: Offer[], pairing: Pairing): void {
  const hubIsLeft = offers.length === 1 || offers[0]!.left === offers[1]!.left;
  const hubCount = hubIsLeft ? leftCounts[offers[0]!.left]! : rightCounts[offers[0]!.right]!;
  const leaves = offers.map(({ left, right, cost }) => ({
    count: hubIsLeft ? rightCounts[right]! : leftCounts[left]!,
    cost,
  }));
  const flow = fillStar(hubCount, leaves);
  const changeable = changeableLeaves(leaves, flow, tieMargin);
  for (const [at, offer] of offers.entries()) report(pairing, offer, flow[at]!, changeable[at]!);
}

function pairComponent(
  leftCounts: number[],
  rightCounts: number[],
  offers: Offer[],
  tieMargin: number,
  pairing: Pairing,
): void {
  const lefts = [...new Set(offers.map((offer) => offer.left))];
  const rights = [...new Set(offers.map((offer) => offer.right))];
  const leftAt = new Map(lefts.map((left, at) => [left, at]));
  const rightAt = new Map(rights.map((right, at) => [right, at]));
  const transport = createTransport({
    leftCounts: lefts.map((left) => leftCounts[left]!),
    rightCounts: rights.map((right) => rightCounts[right]!),
    offers: offers.map(({ left, right, cost }) => ({ left: leftAt.get(left)!, right: rightAt.get(right)!, cost })),
    tieMargin,
  });
  cheapestFlow(transport);
  const changeable = changeableEdges(transport, tieMargin);
  for (const [at, offer] of offers.entries()) report(pairing, offer, transport.flow[at]!, changeable[at] === 1);
  for (const [at, left] of lefts.entries()) {
    if (changeable[transport.aloneEdge(at)]) pairing.tied.left.add(left);
  }
  for (const [at, right] of rights.entries()) {
    if (changeable[transport.drainEdge(at)]) pairing.tied.right.add(right);
  }
}

function report(pairing: Pairing, offer: Offer, flow: number, changeable: boolean): void {
  if (changeable) {
    pairing.tied.left.add(offer.left);
    pairing.tied.right.add(offer.right);
  } else if (flow > 0) {
    pairing.pairs.push({ ...offer, count: flow });
  }
}
