// Records of one relation that are the same thing: pairs grow to clusters, the surest first, as long as what speaks for two
// clusters being one outweighs what speaks against it.
import type { Engine } from '../engine.ts';
import { probabilitySql } from './model-weights.ts';
import { bit } from './prepare-records.ts';
import { scoredTable } from './score-pairs.ts';

/**
 * What two records weigh that were never seen near each other, in bits: a chain of likely pairs through a go-between is not
 * taken for a cluster when its ends have too little in common.
 */
const strangers = -7;

/**
 * Fills link_clusters (id, cluster): records with another of theirs; a cluster is called by its first record. Links are
 * the pairs of link_scored with at least `threshold`. A cluster is never one link stretched too far: the guard is `growClusters`.
 */
export async function linkClusters(engine: Engine, threshold: number): Promise<void> {
  const reader =
    await engine.connection.runAndReadAll(`SELECT l, r, weight, ${probabilitySql('weight')} >= ${threshold} AS linked
    FROM ${scoredTable} ORDER BY weight DESC, l, r`);
  const [left = [], right = [], weight = [], linked = []] = reader.getColumns() as [
    number[],
    number[],
    number[],
    boolean[],
  ];
  const clusters = growClusters({ left, right, weight, links: linked.filter((one) => one).length });
  await engine.run('CREATE OR REPLACE TABLE link_clusters (id INTEGER, cluster INTEGER)');
  const appender = await engine.connection.createAppender('link_clusters');
  for (const [id, cluster] of clusters) {
    appender.appendInteger(id);
    appender.appendInteger(cluster);
    appender.endRow();
  }
  appender.closeSync();
}

export type WeighedPairs = {
  /** Pairs with the heaviest first; weights in millionths of a bit. */
  left: number[];
  right: number[];
  weight: number[];
  /** So many of the first may join clusters; the others only speak for or against it. */
  links: number;
};

/**
 * Agglomeration by the sum of weights, as in correlation clustering (Bansal, Blum and Chawla, 2004): two clusters become one
 * when the weights of all pairs across add up to more than nothing. Record to cluster, for those of two and more.
 */
export function growClusters({ left, right, weight, links }: WeighedPairs): Map<number, number> {
  const weightOf = new Map<string, number>();
  for (const [at, one] of left.entries()) weightOf.set(`${one}-${right[at]}`, weight[at]!);
  const membersOf = new Map<number, number[]>();
  const clusterOf = new Map<number, number>();
  const members = (cluster: number) => membersOf.get(cluster) ?? [cluster];
  for (let at = 0; at < links; at += 1) {
    const one = clusterOf.get(left[at]!) ?? left[at]!;
    const other = clusterOf.get(right[at]!) ?? right[at]!;
    if (one === other) continue;
    let sum = 0;
    for (const a of members(one))
      for (const b of members(other)) sum += weightOf.get(a < b ? `${a}-${b}` : `${b}-${a}`) ?? strangers * bit;
    if (sum <= 0) continue;
    const [kept, gone] = one < other ? [one, other] : [other, one];
    const together = [...members(kept), ...members(gone)];
    membersOf.delete(gone);
    membersOf.set(kept, together);
    for (const id of together) clusterOf.set(id, kept);
  }
  return clusterOf;
}
