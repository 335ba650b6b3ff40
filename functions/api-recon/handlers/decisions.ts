// Decisions of a job. Records are named by the ids of results, which hold their row references: stable over all runs.
import { approve, type Decide, reject, withdraw } from '../../../shared/app/decisions/decide.ts';
import { proposeMatch } from '../../../shared/app/decisions/propose-match.ts';
import { proposeReversal } from '../../../shared/app/decisions/propose-reversal.ts';
import { type ProposeUndo, previewUndo, proposeUndo } from '../../../shared/app/decisions/propose-undo.ts';
import { everyItem } from '../../../shared/app/every-item.ts';
import type { SignedInActor } from '../../../shared/app/identity/identify.ts';
import { visibleReconciliation } from '../../../shared/app/reconciliations/visible-reconciliation.ts';
import type { decisionRoutes } from '../../../shared/contracts/recon/decisions.ts';
import type { Decision, UndoScope } from '../../../shared/domain/decision.ts';
import { fail, ok, type Result } from '../../../shared/domain/result.ts';
import type { Handlers, Input } from '../../../shared/http/handlers.ts';
import { defined } from '../defined.ts';
import { created, data, pageOf, pagination } from '../envelope.ts';
import { presentDecision, presentPreview, statusOfWord } from '../present/decision.ts';
import type { ReconDeps } from '../recon-deps.ts';
import { readResultId } from '../result-id.ts';

type ProposeBody = Input<(typeof decisionRoutes)['proposeDecision'], SignedInActor>['body'];
type UndoBody = Pick<ProposeBody, 'scope' | 'result_id' | 'pass' | 'run_id'>;
type DecideInput = Input<(typeof decisionRoutes)['approveDecision'], SignedInActor>;

export function decisionHandlers(deps: ReconDeps): Handlers<typeof decisionRoutes, SignedInActor> {
  async function propose(actor: SignedInActor, reconciliationId: string, body: ProposeBody): Promise<Result<Decision>> {
    const { kind, reason } = body;
    const other = fieldOfAnother(body);
    if (other !== undefined) return invalid(`${other} does not go with ${kind}`, other);
    if (kind === 'together') {
      if (!body.result_ids) return invalid('result_ids is required', 'result_ids');
      const rows = rowsOf(body.result_ids);
      if (!rows.ok) return rows;
      return proposeMatch(deps, actor, {
        reconciliationId,
        reason,
        ...rows.value,
        ...defined({ source: body.source }),
      });
    }
    if (kind === 'reversal') {
      if (body.decision_id === undefined) return invalid('decision_id is required', 'decision_id');
      return proposeReversal(deps, actor, { reconciliationId, reason, decisionId: body.decision_id });
    }
    const command = undoOf(reconciliationId, reason, body);
    if (!command.ok) return command;
    const accepted = defined({ acceptDependents: body.accept_dependents });
    const proposed = await proposeUndo(deps, actor, { ...command.value, ...accepted });
    return proposed.ok ? ok(proposed.value.decision) : proposed;
  }

  async function decide({ actor, params, body }: DecideInput, act: (command: Decide) => Promise<Result<Decision>>) {
    const visible = await visibleReconciliation(deps, actor, params.id);
    if (!visible.ok) return visible;
    const said = defined({ version: body.version, comment: body.comment });
    const done = await act({ reconciliationId: params.id, decisionId: params.decision_id, ...said });
    return done.ok ? ok(data(presentDecision(done.value))) : done;
  }

  return {
    async listDecisions({ actor, params, query }) {
      const visible = await visibleReconciliation(deps, actor, params.id);
      if (!visible.ok) return visible;
      const filter = query.status === undefined ? {} : { status: statusOfWord(query.status) };
      const all = await everyItem((cursor) => deps.decisions.list(visible.value, filter, cursor));
      const decisions = pageOf(all, query).map(presentDecision);
      return ok(data({ decisions, pagination: pagination(all.length, query) }));
    },
    async proposeDecision({ actor, params, body }) {
      const visible = await visibleReconciliation(deps, actor, params.id);
      if (!visible.ok) return visible;
      const proposed = await propose(actor, params.id, body);
      return proposed.ok ? ok(created(presentDecision(proposed.value))) : proposed;
    },
    async previewUndo({ actor, params, body }) {
      const visible = await visibleReconciliation(deps, actor, params.id);
      if (!visible.ok) return visible;
      const command = undoOf(params.id, '', body);
      if (!command.ok) return command;
      const preview = await previewUndo(deps, actor, command.value);
      return preview.ok ? ok(data(presentPreview(preview.value))) : preview;
    },
    async getDecision({ actor, params }) {
      const visible = await visibleReconciliation(deps, actor, params.id);
      if (!visible.ok) return visible;
      const { tenant, reconciliationId } = visible.value;
      const found = await deps.decisions.get({ tenant, reconciliationId, decisionId: params.decision_id });
      return found ? ok(data(presentDecision(found))) : fail('NOT_FOUND', 'There is no such decision');
    },
    approveDecision: (input) =>
      decide(input, async (command) => {
        const approved = await approve(deps, input.actor, command);
        return approved.ok ? ok(approved.value.decision) : approved;
      }),
    rejectDecision: (input) => decide(input, (command) => reject(deps, input.actor, command)),
    withdrawDecision: (input) => decide(input, (command) => withdraw(deps, input.actor, command)),
  };
}

const fieldsOfKind = {
  together: ['result_ids', 'source'],
  apart: ['scope', 'result_id', 'pass', 'run_id', 'accept_dependents'],
  reversal: ['decision_id'],
} as const satisfies Record<ProposeBody['kind'], readonly (keyof ProposeBody)[]>;

function fieldOfAnother(body: ProposeBody): string | undefined {
  const own: readonly string[] = fieldsOfKind[body.kind];
  return Object.values(fieldsOfKind)
    .flat()
    .find((field) => body[field] !== undefined && !own.includes(field));
}

function undoOf(reconciliationId: string, reason: string, body: UndoBody): Result<ProposeUndo> {
  const scope = scopeOf(body);
  return scope.ok ? ok({ reconciliationId, reason, scope: scope.value, ...defined({ runId: body.run_id }) }) : scope;
}

function scopeOf({ scope, result_id: resultId, pass }: UndoBody): Result<UndoScope> {
  if (scope === undefined) return invalid('scope is required', 'scope');
  if (pass !== undefined && scope !== 'pass') return invalid('pass goes with scope pass', 'pass');
  if (resultId !== undefined && scope !== 'match') return invalid('result_id goes with scope match', 'result_id');
  if (scope === 'run') return ok({ of: 'run' });
  if (scope === 'pass') return pass === undefined ? invalid('pass is required', 'pass') : ok({ of: 'pass', pass });
  if (resultId === undefined) return invalid('result_id is required', 'result_id');
  const named = readResultId(resultId);
  if (!named) return invalid('There is no such result', 'result_id');
  return ok({ of: 'match', ...named });
}

function rowsOf(resultIds: string[]): Result<{ left: number[]; right: number[] }> {
  const [left, right]: [number[], number[]] = [[], []];
  for (const resultId of resultIds) {
    const named = readResultId(resultId);
    if (!named) return invalid('There is no such result', 'result_ids');
    if (named.left !== null) left.push(named.left);
    if (named.right !== null) right.push(named.right);
  }
  return ok({ left, right });
}

function invalid(detail: string, field: string) {
  return fail('REQUEST_INVALID', detail, { field });
}
