// Why a fuzzy pass took a pair: what each field says for or against it, in bits. `prior` and the weights add up to `weight`.
import type { FuzzyComparison } from './definition.ts';
import type { Learned } from './learned.ts';

export type MatchEvidence = {
  /** log₂ of the odds of a pair before its values are looked at. */
  prior: number;
  fields: FieldEvidence[];
  weight: number;
  /** 2^weight ÷ (1 + 2^weight): the probability of the pair if it had no rivals. */
  alone: number;
  probability: number;
};

export type FieldEvidence = {
  field: string;
  /** How its values are compared. */
  as: FuzzyComparison;
  /** How near they are, in words. */
  level: string;
  /** 0 to 1; null where a value is absent. */
  similarity: number | null;
  weight: number;
};

/** Prior and weights as they were before a lesson corrected them, to six digits. */
export function unlearned(evidence: MatchEvidence, learned: Learned | undefined): MatchEvidence {
  if (!learned) return evidence;
  const fields = evidence.fields.map((one) => ({
    ...one,
    weight: rounded(one.weight / (learned.factors[one.field] ?? 1)),
  }));
  return { ...evidence, prior: rounded(evidence.prior - learned.shift), fields };
}

function rounded(bits: number): number {
  return Math.round(bits * 1e6) / 1e6;
}
