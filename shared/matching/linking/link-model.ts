// What linking has learned from the records: plain figures and names, so that it can be kept, compared and used elsewhere.
import { type Atom, atomsOf, withinAtom } from './blocking-atoms.ts';
import type { BlockKey } from './choose-blocks.ts';
import type { ComparisonKind, PlannedField } from './fields.ts';

/** Rises when figures mean something else. */
export const modelVersion = 1;

export type LinkModel = {
  version: typeof modelVersion;
  fields: {
    name: string;
    kind: ComparisonKind;
    /** Shares per level of agreement from level 1, equal, on: among matches and among other pairs. */
    m: number[];
    u: number[];
    /** Where that other field is equal, u is this: the two agree together by chance. */
    given?: { field: string; u: number[] };
  }[];
  /** log₂ of the odds of a pair before anything is known of it, in millionths of a bit. */
  baseWeight: number;
  /** Expected partners of a record of the left, on average; at most 1 where two relations are linked. */
  partners: number;
  /** What records are compared by; absent: all with all. */
  blocks?: {
    keys: { field: string; part: number }[][];
    words: number;
    /** Share of the matches that the blocks find, as far as it can be known. */
    recall: number;
  };
  notes: string[];
};

export function plannedFields(model: LinkModel, within: boolean): PlannedField[] {
  return model.fields.map(({ name, kind }, index) => ({ name, kind, index, ...(within && { within }) }));
}

/** To nine places, and never nothing. */
export function roundedShares(shares: number[]): number[] {
  return shares.map((share) => Math.max(1, Math.round(share * 1e9)) / 1e9);
}

/** Throws on a part that there is not. */
export function keyAtoms(
  keys: { field: string; part: number }[][],
  fields: PlannedField[],
  within: { name: string } | undefined,
): { name: string; atoms: Atom[] }[] {
  return keys.map((key) => {
    const atoms = key.map(({ field, part }) => {
      const planned = fields.find(({ name }) => name === field);
      const atom = planned ? atomsOf(planned)[part] : within?.name === field ? withinAtom(field) : undefined;
      if (!atom) throw new Error(`there is no part ${part} of ${field} to make blocks of`);
      return atom;
    });
    return { name: atoms.map(({ name }) => name).join(' and '), atoms };
  });
}

export function writtenKeys(keys: BlockKey[]): { field: string; part: number }[][] {
  return keys.map(({ atoms }) => atoms.map(({ field, part }) => ({ field: field.name, part })));
}
