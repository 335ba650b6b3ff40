// What `--dedupe` found, for a person: how many rows are there more than once, the first of them, where the rest is.
import { oneLine } from '../failures.ts';
import { aligned, grouped } from './aligned.ts';
import type { DedupeSummary, FirstCluster } from './dedupe-summary.ts';
import { rejectList, resultList, shortened, shortPath } from './summary-parts.ts';

const valueCharactersMax = 20;
const valuesShownMax = 4;

export function readableDuplicates(summary: DedupeSummary, directory: string): string {
  const { firstRejects, results, threshold, elapsedMs, clusters } = summary;
  const by = summary.linkedBy.map(({ field, as }) => `${oneLine(field)} (${as})`).join(', ');
  const verdict =
    clusters === 0
      ? 'No duplicates.'
      : `${grouped(clusters)} ${clusters === 1 ? 'cluster' : 'clusters'}, ${grouped(summary.surplus)} surplus ${summary.surplus === 1 ? 'row' : 'rows'}.`;
  return `${[
    `file: ${oneLine(shortPath(summary.file))}`,
    ...leftOutList(summary),
    ...summary.notes.map((note) => `note: ${oneLine(note)}`),
    `linked by ${by}; the same from probability ${threshold} on`,
    '',
    ...countTable(summary),
    '',
    ...clusterList(summary),
    ...rejectList(firstRejects, results.rejects.rows),
    `${verdict} ${(elapsedMs / 1000).toFixed(2)} s`,
    ...resultList(results, directory),
  ].join('\n')}\n`;
}

/** A line for each reason. */
function leftOutList({ leftOut }: DedupeSummary): string[] {
  return [...new Set(leftOut.map(({ why }) => why))].map((why) => {
    const columns = leftOut.filter((one) => one.why === why).map(({ field }) => oneLine(field));
    return `left out: ${columns.join(', ')} (${why})`;
  });
}

function countTable({ rows, alone, inClusters, surplus, rejected, clusters, largest }: DedupeSummary): string[] {
  const inMany = `${grouped(clusters)} ${clusters === 1 ? 'cluster' : 'clusters'}${clusters > 1 ? `, the largest of ${grouped(largest)}` : ''}`;
  return aligned(
    [
      ['rows', grouped(rows), ''],
      ['alone', grouped(alone), ''],
      ['in clusters', grouped(inClusters), clusters > 0 ? inMany : ''],
      ['rejected', grouped(rejected), 'could not be read'],
      ['surplus', grouped(surplus), 'besides one of each cluster'],
    ],
    [1],
  );
}

function clusterList({ firstClusters, clusters, linkedBy }: DedupeSummary): string[] {
  if (firstClusters.length === 0) return [];
  const names = linkedBy.map(({ field }) => field).slice(0, valuesShownMax);
  const more = linkedBy.length > names.length ? [`and ${linkedBy.length - names.length} more`] : [];
  return [
    `first ${firstClusters.length} of ${grouped(clusters)} ${clusters === 1 ? 'cluster' : 'clusters'}`,
    ...aligned(
      [
        ['cluster', 'row', 'confidence', ...names.map(oneLine), ...more],
        ...firstClusters.flatMap((one) => clusterRows(one, names)),
      ],
      [0, 1, 2],
    ),
    '',
  ];
}

function clusterRows({ cluster, records, rows }: FirstCluster, names: string[]): string[][] {
  const lines = rows.map(({ row, confidence, values }, index) => [
    index === 0 ? String(cluster) : '',
    String(row),
    String(confidence),
    ...names.map((name) => (values[name] === null ? '(none)' : shortened(values[name] ?? '', valueCharactersMax))),
  ]);
  const further = records - rows.length;
  return further > 0 ? [...lines, ['', '', '', `and ${grouped(further)} more`]] : lines;
}
