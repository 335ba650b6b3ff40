// Writes a proposal down, whatever it is about. It has no effect until another person approves it.
import { type Decision, reasonCharactersMax } from '../../domain/decision.ts';
import type { Actor } from '../../domain/principal.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { DecisionDeps } from './decision-deps.ts';

export type Proposal = { reconciliationId: string; reason: string; subject: Decision['subject']; decisionId?: string };

export async function propose(
  deps: Pick<DecisionDeps, 'decisions' | 'clock' | 'ids'>,
  actor: Actor,
  { reconciliationId, reason, subject, decisionId = deps.ids.uuid() }: Proposal,
): Promise<Result<Decision>> {
  const decision = await deps.decisions.create({
    tenant: actor.tenant,
    reconciliationId,
    decisionId,
    subject,
    reason: reason.trim(),
    status: 'PENDING',
    proposedBy: actor.userId,
    proposedAt: new Date(deps.clock.now()).toISOString(),
  });
  return ok(decision);
}

/** Looked at before anything costly is. */
export function checkReason(reason: string): Result<void> {
  const { length } = reason.trim();
  if (length >= 1 && length <= reasonCharactersMax) return ok(undefined);
  return fail('REQUEST_INVALID', `A reason has 1 to ${reasonCharactersMax} characters`, { field: 'reason' });
}
