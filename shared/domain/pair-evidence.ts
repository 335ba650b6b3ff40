// Why a fuzzy pass took two records for the same thing, or nearly did: what speaks for and against it, field by field.
// Weights are in bits, to six places: the log₂ of how much likelier it makes the pair.
import type { FuzzyComparison } from './definition.ts';

export type FieldEvidence = {
  field: string;
  /** How its values are compared. */
  as: FuzzyComparison;
  /** How near they are, in words; `absent` is no evidence. */
  level: string;
  /** From 0 to 1, equal; null where one is absent. */
  similarity: number | null;
  weight: number;
};

export type PairEvidence = {
  /** Before anything is known of the pair. */
  prior: number;
  fields: FieldEvidence[];
  /** The sum of prior and fields. */
  weight: number;
  /** Probability by that weight alone, were there no other record. */
  alone: number;
  /** After all other pairs that either record could be in. */
  probability: number;
};
