// Why a fuzzy pass took a pair: what each field says for or against it, in bits. `prior` and the weights add up to `weight`.

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
  as: string;
  /** How near they are, in words. */
  level: string;
  /** 0 to 1; null where a value is absent. */
  similarity: number | null;
  weight: number;
};
