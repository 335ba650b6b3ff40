// Edges that may lie on a cycle of the arcs that are worth following, so that most are never searched from: not those
// that lead from one strongly connected part to another, and no bridges. Depth-first searches (Tarjan, 1972 and 1974)
// without recursion, as components may be long chains.
import type { Transport } from './transport.ts';

/** By edge: 0 when no cycle other than the edge and back can go through it. `live` says which arcs to follow. */
export function cycleEdges(transport: Transport, live: Uint8Array): Uint8Array {
  const part = strongParts(transport, live);
  const { edgeCount, head, tail } = transport;
  const candidates = new Uint8Array(edgeCount);
  for (let edge = 0; edge < edgeCount; edge += 1) {
    const used = live[2 * edge] === 1 || live[2 * edge + 1] === 1;
    candidates[edge] = used && part[head[2 * edge]!] === part[tail[2 * edge]!] ? 1 : 0;
  }
  removeBridges(transport, candidates);
  return candidates;
}

/** The strongly connected part of each node. */
function strongParts({ nodeCount, firstArc, arcs, head }: Transport, live: Uint8Array): Int32Array {
  const part = new Int32Array(nodeCount).fill(-1);
  const order = new Int32Array(nodeCount);
  const lowest = new Int32Array(nodeCount);
  const next = firstArc.slice(0, nodeCount);
  const open: number[] = [];
  const path: number[] = [];
  let visited = 0;
  let parts = 0;
  const enter = (node: number): void => {
    order[node] = lowest[node] = ++visited;
    open.push(node);
    path.push(node);
  };
  for (let root = 0; root < nodeCount; root += 1) {
    if (order[root] === 0) enter(root);
    while (path.length > 0) {
      const node = path.at(-1)!;
      if (next[node]! < firstArc[node + 1]!) {
        const arc = arcs[next[node]!++]!;
        if (!live[arc]) continue;
        const to = head[arc]!;
        if (order[to] === 0) enter(to);
        else if (part[to] === -1) lowest[node] = Math.min(lowest[node]!, order[to]!);
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) lowest[parent] = Math.min(lowest[parent]!, lowest[node]!);
      if (lowest[node] !== order[node]) continue;
      for (let member = -1; member !== node; part[member] = parts) member = open.pop()!;
      parts += 1;
    }
  }
  return part;
}

/** Takes out of the candidates the bridges of the undirected graph that they make. */
function removeBridges({ nodeCount, firstArc, arcs, head }: Transport, candidates: Uint8Array): void {
  const order = new Int32Array(nodeCount);
  const lowest = new Int32Array(nodeCount);
  const next = firstArc.slice(0, nodeCount);
  const edgeInto = new Int32Array(nodeCount).fill(-1);
  const path: number[] = [];
  let visited = 0;
  const enter = (node: number): void => {
    order[node] = lowest[node] = ++visited;
    path.push(node);
  };
  for (let root = 0; root < nodeCount; root += 1) {
    if (order[root] === 0) enter(root);
    while (path.length > 0) {
      const node = path.at(-1)!;
      if (next[node]! < firstArc[node + 1]!) {
        const arc = arcs[next[node]!++]!;
        if (!candidates[arc >> 1] || arc >> 1 === edgeInto[node]) continue;
        const to = head[arc]!;
        if (order[to]! > 0) {
          lowest[node] = Math.min(lowest[node]!, order[to]!);
        } else {
          edgeInto[to] = arc >> 1;
          enter(to);
        }
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent === undefined) continue;
      lowest[parent] = Math.min(lowest[parent]!, lowest[node]!);
      if (lowest[node]! > order[parent]!) candidates[edgeInto[node]!] = 0;
    }
  }
}
