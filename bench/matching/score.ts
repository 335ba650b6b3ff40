// Holds what a pass accepted against what was hidden in the files. A group counts only when all its records on both
// sides are the hidden ones: one record too many or too few is a wrong match.
import type { Group } from './made-case.ts';

/** A line of a matches file; lines of one group have its id, a line without an id is a group of its own. */
export type MatchLine = { leftRow: number | null; rightRow: number | null; pass: string; groupId: string | null };

export type Score = {
  hidden: number;
  accepted: number;
  right: number;
  /** right / accepted, and right / hidden; undefined where there is nothing to divide by. */
  precision: number | undefined;
  recall: number | undefined;
};

/** Throws when a record is in two accepted matches, of whatever passes. */
export function score(lines: MatchLine[], pass: string, hidden: Group[]): Score {
  const groups = groupsOf(lines);
  for (const side of ['left', 'right'] as const) {
    const rows = groups.flatMap(({ group }) => group[side]);
    if (new Set(rows).size < rows.length) throw new Error(`a record of the ${side} side is in two accepted matches`);
  }
  const known = new Set(hidden.map(textOf));
  const accepted = groups.filter((found) => found.pass === pass);
  const right = accepted.filter(({ group }) => known.has(textOf(group))).length;
  const share = (of: number) => (of === 0 ? undefined : right / of);
  return {
    hidden: hidden.length,
    accepted: accepted.length,
    right,
    precision: share(accepted.length),
    recall: share(hidden.length),
  };
}

function groupsOf(lines: MatchLine[]): { pass: string; group: Group }[] {
  const found = new Map<string, { pass: string; left: Set<number>; right: Set<number> }>();
  for (const [index, { leftRow, rightRow, pass, groupId }] of lines.entries()) {
    const id = groupId === null ? `line ${index}` : `group ${groupId}`;
    const one = found.get(id) ?? { pass, left: new Set(), right: new Set() };
    if (one.pass !== pass) throw new Error(`group ${groupId} is of two passes: ${one.pass} and ${pass}`);
    if (leftRow !== null) one.left.add(leftRow);
    if (rightRow !== null) one.right.add(rightRow);
    found.set(id, one);
  }
  return [...found.values()].map(({ pass, left, right }) => ({ pass, group: { left: [...left], right: [...right] } }));
}

function textOf({ left, right }: Group): string {
  const ascending = (rows: number[]) => rows.toSorted((a, b) => a - b).join(',');
  return `${ascending(left)}|${ascending(right)}`;
}
