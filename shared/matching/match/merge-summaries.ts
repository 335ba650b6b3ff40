// Adds the summaries of chunks of one run: counts and exact sums. Refuses summaries of different sources or passes.
import { addSums, addYields, type MatchSummary, outcomes, type SideSummary } from '../../domain/outcome.ts';

/** Throws on an empty list and on summaries that are not of the same run. */
export function mergeSummaries(summaries: MatchSummary[]): MatchSummary {
  const [first, ...rest] = summaries;
  if (!first) throw new Error('no summary to merge');
  return rest.reduce(addSummaries, structuredClone(first));
}

function addSummaries(a: MatchSummary, b: MatchSummary): MatchSummary {
  return {
    sides: zip(a.sides, b.sides, (side) => side.source).map(([x, y]) => addSides(x, y)),
    pairs: zip(a.pairs, b.pairs, (pair) => pair.source).map(([x, y]) => ({
      source: x.source,
      matched: x.matched + y.matched,
      mismatched: x.mismatched + y.mismatched,
    })),
    breaks: addCounts(a.breaks, b.breaks),
    passes: zip(a.passes, b.passes, (pass) => pass.name).map(([x, y]) => addYields(x, y)),
  };
}

function addSides(a: SideSummary, b: SideSummary): SideSummary {
  const sums = { ...a.sums };
  for (const outcome of outcomes) sums[outcome] = addSums(a.sums[outcome], b.sums[outcome]);
  return { source: a.source, counts: addCounts(a.counts, b.counts), sums };
}

function addCounts<Counts extends Record<string, number>>(a: Counts, b: { [Name in keyof Counts]: number }): Counts {
  return Object.fromEntries(Object.entries(a).map(([name, count]) => [name, count + (b[name] ?? 0)])) as Counts;
}

function zip<Item>(a: Item[], b: Item[], name: (item: Item) => string): [Item, Item][] {
  if (a.length !== b.length) throw new Error('summaries of different runs cannot be added');
  return a.map((item, index) => {
    const other = b[index]!;
    if (name(item) !== name(other)) throw new Error(`summaries of different runs: ${name(item)} and ${name(other)}`);
    return [item, other];
  });
}
