// Links records without a common key: fields, model, blocks, weights and the pairing or the clusters, each by what the data
// themselves say. The outcome does not depend on the order of rows: records have numbers in the order of their content.
import type { Engine } from '../engine.ts';
import { type Atom, atomsOf, withinAtom } from './blocking-atoms.ts';
import { type Comparison, planComparison } from './comparisons.ts';
import { legalForms } from './equivalences.ts';
import { chooseKind, type PlannedField, profileFields } from './fields.ts';
import { learnModel } from './learn-model.ts';
import { limitPairs } from './limit-pairs.ts';
import { linkClusters } from './link-clusters.ts';
import { keyAtoms, type LinkModel, plannedFields } from './link-model.ts';
import { checkLinkRequest, type LinkRequest, thresholdDefault } from './link-request.ts';
import { millionths, probabilitySql, type Weights, weightsOf } from './model-weights.ts';
import { decidePairs, pairedTable, weighedTable, weighRivals } from './pair-exclusively.ts';
import { textFields } from './pair-levels.ts';
import { type EqualIn, type Prepared, prepareRecords } from './prepare-records.ts';
import { type Crowded, scoreAll, scoreBlocks, scoredTable, scoreTrained } from './score-pairs.ts';
import { dropTerms, prepareTerms } from './terms.ts';
import { thresholdForPrecision } from './threshold.ts';

export type Linkage = {
  model: LinkModel;
  /** What `evidenceSql` needs to explain a pair. */
  prepared: Prepared;
  comparisons: Comparison[];
  weights: Weights;
  /** From which on pairs are linked: given, chosen or the default. */
  threshold: number;
  notes: string[];
};

/**
 * Fills link_scored (l, r, weight, levels), and link_paired (l, r, weight, probability, n, state) and link_weighed, which says more of
 * them and of the pairs that are not, where two relations are linked, link_clusters (id, cluster) where one is de-duplicated. Throws a RangeError on a request that makes no sense.
 */
export async function linkRecords(engine: Engine, request: LinkRequest): Promise<Linkage> {
  const wrong = checkLinkRequest(request);
  if (wrong.length > 0) throw new RangeError(wrong.join('; '));
  const { left, right } = request;
  const relations = right === undefined ? { left } : { left, right };
  const within = request.equal !== undefined;
  const fields = request.model ? plannedFields(request.model, within) : await planFields(engine, relations, request);
  const spellings = [...legalForms, ...(request.equivalences ?? [])];
  const prepared = await prepareRecords(engine, relations, fields, spellings, request.equal);
  const comparisons = fields.map(planComparison);
  for (const field of textFields(comparisons)) await prepareTerms(engine, prepared, relations, field);
  const given = request.blocks && givenAtoms(request.blocks, fields, request.equal);
  const model = request.model ?? (await learnModel(engine, prepared, comparisons, given));
  const weights = weightsOf(
    { ...model, baseWeight: model.baseWeight + millionths(request.shift ?? 0) },
    request.fields.map(({ weight = 1 }) => weight),
  );
  const notes = [...model.notes];
  const limit = () => limitPairs(engine, prepared, comparisons, request);
  if (model.blocks) {
    const keys = keyAtoms(model.blocks.keys, fields, prepared.within);
    const blocks = { keys, words: model.blocks.words };
    const crowded = await scoreBlocks(engine, prepared, comparisons, weights, blocks, limit);
    notes.push(...crowded.map(crowdedNote));
  } else if (request.model) await scoreAll(engine, prepared, comparisons, weights, limit);
  else await scoreTrained(engine, comparisons, weights, limit);
  for (const field of textFields(comparisons)) await dropTerms(engine, prepared, field);
  if (prepared.single) {
    const scored = `(SELECT ${probabilitySql('weight')} AS probability, 1 AS n FROM ${scoredTable})`;
    const threshold =
      request.threshold ?? (await thresholdForPrecision(engine, scored, request.targetPrecision)) ?? thresholdDefault;
    await linkClusters(engine, threshold);
    return { model, prepared, comparisons, weights, threshold, notes };
  }
  const { exhausted } = await weighRivals(
    engine,
    request.tieMargin ?? 0,
    request.copies && right !== undefined ? { left, right } : undefined,
  );
  if (exhausted > 0)
    notes.push(
      `${exhausted} records have too many rivals that hang together to be paired as a whole: of these, pairs likelier than not were taken`,
    );
  const chosen = `(SELECT * FROM ${weighedTable} WHERE n > 0)`;
  const threshold =
    request.threshold ?? (await thresholdForPrecision(engine, chosen, request.targetPrecision)) ?? thresholdDefault;
  await decidePairs(engine, threshold);
  return { model, prepared, comparisons, weights, threshold, notes };
}

/** Drops what linkRecords leaves of two relations, when nobody asks for more evidence. */
export async function dropLinkage(engine: Engine): Promise<void> {
  for (const table of ['link_left', 'link_right', scoredTable, weighedTable, pairedTable])
    await engine.run(`DROP TABLE ${table}`);
}

async function planFields(engine: Engine, relations: { left: string; right?: string }, { fields, equal }: LinkRequest) {
  const profiles = await profileFields(
    engine,
    Object.values(relations),
    fields.map(({ name }) => name),
  );
  return fields.map(({ name, kind }, index) => ({
    name,
    index,
    kind: kind ?? chooseKind(profiles[index]!),
    ...(equal && { within: true }),
  }));
}

/** Blocks of whole values; where a list has no field left, of all that records must be equal in. */
function givenAtoms(blocks: string[][], fields: PlannedField[], equal: EqualIn | undefined): Atom[][] {
  const whole = new Map(fields.map((field) => [field.name, atomsOf(field)[0]!]));
  const within = equal && withinAtom(equal.name);
  return blocks.map((names) => (names.length === 0 && within ? [within] : names.map((name) => whole.get(name)!)));
}

function crowdedNote({ key, blocks, records }: Crowded): string {
  return `${blocks} ${blocks === 1 ? 'block' : 'blocks'} of equal ${key} with ${records} records ${blocks === 1 ? 'was' : 'were'} too large to compare: the records were compared by the other keys alone`;
}
