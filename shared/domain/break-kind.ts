// What kind of break a person sees: the type, and of a missing record the side that lacks it. Side A is the anchor, side B the
// source that it is compared with.
import type { BreakType } from './outcome.ts';

export const breakKinds = [
  'MISMATCH',
  'MISSING_IN_SOURCE_A',
  'MISSING_IN_SOURCE_B',
  'DUPLICATE',
  'SEARCH_EXHAUSTED',
  'AMBIGUOUS',
] as const;
export type BreakKind = (typeof breakKinds)[number];

export function breakKindOf(
  { type, missingIn }: { type: BreakType; missingIn: string | null },
  anchor: string,
): BreakKind {
  if (type !== 'MISSING') return type;
  return missingIn === anchor ? 'MISSING_IN_SOURCE_A' : 'MISSING_IN_SOURCE_B';
}
