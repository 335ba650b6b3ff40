// Dijkstra over the arcs with room, on reduced costs, which are never negative. It stops at its target or its limit, so
// that a search costs what lies near.
import { createNodeQueue } from './node-queue.ts';
import { reducedCost, residual, type Transport } from './transport.ts';

export type PathSearch = { from: number; to: number; limit: number; withoutEdge?: number };

export type PathFinder = {
  /** The length of the shortest path, or undefined when none is within the limit. */
  find(search: PathSearch): number | undefined;
  /** After a path was found: its arcs, from its end to its start. */
  arcs(search: PathSearch): number[];
  /** Nodes reached, with an upper bound on their distance that is exact below the length found. */
  reached(): Iterable<[node: number, distance: number]>;
};

export function createPathFinder(transport: Transport): PathFinder {
  const distance = new Float64Array(transport.nodeCount).fill(Number.POSITIVE_INFINITY);
  const arcInto = new Int32Array(transport.nodeCount);
  const queue = createNodeQueue();
  let touched: number[] = [];

  const reset = (): void => {
    for (const node of touched) distance[node] = Number.POSITIVE_INFINITY;
    touched = [];
    queue.clear();
  };

  const relax = (node: number, search: PathSearch): void => {
    const { firstArc, arcs, head } = transport;
    for (let at = firstArc[node]!; at < firstArc[node + 1]!; at += 1) {
      const arc = arcs[at]!;
      if (arc >> 1 === search.withoutEdge || residual(transport, arc) <= 0) continue;
      const length = distance[node]! + reducedCost(transport, arc);
      const next = head[arc]!;
      if (length > search.limit || length >= distance[next]!) continue;
      if (distance[next] === Number.POSITIVE_INFINITY) touched.push(next);
      distance[next] = length;
      arcInto[next] = arc;
      queue.push(next, length);
    }
  };

  return {
    find(search) {
      reset();
      distance[search.from] = 0;
      touched.push(search.from);
      queue.push(search.from, 0);
      while (!queue.isEmpty()) {
        const { node, key } = queue.pop();
        if (key > distance[node]!) continue;
        if (node === search.to) return key;
        relax(node, search);
      }
      return undefined;
    },
    arcs({ from, to }) {
      const path: number[] = [];
      for (let node = to; node !== from; node = transport.tail[path.at(-1)!]!) path.push(arcInto[node]!);
      return path;
    },
    *reached() {
      for (const node of touched) yield [node, distance[node]!];
    },
  };
}
