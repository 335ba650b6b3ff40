// Edges that lie on no cycle at all, whatever the direction: lowest reachable depth by depth-first search (Tarjan, 1974),
// without recursion, as components may be long chains.
import type { Transport } from './transport.ts';

/** By edge: 1 for a bridge of the undirected graph of the live edges. */
export function bridges({ nodeCount, edgeCount, firstArc, arcs, head }: Transport, live: Uint8Array): Uint8Array {
  const isBridge = new Uint8Array(edgeCount);
  const depth = new Int32Array(nodeCount);
  const lowest = new Int32Array(nodeCount);
  const next = firstArc.slice(0, nodeCount);
  const edgeInto = new Int32Array(nodeCount).fill(-1);
  let visited = 0;
  for (let root = 0; root < nodeCount; root += 1) {
    if (depth[root]! > 0) continue;
    depth[root] = lowest[root] = ++visited;
    const path = [root];
    while (path.length > 0) {
      const node = path.at(-1)!;
      if (next[node]! < firstArc[node + 1]!) {
        const arc = arcs[next[node]!++]!;
        if (!live[arc >> 1] || arc >> 1 === edgeInto[node]) continue;
        const to = head[arc]!;
        if (depth[to]! > 0) {
          lowest[node] = Math.min(lowest[node]!, depth[to]!);
        } else {
          depth[to] = lowest[to] = ++visited;
          edgeInto[to] = arc >> 1;
          path.push(to);
        }
        continue;
      }
      path.pop();
      const parent = path.at(-1);
      if (parent === undefined) continue;
      lowest[parent] = Math.min(lowest[parent]!, lowest[node]!);
      if (lowest[node]! > depth[parent]!) isBridge[edgeInto[node]!] = 1;
    }
  }
  return isBridge;
}
