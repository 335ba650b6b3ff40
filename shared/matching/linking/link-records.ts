// Links records without a common key: fields, model, blocks, weights and the pairing or the clusters, each by what the data
// themselves say. The outcome does not depend on the order of rows: records have numbers in the order of their content.
import type { Engine } from '../engine.ts';
import { type Blocks, chooseBlocks } from './choose-blocks.ts';
import { type Comparison, planComparison } from './comparisons.ts';
import { legalForms } from './equivalences.ts';
import { chooseKind, type LinkField, type PlannedField, profileField } from './fields.ts';
import { linkClusters } from './link-clusters.ts';
import { type Weights, weightsOf } from './model-weights.ts';
import { pairExclusively } from './pair-exclusively.ts';
import { textFields } from './pair-levels.ts';
import { prepareRecords } from './prepare-records.ts';
import { type Crowded, scoreBlocks, scoreTrained } from './score-pairs.ts';
import { prepareTerms } from './terms.ts';
import { type Trained, train } from './training.ts';

export type LinkRequest = {
  /** Relations with `$id` (INTEGER from 0, in the order of content) and the fields. One relation is de-duplicated. */
  left: string;
  right?: string;
  fields: LinkField[];
  /** Probability from which a pair is linked, between 0 and 1; a half, which makes the fewest errors, unless given. */
  threshold?: number;
  /** Pairings whose weights are no further apart, in bits, are a tie. */
  tieMargin?: number;
  /** Groups of spellings that are the same thing, besides the legal forms of companies. */
  equivalences?: string[][];
};

export type Linkage = {
  comparisons: Comparison[];
  trained: Trained;
  weights: Weights;
  /** Absent where all pairs were compared. */
  blocks?: Blocks;
  crowded: Crowded[];
  notes: string[];
  timings: Record<string, number>;
};

export async function linkRecords(engine: Engine, request: LinkRequest): Promise<Linkage> {
  const { left, right, threshold = 0.5, tieMargin = 0 } = request;
  const timings: Record<string, number> = {};
  let since = (process.cpuUsage().user + process.cpuUsage().system) / 1000;
  const lap = (name: string) => {
    const now = process.cpuUsage();
    timings[name] = Math.round((now.user + now.system) / 1000 - since);
    since += timings[name];
  };
  const relations = right === undefined ? { left } : { left, right };
  const fields: PlannedField[] = [];
  for (const [index, { name, kind }] of request.fields.entries()) {
    const profile = await profileField(engine, Object.values(relations), name);
    fields.push({ name, index, kind: kind ?? chooseKind(profile) });
  }
  lap('profile');
  const prepared = await prepareRecords(engine, relations, fields, [...legalForms, ...(request.equivalences ?? [])]);
  const comparisons = fields.map(planComparison);
  lap('prepare');
  for (const field of textFields(comparisons)) await prepareTerms(engine, prepared, relations, field);
  lap('terms');
  const trained = await train(engine, prepared, comparisons, right !== undefined);
  const weights = weightsOf(trained.model);
  lap('train');
  let blocks: Blocks | undefined;
  let crowded: Crowded[] = [];
  if (trained.whole) await scoreTrained(engine, comparisons, weights);
  else {
    blocks = await chooseBlocks(engine, prepared, comparisons, weights, trained);
    lap('blocks');
    crowded = await scoreBlocks(engine, prepared, comparisons, weights, blocks);
  }
  await engine.run('DROP TABLE link_trained');
  lap('score');
  if (right === undefined) await linkClusters(engine, threshold);
  else await pairExclusively(engine, threshold, Math.round(tieMargin * 1000));
  lap('pair');
  return { comparisons, trained, weights, ...(blocks && { blocks }), crowded, notes: [], timings };
}
