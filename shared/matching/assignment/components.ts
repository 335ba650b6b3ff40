// Splits offers into the connected components of the graph they make. Linear, with near nothing per component: most
// components of a block are one offer.
import type { Offer } from './pair-optimally.ts';

/** The offers of each component, in the order in which they came. */
export function* splitComponents(leftCount: number, rightCount: number, offers: Offer[]): Generator<Offer[]> {
  const parent = new Int32Array(leftCount + rightCount).map((_, node) => node);
  const rootOf = (node: number): number => {
    let at = node;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!;
      at = parent[at]!;
    }
    return at;
  };
  for (const { left, right } of offers) {
    const [a, b] = [rootOf(left), rootOf(leftCount + right)];
    // The lower root stays: paths are halved on the way, which keeps them short enough.
    if (a < b) parent[b] = a;
    else parent[a] = b;
  }
  const sizes = new Int32Array(parent.length);
  for (const { left } of offers) sizes[rootOf(left)]! += 1;
  const ends = new Int32Array(parent.length);
  let total = 0;
  for (let node = 0; node < sizes.length; node += 1) {
    ends[node] = total;
    total += sizes[node]!;
  }
  const ordered = new Array<Offer>(offers.length);
  for (const offer of offers) ordered[ends[rootOf(offer.left)]!++] = offer;
  for (let from = 0; from < ordered.length; ) {
    const to = ends[rootOf(ordered[from]!.left)]!;
    yield ordered.slice(from, to);
    from = to;
  }
}
