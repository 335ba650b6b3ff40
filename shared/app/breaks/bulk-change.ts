// One status change, one comment or both for many breaks: all of them or none. Everything is judged first, each break under its own
// definition; then each is marked in the version that was judged; then one conditional write of the bulk changes all at once.
import type { Break, BreakStatus } from '../../domain/break.ts';
import { type BreakBulk, type BulkTargets, bulkBreaksMax } from '../../domain/break-bulk.ts';
import { judgeTransition, mayWork } from '../../domain/break-review.ts';
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import { splitNumber } from '../../domain/composite-number.ts';
import { type ErrorKind, errorCatalogue } from '../../domain/errors.ts';
import type { Feed } from '../../domain/feed.ts';
import { type Failure, fail, ok, type Result } from '../../domain/result.ts';
import type { BreakWrite } from '../../ports/break-store.ts';
import type { Deps } from '../deps.ts';
import { eachOf } from '../each-of.ts';
import { type ActDeps, isMarked } from './act-on-break.ts';
import { bulkWritesAtOnce, groupsOf, takeOffMarks, writeCommitted } from './bulk-marks.ts';
import { type VisibleBreak, visibleBreaks } from './visible-breaks.ts';

export type BulkChange = {
  ids: number[];
  status?: BreakStatus | undefined;
  comment?: string | undefined;
  action?: string | undefined;
  /** Asked before anything is changed, of what would be. */
  refuse?: (breaks: VisibleBreak[]) => Promise<Failure | undefined>;
};

export type BulkChangeDeps = ActDeps & Pick<Deps, 'bulks' | 'ids'>;

/** The changed breaks in the order of their ids as they were given, each once. */
export async function bulkChange(
  deps: BulkChangeDeps,
  actor: BreaksActor,
  command: BulkChange,
): Promise<Result<VisibleBreak[]>> {
  const ids = [...new Set(command.ids)];
  if (command.status === undefined && command.comment === undefined)
    return fail('REQUEST_INVALID', 'Give a status, a comment or both', { field: 'status' });
  if (ids.length === 0 || ids.length > bulkBreaksMax)
    return fail('REQUEST_INVALID', `Give 1 to ${bulkBreaksMax} breaks`, { field: 'breakIds' });
  const judged = judgeAll(actor, command, ids, await visibleBreaks(deps, actor, ids));
  if (!judged.ok) return judged;
  const refused = await command.refuse?.(judged.value);
  if (refused) return refused;

  const bulk = await newBulk(deps, actor, command, judged.value);
  await deps.bulks.create(bulk);
  const isMarkedWhole = await markAll(deps, bulk, judged.value);
  const at = new Date(deps.clock.now()).toISOString();
  const state = await deps.bulks.decide(bulk, isMarkedWhole ? 'COMMITTED' : 'ABORTED', at);
  if (state !== 'COMMITTED') {
    await takeOffMarks(deps, bulk);
    return fail('CONCURRENT_CHANGE', 'Somebody else changed one of the breaks at the same time; none was changed');
  }
  await writeCommitted(deps, { ...bulk, state, decidedAt: at });
  const changed = await visibleBreaks(deps, actor, ids);
  const lost = changed.find((one) => !one.ok);
  return lost ?? ok(changed.flatMap((one) => (one.ok ? [one.value] : [])));
}

function judgeAll(
  actor: BreaksActor,
  { status }: BulkChange,
  ids: number[],
  found: Result<VisibleBreak>[],
): Result<VisibleBreak[]> {
  const judged = found.map((one) => (one.ok ? judge(actor, status, one.value) : one));
  const refusals = judged.filter((one) => !one.ok);
  if (refusals.length === 0) return ok(judged.flatMap((one) => (one.ok ? [one.value] : [])));
  const worst = refusals.toSorted((a, b) => rankOf(a) - rankOf(b))[0]!;
  const report = judged.map((one, index) => {
    const id = ids[index]!;
    return one.ok ? { id, error: null, message: 'Not changed' } : { id, error: one.code, message: one.detail };
  });
  const detail = `${refusals.length} of ${ids.length} breaks cannot be changed so, and none was. ${worst.detail}`;
  return fail(worst.code, detail, { report });
}

