// One integer that names a thing of a reconciliation without a look-up: the reconciliation's number, then the number of the
// thing within it. 10^9 things each, and nine million reconciliations before 2^53.

/** Sequences are below this. */
const sequencesPerNumber = 1_000_000_000;

export type NumberParts = { number: number; sequence: number };

/** Throws when it does not fit: a caller that got so far has a fault. */
export function joinNumber({ number, sequence }: NumberParts): number {
  const joined = number * sequencesPerNumber + sequence;
  if (number < 1 || sequence < 1 || sequence >= sequencesPerNumber || !Number.isSafeInteger(joined))
    throw new Error(`${number} and ${sequence} do not make an id`);
  return joined;
}

/** Undefined for an id that cannot have been given out. */
export function splitNumber(id: number): NumberParts | undefined {
  const number = Math.floor(id / sequencesPerNumber);
  const sequence = id % sequencesPerNumber;
  return Number.isSafeInteger(id) && number >= 1 && sequence >= 1 ? { number, sequence } : undefined;
}
