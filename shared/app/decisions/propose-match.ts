// Proposes that open records are one match, whatever the definition says of them.
import { type Decision, togetherRowsMax } from '../../domain/decision.ts';
import { legsOf } from '../../domain/definition.ts';
import type { Actor } from '../../domain/principal.ts';
import { fail, type Result } from '../../domain/result.ts';
import type { DecisionDeps } from './decision-deps.ts';
import { newestRun } from './newest-run.ts';
import { checkReason, propose } from './propose.ts';

export type ProposeMatch = {
  reconciliationId: string;
  /** The leg; needed where there are several. */
  source?: string;
  /** Row references of the anchor, and of the leg. */
  left: number[];
  right: number[];
  reason: string;
};

export async function proposeMatch(
  deps: Pick<DecisionDeps, 'batches' | 'runs' | 'decisions' | 'matches' | 'clock' | 'ids'>,
  actor: Actor,
  { reconciliationId, reason, ...command }: ProposeMatch,
): Promise<Result<Decision>> {
  const reasoned = checkReason(reason);
  if (!reasoned.ok) return reasoned;
  const newest = await newestRun(deps, { tenant: actor.tenant, reconciliationId });
  if (!newest.ok) return newest;
  const { run } = newest.value;
  const legs = legsOf(run.definition!).map(({ name }) => name);
  const source = command.source ?? (legs.length === 1 ? legs[0]! : undefined);
  if (source === undefined || !legs.includes(source)) {
    return fail('REQUEST_INVALID', `Name the source of the right side: ${legs.join(', ')}`, { field: 'source' });
  }
  const [left, right] = [distinct(command.left), distinct(command.right)];
  for (const [field, rows] of Object.entries({ left, right })) {
    if (rows.length === 0)
      return fail('REQUEST_INVALID', `A match has records on both sides; ${field} has none`, { field });
    if (rows.length > togetherRowsMax)
      return fail('REQUEST_INVALID', `At most ${togetherRowsMax} records a side`, { field });
    if (!rows.every((row) => Number.isSafeInteger(row) && row > 0))
      return fail('REQUEST_INVALID', 'No such record', { field });
  }
  const { absent, matched, sums } = await deps.matches.records(run, { source, left, right });
  if (absent.length > 0) {
    return fail('NOT_FOUND', `${absent.length} of the records are not open in run ${run.number}, the newest`, {
      rows: shown(absent),
    });
  }
  if (matched.length > 0) {
    return fail('RECORD_NOT_OPEN', `${matched.length} of the records are matched in run ${run.number}`, {
      rows: shown(matched),
    });
  }
  return propose(deps, actor, { reconciliationId, reason, subject: { kind: 'together', source, left, right, sums } });
}

function distinct(rows: number[]): number[] {
  return [...new Set(rows)].sort((a, b) => a - b);
}

function shown(rows: number[]): number[] {
  return rows.slice(0, 20);
}
