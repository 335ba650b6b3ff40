// Which edges carry another flow in some pairing within the margin of the best: those on a residual cycle that costs no
// more than the margin. The flow found is only the place to search from; the answer does not depend on which it is.
import { bridges } from './bridges.ts';
import { createPathFinder } from './shortest-path.ts';
import { reducedCost, residual, type Transport } from './transport.ts';

/** By edge: 1 when its flow could be another. Of offers and edges of the left without flow it may say 0 where it could. */
export function changeableEdges(transport: Transport, tieMargin: number): Uint8Array {
  const { edgeCount, flow, head, tail } = transport;
  const isLive = (arc: number): boolean => residual(transport, arc) > 0 && reducedCost(transport, arc) <= tieMargin;
  const live = new Uint8Array(edgeCount);
  for (let edge = 0; edge < edgeCount; edge += 1) live[edge] = isLive(2 * edge) || isLive(2 * edge + 1) ? 1 : 0;
  // A cycle within the margin has live edges only, and none of them is a bridge: most edges need no search.
  const isBridge = bridges(transport, live);
  const changeable = new Uint8Array(edgeCount);
  const finder = createPathFinder(transport);

  const findCycle = (arc: number): void => {
    const edge = arc >> 1;
    if (changeable[edge] || !isLive(arc)) return;
    const search = {
      from: head[arc]!,
      to: tail[arc]!,
      limit: tieMargin - reducedCost(transport, arc),
      withoutEdge: edge,
    };
    if (finder.find(search) === undefined) return;
    changeable[edge] = 1;
    for (const other of finder.arcs(search)) changeable[other >> 1] = 1;
  };

  for (let edge = 0; edge < edgeCount; edge += 1) {
    // An edge without flow can only gain some where one with flow loses it, or where a right record stops being alone.
    if (!live[edge] || isBridge[edge] || (flow[edge] === 0 && edge < transport.drainEdge(0))) continue;
    findCycle(2 * edge + 1);
    findCycle(2 * edge);
  }
  return changeable;
}
