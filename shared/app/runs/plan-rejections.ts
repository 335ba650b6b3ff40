// Matches that persons rejected, as a run goes by them: their records do not meet again, and come back where nothing else would bring
// them. Unlike an undo a rejection is of one match, is taken back at will, and starts no run.

import { splitRowReference } from '../../domain/outcome.ts';
import { type Review, reviewIdOf } from '../../domain/review.ts';
import type { BroughtBack } from '../../domain/run.ts';
import type { Member } from '../pipeline-engine.ts';
import { fetched, type Planning } from './decision-planning.ts';

export type Rejected = Review & { verdict: 'REJECTED' };

export function rejectedAmong(reviews: Review[]): Rejected[] {
  return reviews.filter((one): one is Rejected => one.verdict === 'REJECTED');
}

/** Whether a record of the match can be among those of this run. */
export function rejectedHere({ sources, claimed }: Planning, rejected: Rejected): boolean {
  const carries = sources.some(({ parts }) => parts.some((part) => part.batch === undefined));
  const { left, right } = batchesOf(rejected);
  return carries || [...left, ...right].some((number) => claimed.has(number));
}

export function batchesOf({ match, members }: Rejected): { left: number[]; right: number[] } {
  if (members) return members.batches;
  const of = (row: number | null) => (row === null ? [] : [splitRowReference(row).batchNumber]);
  return { left: of(match.left), right: of(match.right) };
}

/** Their rows: of pairs as they are, of groups in files. */
export async function rowsOf(
  planning: Planning,
  rejected: Rejected[],
): Promise<{ paths: string[]; members: Member[] }> {
  const paths: string[] = [];
  const members: Member[] = [];
  for (const one of rejected) {
    if (one.members) paths.push(await fetched(planning, one.members.key));
    else members.push({ source: one.match.source, match: nameOf(one), left: one.match.left, right: one.match.right });
  }
  return { paths, members };
}

/** As the members of an undone match are named: a group by its id, a pair by its rows. */
export function nameOf({ match }: Rejected): string {
  return match.groupId ?? `${match.left} ${match.right}`;
}

/**
 * Those whose records no run has brought back yet. What was matched before all increments were taken anew is nowhere but in that run,
 * which has matched it anew.
 */
export function freshAmong({ before, feed }: Planning, rejected: Rejected[]): Rejected[] {
  const madeAnew = feed.rebuiltBy ?? 0;
  return rejected.filter((one) => one.run.number >= madeAnew && !wasBroughtBack(before?.broughtBack ?? [], one));
}

function wasBroughtBack(broughtBack: BroughtBack[], one: Rejected): boolean {
  return broughtBack.some(({ runId, match }) => runId === one.run.runId && match === nameOf(one));
}

/** Names of the rejections that change what a run does, for its hash. */
export function appliedNames(rejected: Rejected[]): string[] {
  return rejected.map(({ match }) => `rejected ${reviewIdOf(match)}`).sort();
}
