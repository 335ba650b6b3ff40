// Chance that a seed fixes: what is drawn depends on the seed and a label alone, not on what was drawn before, so the
// files are equal byte for byte on every machine and a change of one record leaves the others as they are.
import { createHash } from 'node:crypto';

export type Draws = {
  /** An integer of [0, bound); `bound` up to 2⁴⁰. */
  below(bound: number, label: string): number;
  /** The same items in another order. */
  shuffled<T>(items: T[], label: string): T[];
};

export function drawsOf(seed: number): Draws {
  // 48 bits: what does not divide by the bound is less than one draw in 256.
  const draw = (label: string) => createHash('md5').update(`${seed}:${label}`).digest().readUIntBE(0, 6);
  return {
    below: (bound, label) => draw(label) % bound,
    shuffled(items, label) {
      const keyed = items.map((item, index) => ({ item, index, key: draw(`${label}:${index}`) }));
      return keyed.sort((a, b) => a.key - b.key || a.index - b.index).map(({ item }) => item);
    },
  };
}
