// One component as a transportation network with its residual arcs. Every left record flows to the drain: through a
// right node that it is paired with, or by itself at a cost above that of any rearrangement, so that most are paired.
import type { Offer } from './pair-optimally.ts';

/** Edge e has the arcs 2e (forward) and 2e + 1 (back). Offers come first, then left alone, then right to drain. */
export type Transport = {
  leftCounts: number[];
  nodeCount: number;
  edgeCount: number;
  drain: number;
  aloneEdge: (left: number) => number;
  drainEdge: (right: number) => number;
  /** By arc. */
  head: Int32Array;
  tail: Int32Array;
  cost: Float64Array;
  /** By edge. */
  flow: Float64Array;
  capacity: Float64Array;
  /** Arcs leaving a node: `arcs` from `firstArc[node]` to `firstArc[node + 1]`. */
  firstArc: Int32Array;
  arcs: Int32Array;
  /** By node: the reduced cost of an arc, cost + potential of tail − potential of head, is 0 or more while it has room. */
  potential: Float64Array;
};

export type TransportRequest = { leftCounts: number[]; rightCounts: number[]; offers: Offer[]; tieMargin: number };

export function createTransport({ leftCounts, rightCounts, offers, tieMargin }: TransportRequest): Transport {
  const [lefts, rights] = [leftCounts.length, rightCounts.length];
  const drain = lefts + rights;
  const edgeCount = offers.length + lefts + rights;
  const [head, tail] = [new Int32Array(2 * edgeCount), new Int32Array(2 * edgeCount)];
  const cost = new Float64Array(2 * edgeCount);
  const capacity = new Float64Array(edgeCount).fill(Number.POSITIVE_INFINITY);
  const setEdge = (edge: number, from: number, to: number, edgeCost: number): void => {
    tail[2 * edge] = head[2 * edge + 1] = from;
    head[2 * edge] = tail[2 * edge + 1] = to;
    cost[2 * edge] = edgeCost;
    cost[2 * edge + 1] = -edgeCost;
  };
  const aloneCost = costOfAlone(Math.min(lefts, rights), offers, tieMargin);
  for (const [edge, offer] of offers.entries()) setEdge(edge, offer.left, lefts + offer.right, offer.cost);
  for (let left = 0; left < lefts; left += 1) setEdge(offers.length + left, left, drain, aloneCost);
  for (let right = 0; right < rights; right += 1) {
    const edge = offers.length + lefts + right;
    setEdge(edge, lefts + right, drain, 0);
    capacity[edge] = rightCounts[right]!;
  }
  return {
    leftCounts,
    nodeCount: drain + 1,
    edgeCount,
    drain,
    aloneEdge: (left) => offers.length + left,
    drainEdge: (right) => offers.length + lefts + right,
    head,
    tail,
    cost,
    flow: new Float64Array(edgeCount),
    capacity,
    ...leavingArcs(tail, drain + 1),
    potential: new Float64Array(drain + 1),
  };
}

export function residual(transport: Transport, arc: number): number {
  const edge = arc >> 1;
  return arc & 1 ? transport.flow[edge]! : transport.capacity[edge]! - transport.flow[edge]!;
}

export function reducedCost({ cost, potential, tail, head }: Transport, arc: number): number {
  return cost[arc]! + potential[tail[arc]!]! - potential[head[arc]!]!;
}

/** More than any cycle can save on other edges, and than the margin: one more pair always wins, and one less never ties. */
function costOfAlone(pairsMax: number, offers: Offer[], tieMargin: number): number {
  const costMax = offers.reduce((most, offer) => Math.max(most, offer.cost), 0);
  const alone = (pairsMax + 1) * costMax + tieMargin + 1;
  // A path meets at most two of these and what lies between them; below this, every sum is an exact integer.
  if (alone * 4 > Number.MAX_SAFE_INTEGER)
    throw new RangeError(`costs of up to ${costMax} are too large to add exactly`);
  return alone;
}

function leavingArcs(tail: Int32Array, nodeCount: number): { firstArc: Int32Array; arcs: Int32Array } {
  const firstArc = new Int32Array(nodeCount + 1);
  for (const node of tail) firstArc[node + 1]! += 1;
  for (let node = 0; node < nodeCount; node += 1) firstArc[node + 1]! += firstArc[node]!;
  const next = firstArc.slice();
  const arcs = new Int32Array(tail.length);
  for (let arc = 0; arc < tail.length; arc += 1) arcs[next[tail[arc]!]!++] = arc;
  return { firstArc, arcs };
}
