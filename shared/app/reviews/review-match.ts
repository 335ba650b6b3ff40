// A person approves or rejects one match of the newest run. Nothing is patched: a rejection is an input of the runs after it, an approval
// a label. What is no match is not reviewed here: breaks have deeds of their own, and what persons put together a reversal.
import { manualPassName, reasonCharactersMax } from '../../domain/decision.ts';
import { groupMembersKey } from '../../domain/object-keys.ts';
import type { Actor } from '../../domain/principal.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import { type FoundMatch, type Given, type Review, reviewIdOf, reviewOf, takenBack } from '../../domain/review.ts';
import type { Run } from '../../domain/run.ts';
import type { FindQuery, MatchQuery } from '../../ports/match-query.ts';
import type { Deps } from '../deps.ts';
import { allReviews } from './all-reviews.ts';

export type ReviewDeps = Pick<Deps, 'reviews' | 'clock'> & { matches: MatchQuery };

export type ReviewMatch = { match: FindQuery } & (
  | { verdict: 'APPROVED' }
  /** What is wrong with it, for whoever asks later. */
  | { verdict: 'REJECTED'; reason: string }
);

/** `run` is the latest. Of two who say the opposite at once one is refused; who says it later replaces the verdict. */
export async function reviewMatch(
  deps: ReviewDeps,
  actor: Actor,
  run: Run | undefined,
  command: ReviewMatch,
): Promise<Result<Review>> {
  const { verdict, match } = command;
  const reason = verdict === 'REJECTED' ? command.reason.trim() : undefined;
  if (reason !== undefined && (reason.length < 1 || reason.length > reasonCharactersMax))
    return fail('REQUEST_INVALID', `A reason has 1 to ${reasonCharactersMax} characters`, { field: 'reason' });
  if (run?.status !== 'COMPLETED' || !run.results) return fail('RESULTS_NOT_READY');
  const at = new Date(deps.clock.now()).toISOString();
  const given: Given = { verdict, by: actor.userId, at, ...(reason !== undefined && { reason }) };
  const found = await deps.matches.find(run, match);
  if (!found) return takeBack(deps, run, match, given);
  const { tenant, reconciliationId } = run;
  const before = await deps.reviews.get({ tenant, reconciliationId, reviewId: reviewIdOf(found) });
  if (before?.verdict === verdict) return ok(before);
  const seen = { tenant, reconciliationId, runId: run.runId, number: run.number };
  const review = reviewOf(seen, found, given, before);
  if (verdict === 'APPROVED') return save(deps, review);
  const members = await membersToPart(deps, run, match, found);
  return members.ok ? save(deps, { ...review, ...(members.value && { members: members.value }) }) : members;
}

/** A match that was rejected is not made again, so it is found among the reviews alone. */
async function takeBack(deps: ReviewDeps, run: Run, match: FindQuery, given: Given): Promise<Result<Review>> {
  const missing = fail('NOT_FOUND', `Run ${run.number} has no such match`);
  if (given.verdict === 'REJECTED') return missing;
  const rejected = (await allReviews(deps, run)).find(({ verdict, match: of }) => {
    const named = of.left === match.left && of.right === match.right;
    return named && (match.source ?? of.source) === of.source && verdict === 'REJECTED';
  });
  return rejected ? save(deps, takenBack(rejected, given)) : missing;
}

async function save(deps: ReviewDeps, review: Review): Promise<Result<Review>> {
  if (await deps.reviews.save(review)) return ok({ ...review, version: review.version + 1 });
  const now = await deps.reviews.get(review);
  return now?.verdict === review.verdict ? ok(now) : fail('CONCURRENT_CHANGE');
}

/** Of a group the rows that may not meet again; a pair has them in its name. */
async function membersToPart(
  deps: ReviewDeps,
  run: Run,
  match: FindQuery,
  { source, pass, groupId }: FoundMatch,
): Promise<Result<Review['members']>> {
  if (run.backDated)
    return fail('NOTHING_TO_UNDO', `Run ${run.number} was a rerun on older batches: nothing holds of it`);
  if (groupId === null) return ok(undefined);
  if (pass === manualPassName)
    return fail('NOTHING_TO_UNDO', 'It was made by hand: reverse its decision', { decisions: [groupId] });
  const key = groupMembersKey(run, groupId, source);
  const { undone } = await deps.matches.undo(run, {
    scope: { of: 'match', source, left: match.left, right: match.right },
    except: [],
    manual: [],
    membersKey: key,
  });
  return ok({ key, batches: undone.batches });
}
