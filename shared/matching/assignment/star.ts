// Pairing where one node has all the offers: its records go to the cheapest leaves first, and a leaf's share may change
// only by swapping a record with one other leaf. No search, so that a hub of a million leaves is only sorted.

export type Leaf = { count: number; cost: number };

/** How many of the hub's records each leaf gets. */
export function fillStar(hubCount: number, leaves: Leaf[]): number[] {
  const flow = new Array<number>(leaves.length).fill(0);
  let rest = hubCount;
  for (const at of leaves.map((_, index) => index).sort((a, b) => leaves[a]!.cost - leaves[b]!.cost)) {
    flow[at] = Math.min(rest, leaves[at]!.count);
    rest -= flow[at]!;
  }
  return flow;
}

/** Whether some filling within the margin of the best gives the leaf more or less. */
export function changeableLeaves(leaves: Leaf[], flow: number[], tieMargin: number): boolean[] {
  // The two cheapest with room and the two dearest with records: the swap partner must be another leaf.
  const givers = bestTwo(
    leaves,
    (at) => flow[at]! > 0,
    (a, b) => b - a,
  );
  const takers = bestTwo(
    leaves,
    (at) => flow[at]! < leaves[at]!.count,
    (a, b) => a - b,
  );
  return leaves.map(({ cost, count }, at) => {
    const taker = takers.find((other) => other !== at);
    const giver = givers.find((other) => other !== at);
    const couldGive = flow[at]! > 0 && taker !== undefined && leaves[taker]!.cost - cost <= tieMargin;
    const couldTake = flow[at]! < count && giver !== undefined && cost - leaves[giver]!.cost <= tieMargin;
    return couldGive || couldTake;
  });
}

function bestTwo(leaves: Leaf[], eligible: (at: number) => boolean, order: (a: number, b: number) => number): number[] {
  const best: number[] = [];
  for (let at = 0; at < leaves.length; at += 1) {
    if (!eligible(at)) continue;
    best.push(at);
    if (best.length > 1) best.sort((a, b) => order(leaves[a]!.cost, leaves[b]!.cost));
    best.length = Math.min(best.length, 2);
  }
  return best;
}
