// The cheapest flow that sends every left record to the drain: one shortest path after another, node by node. Each
// leaves the potentials such that no arc with room has a negative reduced cost, which is what makes the flow cheapest.
import { createPathFinder } from './shortest-path.ts';
import { residual, type Transport } from './transport.ts';

/** Fills `flow` and `potential`. */
export function cheapestFlow(transport: Transport): void {
  const finder = createPathFinder(transport);
  const { leftCounts, flow, potential, drain } = transport;
  for (let left = 0; left < leftCounts.length; left += 1) {
    const search = { from: left, to: drain, limit: Number.POSITIVE_INFINITY };
    for (let rest = leftCounts[left]!; rest > 0; ) {
      const length = finder.find(search);
      if (length === undefined) throw new Error('a left record may always stay alone, yet no path was found');
      const path = finder.arcs(search);
      for (const [node, distance] of finder.reached()) {
        if (distance < length) potential[node]! += distance - length;
      }
      const amount = path.reduce((least, arc) => Math.min(least, residual(transport, arc)), rest);
      for (const arc of path) flow[arc >> 1]! += arc & 1 ? -amount : amount;
      rest -= amount;
    }
  }
}
