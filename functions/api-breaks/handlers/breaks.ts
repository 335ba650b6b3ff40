// Breaks one by one and many at once. Ids are split and joined by the use cases; what a caller may do is worked out for each reply.
import { type AssignDeps, assignBreak } from '../../../shared/app/breaks/assign-break.ts';
import { type BreakDetails, detailsOf } from '../../../shared/app/breaks/break-details.ts';
import { breakHistory } from '../../../shared/app/breaks/break-history.ts';
import { type BulkChangeDeps, bulkChange } from '../../../shared/app/breaks/bulk-change.ts';
import { changeBreakStatus } from '../../../shared/app/breaks/change-break-status.ts';
import { commentOnBreak } from '../../../shared/app/breaks/comment-on-break.ts';
import { setReason } from '../../../shared/app/breaks/set-reason.ts';
import { type VisibleBreak, visibleBreak } from '../../../shared/app/breaks/visible-breaks.ts';
import type { breakRoutes } from '../../../shared/contracts/breaks/breaks.ts';
import type { Break } from '../../../shared/domain/break.ts';
import type { BreaksActor } from '../../../shared/domain/breaks-actor.ts';
import { ok, type Result } from '../../../shared/domain/result.ts';
import type { Handlers } from '../../../shared/http/handlers.ts';
import { presentItem } from '../present/break.ts';
import { presentHistory } from '../present/break-history.ts';
import { entriesPerBreak, tooLargeForReply, withShortComments } from '../present/bulk.ts';

/** By `breakId`, of breaks of one reconciliation. */
type Detailed = (items: Break[]) => Promise<Map<string, BreakDetails>>;

export function breakHandlers(deps: BulkChangeDeps & AssignDeps): Handlers<typeof breakRoutes, BreaksActor> {
  /** Each under the definition of the run that made its values, with what `detailed` gives of its comments. */
  async function present(actor: BreaksActor, changed: VisibleBreak[], detailed: Detailed) {
    const shown = new Map<number, ReturnType<typeof presentItem>>();
    const runs = new Map<string, ReturnType<typeof contextOf>>();
    for (const group of Map.groupBy(changed, ({ item }) => item.reconciliationId).values()) {
      const details = await detailed(group.map(({ item }) => item));
      for (const { id, item, reconciliation, roles } of group) {
        if (!runs.has(item.lastRunId)) runs.set(item.lastRunId, contextOf(reconciliation, item));
        const { definition, dimensions } = await runs.get(item.lastRunId)!;
        const context = { graph: reconciliation.graph, definition, dimensions, reviewer: { dn: actor.dn, roles } };
        shown.set(id, presentItem(context, details.get(item.breakId) ?? { item, comments: [] }));
      }
    }
    return changed.map(({ id }) => shown.get(id)!);
  }

  async function contextOf({ definition }: VisibleBreak['reconciliation'], item: Break) {
    const { tenant, reconciliationId, lastRunId: runId } = item;
    const run = await deps.runs.get({ tenant, reconciliationId, runId });
    return { definition: run?.definition ?? definition!, dimensions: run?.dimensions ?? {} };
  }

  async function one(actor: BreaksActor, found: Result<VisibleBreak>) {
    if (!found.ok) return found;
    return ok((await present(actor, [found.value], (items) => detailsOf(deps, items[0]!, items)))[0]!);
  }

  return {
    async getBreak({ actor, params }) {
      return one(actor, await visibleBreak(deps, actor, params.id));
    },
    async commentOnBreak({ actor, params, body }) {
      const { comment, action } = body;
      return one(actor, await commentOnBreak(deps, actor, { ...params, comment, action: action ?? undefined }));
    },
    async changeBreakStatus({ actor, params, body }) {
      const { status, comment, action } = body;
      const command = { ...params, status, comment: comment ?? undefined, action: action ?? undefined };
      return one(actor, await changeBreakStatus(deps, actor, command));
    },
    async changeBreaks({ actor, body }) {
      const { breakIds: ids, status, comment, action } = body;
      const changed = await bulkChange(deps, actor, {
        ids,
        status: status ?? undefined,
        comment: comment ?? undefined,
        action: action ?? undefined,
        refuse: async (breaks) => tooLargeForReply(await present(actor, breaks, async () => new Map())),
      });
      if (!changed.ok) return changed;
      const count = changed.value.length;
      const shortly: Detailed = async (items) => {
        const details = await detailsOf(deps, items[0]!, items, entriesPerBreak(count));
        return new Map([...details].map(([breakId, one]) => [breakId, withShortComments(one, count)]));
      };
      return ok(await present(actor, changed.value, shortly));
    },
    async assignBreak({ actor, params, body }) {
      const { assigneeDn, comment } = body;
      return one(actor, await assignBreak(deps, actor, { ...params, assigneeDn, comment: comment ?? undefined }));
    },
    async setBreakReason({ actor, params, body }) {
      const { reasonCode, comment } = body;
      return one(actor, await setReason(deps, actor, { ...params, reasonCode, comment: comment ?? undefined }));
    },
    async breakHistory({ actor, params, query }) {
      const found = await breakHistory(deps, actor, { ...params, limit: query.limit, before: query.cursor });
      return found.ok ? ok(presentHistory(found.value)) : found;
    },
  };
}
