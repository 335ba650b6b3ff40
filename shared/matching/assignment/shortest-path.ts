// Dijkstra over the arcs with room, on reduced costs, which are never negative. It stops at its target or its limit, so
// that a search costs what lies near. Nodes that cost nothing more to reach go before the queue and not through it.
import { createNodeQueue } from './node-queue.ts';
import { reducedCost, residual, type Transport } from './transport.ts';

export type PathSearch = { from: number; to: number; limit: number; withoutEdge: number | undefined };

export type PathFinder = {
  /** The length of the shortest path, or undefined when none is within the limit. */
  find(search: PathSearch): number | undefined;
  /** After a path was found: its arcs, from its end to its start. */
  arcs(search: PathSearch): number[];
  /** After a path of the length was found: lowers the potential of nodes nearer than its end by what they are nearer. */
  lowerPotentials(length: number): void;
};

/** With `edges`, only those marked in it are followed. */
export function createPathFinder(transport: Transport, edges?: Uint8Array): PathFinder {
  const distance = new Float64Array(transport.nodeCount).fill(Number.POSITIVE_INFINITY);
  const arcInto = new Int32Array(transport.nodeCount);
  const queue = createNodeQueue();
  /** Nodes as near as the one that was last taken from the queue, in the order of their being reached. */
  const level: number[] = [];
  let levelAt = 0;
  const touched: number[] = [];

  const reset = (from: number): void => {
    for (const node of touched) distance[node] = Number.POSITIVE_INFINITY;
    queue.clear();
    level.length = levelAt = 0;
    distance[from] = 0;
    touched.length = 0;
    touched.push(from);
    level.push(from);
  };

  /** Whether the target was reached by it at no further cost. */
  const relax = (node: number, { to, limit, withoutEdge }: PathSearch): boolean => {
    const { firstArc, arcs, head } = transport;
    const end = firstArc[node + 1]!;
    const here = distance[node]!;
    for (let at = firstArc[node]!; at < end; at += 1) {
      const arc = arcs[at]!;
      if (edges?.[arc >> 1] === 0) continue;
      if (arc >> 1 === withoutEdge || residual(transport, arc) <= 0) continue;
      const length = here + reducedCost(transport, arc);
      const next = head[arc]!;
      if (length > limit || length >= distance[next]!) continue;
      if (distance[next] === Number.POSITIVE_INFINITY) touched.push(next);
      distance[next] = length;
      arcInto[next] = arc;
      if (length > here) queue.push(next, length);
      else if (next === to) return true;
      else level.push(next);
    }
    return false;
  };

  /** The next nearest node, or undefined when there is none; a node may come again. */
  const takeNearest = (): number | undefined => {
    if (levelAt < level.length) return level[levelAt++];
    level.length = levelAt = 0;
    while (!queue.isEmpty()) {
      const key = queue.leastKey();
      const node = queue.pop();
      if (key === distance[node]!) return node;
    }
    return undefined;
  };

  return {
    find(search) {
      reset(search.from);
      for (let node = takeNearest(); node !== undefined; node = takeNearest()) {
        if (node === search.to || relax(node, search)) return distance[search.to];
      }
      return undefined;
    },
    arcs({ from, to }) {
      const path: number[] = [];
      for (let node = to; node !== from; node = transport.tail[path.at(-1)!]!) path.push(arcInto[node]!);
      return path;
    },
    lowerPotentials(length) {
      const { potential } = transport;
      for (const node of touched) {
        if (distance[node]! < length) potential[node]! += distance[node]! - length;
      }
    },
  };
}
