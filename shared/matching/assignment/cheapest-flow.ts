// The cheapest flow that sends every left record to the drain: one shortest path after another, node by node. Each
// leaves the potentials such that no arc with room has a negative reduced cost, which is what makes the flow cheapest.
import { createPathFinder, type PathFinder, type PathSearch } from './shortest-path.ts';
import { reducedCost, residual, type Transport } from './transport.ts';

/** Fills `flow` and `potential`. */
export function cheapestFlow(transport: Transport): void {
  const finder = createPathFinder(transport);
  const { leftCounts, flow, drain } = transport;
  for (let left = 0; left < leftCounts.length; left += 1) {
    const search = { from: left, to: drain, limit: Number.POSITIVE_INFINITY, withoutEdge: undefined };
    for (let rest = leftCounts[left]!; rest > 0; ) {
      const path = directPath(transport, left) ?? shortestPath(finder, search);
      const amount = path.reduce((least, arc) => Math.min(least, residual(transport, arc)), rest);
      for (const arc of path) flow[arc >> 1]! += arc & 1 ? -amount : amount;
      rest -= amount;
    }
  }
}

function shortestPath(finder: PathFinder, search: PathSearch): number[] {
  const length = finder.find(search);
  if (length === undefined) throw new Error('a left record may always stay alone, yet no path was found');
  finder.lowerPotentials(length);
  return finder.arcs(search);
}

/** The node's cheapest offer, where one of those has room for more: most paths are this short, and need no search. */
function directPath(transport: Transport, left: number): number[] | undefined {
  const { firstArc, arcs, head, drain, leftCounts, potential } = transport;
  let least = Number.POSITIVE_INFINITY;
  let path: number[] | undefined;
  for (let at = firstArc[left]!; at < firstArc[left + 1]!; at += 1) {
    const arc = arcs[at]!;
    const cost = reducedCost(transport, arc);
    if (cost > least || (cost === least && path)) continue;
    least = cost;
    const drainArc = head[arc] === drain ? undefined : 2 * transport.drainEdge(head[arc]! - leftCounts.length);
    if (drainArc === undefined) path = [arc];
    else
      path = residual(transport, drainArc) > 0 && reducedCost(transport, drainArc) === 0 ? [arc, drainArc] : undefined;
  }
  if (path) potential[left]! -= least;
  return path;
}
