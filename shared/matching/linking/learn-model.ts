// Learns from the records how to link them, without labels: the parameters, and what to compare them by. Says what was not
// as it should be.
import type { Engine } from '../engine.ts';
import type { Atom } from './blocking-atoms.ts';
import { type Blocks, chooseBlocks, measureBlocks } from './choose-blocks.ts';
import type { Comparison } from './comparisons.ts';
import { type LinkModel, modelVersion, roundedShares, writtenKeys } from './link-model.ts';
import { millionths, weightsOf } from './model-weights.ts';
import type { Prepared } from './prepare-records.ts';
import { leftsTable, type Trained, train } from './training.ts';

/**
 * Leaves link_trained where every pair has been compared (the model then has no blocks). Keys that are `given` are used whatever the
 * records say.
 */
export async function learnModel(
  engine: Engine,
  prepared: Prepared,
  comparisons: Comparison[],
  given?: Atom[][],
): Promise<LinkModel> {
  const trained = await train(engine, prepared, comparisons, !prepared.single);
  const { model, lefts, whole } = trained;
  const learned: LinkModel = {
    version: modelVersion,
    fields: comparisons.map(({ field: { name, kind } }, at) => ({
      name,
      kind,
      m: roundedShares(model.m[at]!),
      u: roundedShares(model.u[at]!),
      ...(model.uGiven[at] && {
        given: { field: comparisons[model.dependsOn[at]!]!.field.name, u: roundedShares(model.uGiven[at]) },
      }),
    })),
    baseWeight: millionths(Math.log2(model.odds)),
    // Of one relation compared as a whole each pair is there once, and partners are two.
    partners: lefts === 0 ? 0 : millionths((model.matches * (whole && prepared.single ? 2 : 1)) / lefts) / 1e6,
    notes: notesOf(comparisons, trained),
  };
  if (whole && !given) return learned;
  const weights = weightsOf(
    learned,
    comparisons.map(() => 1),
  );
  const blocks = given
    ? await measureBlocks(engine, prepared, comparisons, weights, given)
    : await chooseBlocks(engine, prepared, comparisons, weights, trained);
  for (const table of ['link_trained', ...(whole ? [] : [leftsTable])]) await engine.run(`DROP TABLE ${table}`);
  const recall = millionths(blocks.recall * (1 - trained.unseen)) / 1e6;
  learned.blocks = { keys: writtenKeys(blocks.keys), words: blocks.words, recall };
  learned.notes.push(...blockNotes(blocks, recall, prepared.within));
  return learned;
}

function notesOf(comparisons: Comparison[], { model, related, random }: Trained): string[] {
  const notes: string[] = [];
  if (!model.converged)
    notes.push(
      `the values did not say what matches are like (${related ? 'what came nearest to them differs in many values: records that are related, not the same' : 'the estimation came to no end'}): they are taken to agree in four of five values, and probabilities are a rough guess`,
    );
  const names = comparisons.map(({ field }) => field.name);
  for (const [at, name] of names.entries()) {
    const [present, equal] = shareOfLevels(random, at);
    if (present === 0) notes.push(`${name} has no values on both sides: it says nothing`);
    else if (equal === present && present > 1) notes.push(`${name} has one value only: it says nothing`);
  }
  for (const [at, other] of model.dependsOn.entries())
    if (other !== undefined)
      notes.push(
        `${names[other]} and ${names[at]} often agree together by chance: where ${names[other]} is equal, ${names[at]} is weighed by how often it then is`,
      );
  return notes;
}

/** Random pairs in which neither value is absent, and those with equal values. */
function shareOfLevels({ levels, counts }: Trained['random'], field: number): [number, number] {
  let [present, equal] = [0, 0];
  for (const [at, pattern] of levels.entries()) {
    if (pattern[field]! > 0) present += counts[at]!;
    if (pattern[field] === 1) equal += counts[at]!;
  }
  return [present, equal];
}

function blockNotes({ keys, words }: Blocks, recall: number, within: Prepared['within']): string[] {
  const by = [
    ...keys.map(({ name }) => name),
    ...(words > 0 ? [`the ${words} records with the most telling words in common`] : []),
  ];
  if (by.length === 0) return ['no block finds anything that looks like a match: nothing was compared'];
  return [
    `compared were records equal in${within ? ` ${within.name}, and of these in` : ''}: ${by.join('; ')}. About ${(100 * (1 - recall)).toFixed(2)} % of the matches may be in none of these blocks`,
  ];
}
