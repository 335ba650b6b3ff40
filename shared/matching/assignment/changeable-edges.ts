// Which edges carry another flow in some pairing within the margin of the best: those on a residual cycle that costs no
// more than the margin. The flow found is only the place to search from; the answer does not depend on which it is.
import { cycleEdges } from './cycle-edges.ts';
import { createPathFinder } from './shortest-path.ts';
import { reducedCost, residual, type Transport } from './transport.ts';

/** By edge: 1 when its flow could be another. Of offers and edges of the left without flow it may say 0 where it could. */
export function changeableEdges(transport: Transport, tieMargin: number): Uint8Array {
  const { edgeCount, flow, head, tail } = transport;
  const live = new Uint8Array(2 * edgeCount);
  for (let arc = 0; arc < live.length; arc += 1) {
    live[arc] = residual(transport, arc) > 0 && reducedCost(transport, arc) <= tieMargin ? 1 : 0;
  }
  const onCycle = cycleEdges(transport, live);
  const changeable = new Uint8Array(edgeCount);
  const finder = createPathFinder(transport, onCycle);

  const findCycle = (arc: number): void => {
    const edge = arc >> 1;
    if (changeable[edge] || !live[arc]) return;
    const limit = tieMargin - reducedCost(transport, arc);
    const search = { from: head[arc]!, to: tail[arc]!, limit, withoutEdge: edge };
    if (finder.find(search) === undefined) return;
    changeable[edge] = 1;
    for (const other of finder.arcs(search)) changeable[other >> 1] = 1;
  };

  for (let edge = 0; edge < edgeCount; edge += 1) {
    // An edge without flow can only gain some where one with flow loses it, or where a right record stops being alone.
    if (!onCycle[edge] || (flow[edge] === 0 && edge < transport.drainEdge(0))) continue;
    findCycle(2 * edge + 1);
    findCycle(2 * edge);
  }
  return changeable;
}
