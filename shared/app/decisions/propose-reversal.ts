// Proposes that an approved decision holds no longer: a manual match comes apart, an undone match may come back.
import type { Decision } from '../../domain/decision.ts';
import type { Actor } from '../../domain/principal.ts';
import { fail, type Result } from '../../domain/result.ts';
import type { DecisionDeps } from './decision-deps.ts';
import { checkReason, propose } from './propose.ts';

export async function proposeReversal(
  deps: Pick<DecisionDeps, 'decisions' | 'clock' | 'ids'>,
  actor: Actor,
  { reconciliationId, decisionId, reason }: { reconciliationId: string; decisionId: string; reason: string },
): Promise<Result<Decision>> {
  const reasoned = checkReason(reason);
  if (!reasoned.ok) return reasoned;
  const named = await deps.decisions.get({ tenant: actor.tenant, reconciliationId, decisionId });
  if (!named) return fail('NOT_FOUND', `There is no decision ${decisionId}`);
  const standing = canBeReversed(named);
  if (!standing.ok) return standing;
  const subject = { kind: 'reversal' as const, decisionId, number: named.number };
  return propose(deps, actor, { reconciliationId, reason, subject });
}

export function canBeReversed({ status, subject, reversedBy, number }: Decision): Result<void> {
  const detail =
    subject.kind === 'reversal'
      ? `Decision ${number} is a reversal; propose again what it took back`
      : reversedBy
        ? `Decision ${number} was reversed by decision ${reversedBy.number}`
        : status === 'APPROVED'
          ? undefined
          : `Decision ${number} is ${status}`;
  return detail === undefined ? { ok: true, value: undefined } : fail('DECISION_NOT_IN_FORCE', detail);
}
