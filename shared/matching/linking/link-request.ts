// What is asked of linking, and what is wrong with it.
import type { LinkField } from './fields.ts';
import type { LinkModel } from './link-model.ts';
import type { EqualIn } from './prepare-records.ts';

export type LinkRequest = {
  /** Relations with `$id` (INTEGER from 0, in the order of content) and the fields. One relation is de-duplicated. */
  left: string;
  right?: string;
  /** The relations have `$n`: how many identical records each stands for. They are interchangeable. */
  copies?: true;
  fields: LinkField[];
  /** A pair must be equal in this column of both relations. It is no evidence. */
  equal?: EqualIn;
  /** Only records are compared that are equal in all of these fields of one list; chosen from the values unless given. */
  blocks?: string[][];
  /** A relation of l and r: pairs that may not be. */
  apart?: string;
  /** Bits that are added to what every pair weighs. */
  shift?: number;
  /** Probability from which a pair is linked, between 0 and 1; a half, which makes the fewest errors, unless given. */
  threshold?: number;
  /** Instead of a threshold: the lowest is taken from which on the pairs are right in this share, by their probabilities. */
  targetPrecision?: number;
  /** Pairings whose weights are no further apart, in bits, are a tie. 0 unless given. */
  tieMargin?: number;
  /** Groups of spellings that are the same thing, besides the legal forms of companies. */
  equivalences?: string[][];
  /** Estimated before: nothing is estimated anew. */
  model?: LinkModel;
};

export const thresholdDefault = 0.5;

/** Sentences; none where the request makes sense. */
export function checkLinkRequest(request: LinkRequest): string[] {
  const { fields, threshold, targetPrecision, tieMargin, model, blocks = [] } = request;
  const wrong: string[] = [];
  const between = (name: string, value: number | undefined) => {
    if (value !== undefined && !(value >= 0 && value <= 1)) wrong.push(`${name} is ${value}: it is between 0 and 1`);
  };
  between('threshold', threshold);
  between('targetPrecision', targetPrecision);
  if (threshold !== undefined && targetPrecision !== undefined)
    wrong.push('there is a threshold and a target precision: one of them decides');
  if (tieMargin !== undefined && !(tieMargin >= 0 && tieMargin < 1000))
    wrong.push(`tieMargin is ${tieMargin}: it is a number of bits from 0 to 1000`);
  for (const field of blocks.flat())
    if (!fields.some(({ name }) => name === field)) wrong.push(`${field} makes blocks, and is none of the fields`);
  if (!request.equal && blocks.some((block) => block.length === 0)) wrong.push('a block has no fields');
  for (const { name, similarityMin } of fields) between(`similarityMin of ${name}`, similarityMin);
  if (fields.length === 0) wrong.push('there are no fields to link by');
  const names = fields.map(({ name }) => name.toLowerCase());
  for (const [at, name] of names.entries())
    if (names.indexOf(name) < at) wrong.push(`${fields[at]!.name} is there twice`);
  const weights = fields.map(({ weight = 1 }) => weight);
  for (const [at, weight] of weights.entries())
    if (!(weight >= 0 && weight <= 100))
      wrong.push(`the weight of ${fields[at]!.name} is ${weight}: it is a factor from 0 to 100`);
  if (fields.length > 0 && weights.every((weight) => weight === 0))
    wrong.push('the weights of the fields add up to nothing');
  if (model && model.fields.map(({ name }) => name).join() !== fields.map(({ name }) => name).join())
    wrong.push(`the model is of other fields: ${model.fields.map(({ name }) => name).join(', ')}`);
  return wrong;
}