function judge({ dn }: BreaksActor, status: BreakStatus | undefined, visible: VisibleBreak): Result<VisibleBreak> {
  const { item, reconciliation, roles } = visible;
  if (!mayWork({ roles })) return fail('FORBIDDEN', 'Only makers and checkers change breaks');
  if (isMarked(item)) return fail('CONCURRENT_CHANGE', 'The break is being changed together with others');
  if (status === undefined) return ok(visible);
  const judged = judgeTransition(item, status, reconciliation.graph.makerCheckerEnabled, { dn, roles });
  return judged.ok ? ok(visible) : judged;
}

/** What the whole is answered with, when breaks are refused for several reasons. */
const kinds: ErrorKind[] = ['not-found', 'forbidden', 'invalid', 'conflict'];
function rankOf({ code }: Failure): number {
  return kinds.indexOf(errorCatalogue[code].kind);
}

async function newBulk(
  deps: BulkChangeDeps,
  actor: BreaksActor,
  { status, comment, action = status === undefined ? 'COMMENT' : 'STATUS_CHANGE' }: BulkChange,
  judged: VisibleBreak[],
): Promise<BreakBulk> {
  const { tenant, dn } = actor;
  const firstCommentId = comment === undefined ? undefined : await deps.numbers.take(tenant, 'comment', judged.length);
  return {
    tenant,
    bulkId: deps.ids.uuid(),
    actorDn: dn,
    action,
    ...(status !== undefined && { status }),
    ...(comment !== undefined && { comment, firstCommentId: firstCommentId! }),
    targets: [...byReconciliation(judged).values()].map(
      (group): BulkTargets => ({
        reconciliationId: group[0]!.item.reconciliationId,
        number: splitNumber(group[0]!.id)!.number,
        breakIds: group.map(({ item }) => item.breakId),
      }),
    ),
    startedAt: new Date(deps.clock.now()).toISOString(),
    state: 'MARKING',
  };
}

/** In one order for everybody, so that of two who want the same breaks one comes first. */
function byReconciliation(judged: VisibleBreak[]): Map<string, VisibleBreak[]> {
  const inOrder = judged.toSorted((a, b) => a.id - b.id);
  return Map.groupBy(inOrder, ({ item }) => item.reconciliationId);
}

/** False when a break is no longer as it was judged. */
async function markAll(deps: BulkChangeDeps, { bulkId }: BreakBulk, judged: VisibleBreak[]): Promise<boolean> {
  const groups: { writes: BreakWrite[]; feed: Feed | undefined }[] = [];
  for (const group of byReconciliation(judged).values()) {
    const [stored, unstored] = [group.filter(({ feed }) => !feed), group.filter(({ feed }) => feed)];
    groups.push(
      ...groupsOf(stored.map(({ item }) => marked(item, bulkId))).map((writes) => ({ writes, feed: undefined })),
    );
    const feed = unstored[0]?.feed;
    groups.push(...groupsOf(unstored.map(({ item }) => marked(item, bulkId))).map((writes) => ({ writes, feed })));
  }
  let isWhole = true;
  const mark = async ({ writes, feed }: (typeof groups)[number]): Promise<void> => {
    if (isWhole && !(await deps.breaks.save(writes, feed))) isWhole = false;
  };
  // The first by itself: of two who want the same breaks the other stops here.
  const [first, ...rest] = groups;
  if (first) await mark(first);
  await eachOf(rest, bulkWritesAtOnce, mark);
  return isWhole;
}

/** What an earlier bulk left to write of the break is written with the mark, which takes its place. */
function marked(item: Break, bulkId: string): BreakWrite {
  const { bulk, ...rest } = item;
  return {
    break: { ...rest, version: item.version + 1, bulk: { bulkId } },
    expected: item.version,
    ...(bulk?.unwritten && { entries: [bulk.unwritten] }),
  };
}
