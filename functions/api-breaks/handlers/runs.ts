// What is reconciled, and its runs.
import { type BreakDetails, breakDetails } from '../../../shared/app/breaks/break-details.ts';
import { type TriggerDeps, triggerRun } from '../../../shared/app/run-view/trigger-run.ts';
import { visibleDefinitions } from '../../../shared/app/run-view/visible-definition.ts';
import { latestRun, runIdOf, type VisibleRun, visibleRun } from '../../../shared/app/run-view/visible-run.ts';
import { within } from '../../../shared/app/within.ts';
import type { runRoutes } from '../../../shared/contracts/breaks/runs.ts';
import type { BreaksActor } from '../../../shared/domain/breaks-actor.ts';
import type { ReconciliationRef } from '../../../shared/domain/reconciliation.ts';
import { fail, ok } from '../../../shared/domain/result.ts';
import type { Handlers, Input } from '../../../shared/http/handlers.ts';
import { PendingReply } from '../../../shared/http/message.ts';
import type { PagedBreak, RunView } from '../../../shared/ports/run-view.ts';
import type { BreaksDeps } from '../breaks-deps.ts';
import { presentBreak } from '../present/break.ts';
import { matchedOf, presentPending, presentSummary } from '../present/run.ts';

export type RunHandlerDeps = TriggerDeps & Pick<BreaksDeps, 'breaks'> & { view: RunView };

type RunHandlers = Handlers<typeof runRoutes, BreaksActor>;
type Query = Input<(typeof runRoutes)['latestRun'], BreaksActor>['query'];

/**
 * A reply holds 5 MiB, and 6 when every quotation mark in it is written twice. Beside the breaks there are up to 5,000 names
 * of 100 characters.
 */
const breaksBytesMax = 2_000_000;
const retryAfterSeconds = 5;
const statuses = ['OPEN', 'PENDING_APPROVAL', 'CLOSED'] as const;

export function runHandlers(deps: RunHandlerDeps): RunHandlers {
  async function result(actor: BreaksActor, shown: VisibleRun, query: Query) {
    const { reconciliation, roles, run } = shown;
    const { product, subProduct, entity, status, anomalous, cursor, limit } = query;
    const page = await deps.view.page(run, {
      filter: { product, subProduct, entity, status, ...(anomalous && { anomalous: anomalous === 'true' }) },
      now: deps.clock.now(),
      limit,
      ...(cursor !== undefined && { after: cursor }),
    });
    const context = { graph: reconciliation.graph, definition: run.definition!, reviewer: { dn: actor.dn, roles } };
    const breaks = [];
    let bytes = 0;
    for await (const [viewed, details] of withDetails(deps, reconciliation, page.breaks)) {
      const presented = presentBreak(context, viewed, details);
      bytes += Buffer.byteLength(JSON.stringify(presented));
      if (bytes > breaksBytesMax && breaks.length > 0) break;
      breaks.push(presented);
    }
    const more = page.more || breaks.length < page.breaks.length;
    return {
      summary: presentSummary(shown),
      analytics: { ...page.analytics, totalMatchedCount: matchedOf(run) },
      breaks,
      filters: { ...page.filters, statuses: [...statuses] },
      nextCursor: more ? (page.breaks[breaks.length - 1]?.breakId ?? null) : null,
      anomalies: run.anomalies ?? null,
    };
  }

  function pending(shown: VisibleRun, status: 'QUEUED' | 'RUNNING' | 'COMPLETED') {
    const location = `/api/reconciliations/runs/${runIdOf(shown.reconciliation, shown.run)}`;
    return new PendingReply(presentPending(shown, status), location, retryAfterSeconds);
  }

  /** `replyAt`: when an answer must have been given, however far it is. */
  async function settled(actor: BreaksActor, shown: VisibleRun, query: Query, replyAt: number) {
    const { run } = shown;
    if (run.status === 'QUEUED' || run.status === 'RUNNING') return ok(pending(shown, run.status));
    if (run.status !== 'COMPLETED')
      return fail('RUN_FAILED', reasonOf(shown), { runId: runIdOf(shown.reconciliation, run) });
    const found = await within(replyAt - deps.clock.now(), result(actor, shown, query));
    return ok(found ?? pending(shown, 'COMPLETED'));
  }

  return {
    async listReconciliations({ actor }) {
      const all = await visibleDefinitions(deps, actor);
      return ok(
        all.map(({ graph }) => ({
          id: graph.number,
          code: graph.code,
          name: graph.name,
          description: graph.description,
        })),
      );
    },
    async triggerRun({ actor, params, body }) {
      const replyAt = deps.clock.now() + deps.runWaitMs + resultWaitMs;
      const { triggerType, correlationId, comments } = body;
      const note = {
        triggerType,
        ...(correlationId != null && { correlationId }),
        ...(comments != null && { comments }),
      };
      const triggered = await triggerRun(deps, actor, params.id, note);
      return triggered.ok ? settled(actor, triggered.value, { limit: 1_000 }, replyAt) : triggered;
    },
    async latestRun({ actor, params, query }) {
      const latest = await latestRun(deps, actor, params.id);
      return latest.ok ? ok(await result(actor, latest.value, query)) : latest;
    },
    async historicalRun({ actor, params, query }) {
      const replyAt = deps.clock.now() + deps.runWaitMs + resultWaitMs;
      const found = await visibleRun(deps, actor, params.runId);
      return found.ok ? settled(actor, found.value, query, replyAt) : found;
    },
  };
}
/** After the run has settled. */
const resultWaitMs = 2_500;

/** Of those that may have some, and of a few at a time: the comments of all may be more than a function holds. */
async function* withDetails(
  deps: Pick<BreaksDeps, 'breaks'>,
  ref: ReconciliationRef,
  viewed: PagedBreak[],
): AsyncGenerator<[PagedBreak, BreakDetails | undefined]> {
  for (let start = 0; start < viewed.length; ) {
    let [end, items] = [start, 0];
    for (; end < viewed.length && items < itemsAtOnce; end += 1) if (hasItem(viewed[end]!)) items += 1;
    const some = viewed.slice(start, end);
    const details = await breakDetails(
      deps,
      ref,
      some.filter(hasItem).map(({ breakId }) => breakId),
    );
    for (const one of some) yield [one, details.get(one.breakId)];
    start = end;
  }
}
const itemsAtOnce = 100;

function hasItem({ touched, gone }: PagedBreak): boolean {
  return touched || gone;
}

function reasonOf({ run }: VisibleRun): string {
  return run.status === 'STOPPED' ? 'The run was stopped' : (run.reason?.detail ?? 'The run has failed');
}
