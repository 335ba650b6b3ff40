// What `--dedupe` found, as the one object that `--json` prints and summary.json holds. A public contract: docs/cli.md.
import { basename, resolve } from 'node:path';
import type { Deduplicated } from '../../shared/matching/dedupe/deduplicate.ts';
import type { Engine } from '../../shared/matching/engine.ts';
import type { LoadedSource } from '../../shared/matching/records.ts';
import { identifier } from '../../shared/matching/sql.ts';
import type { FirstReject } from './rejected-rows.ts';

export type FirstCluster = {
  cluster: number;
  records: number;
  /** The first few: row, confidence, and the values of the fields that records are linked by. */
  rows: { row: number; confidence: number; values: Record<string, string | null> }[];
};

export type DedupeSummary = {
  name: string;
  /** Absolute path. */
  file: string;
  /** alone + inClusters + rejected. */
  rows: number;
  alone: number;
  inClusters: number;
  rejected: number;
  clusters: number;
  /** Records of clusters besides one of each. */
  surplus: number;
  /** Records of the largest cluster. */
  largest: number;
  linkedBy: { field: string; as: string }[];
  /** Columns that records are not linked by because none was named, and why. */
  leftOut: { field: string; why: string }[];
  /** Probability from which on two records are linked. */
  threshold: number;
  firstClusters: FirstCluster[];
  firstRejects: FirstReject[];
  /** Names of the files in the result directory, and the rows of each. */
  results: Record<'duplicates' | 'pairs' | 'rejects', { file: string; rows: number }>;
  notes: string[];
  elapsedMs: number;
};

export function dedupeSummary({
  path,
  file,
  found,
  elapsedMs,
  ...rest
}: Pick<DedupeSummary, 'leftOut' | 'firstClusters' | 'firstRejects' | 'results' | 'notes' | 'elapsedMs'> & {
  path: string;
  file: LoadedSource;
  found: Deduplicated;
}): DedupeSummary {
  const { clusters, inClusters, surplus, largest, fields, threshold } = found;
  const { read, records, rejected } = file.rows;
  return {
    name: `duplicates in ${basename(path)}`,
    file: resolve(path),
    rows: read,
    alone: records - inClusters,
    inClusters,
    rejected,
    clusters,
    surplus,
    largest,
    linkedBy: fields,
    threshold,
    ...rest,
    elapsedMs: Math.round(elapsedMs),
  };
}

/** A person wants to see what kind they are. */
const rowsShownMax = 4;

export async function readFirstClusters(
  engine: Engine,
  { duplicates, fields }: Deduplicated,
  limit: number,
): Promise<FirstCluster[]> {
  const values = fields.map(({ field }) => `${identifier(field)}: ${identifier(field)}::VARCHAR`).join(', ');
  const rows = await engine.rows<{
    cluster: string;
    records: string;
    row: string;
    confidence: number;
    values: string;
  }>(`
    SELECT cluster, count(*) OVER (PARTITION BY cluster) AS records, "row", confidence, to_json({${values}})::VARCHAR AS "values"
    FROM ${duplicates} WHERE cluster <= ${limit} QUALIFY row_number() OVER (PARTITION BY cluster ORDER BY "row") <= ${rowsShownMax}
    ORDER BY cluster, "row"`);
  const found = new Map<string, FirstCluster>();
  for (const one of rows) {
    const cluster = found.get(one.cluster) ?? { cluster: Number(one.cluster), records: Number(one.records), rows: [] };
    cluster.rows.push({ row: Number(one.row), confidence: one.confidence, values: JSON.parse(one.values) });
    found.set(one.cluster, cluster);
  }
  return [...found.values()];
}
