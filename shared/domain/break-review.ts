// Who may move a break to which status, and what a move changes. Under maker-checker a maker submits and another person, a
// checker, approves; nobody approves what they submitted, under whatever spelling of their name.
import { type Break, type BreakEntry, type BreakStatus, isGone } from './break.ts';
import { isSameName } from './distinguished-name.ts';
import type { AccessRole } from './graph/graph.ts';
import { fail, ok, type Result } from './result.ts';

export type Reviewer = { dn: string; roles: ReadonlySet<AccessRole> };

type Move = { to: BreakStatus; by: readonly AccessRole[]; byAnother?: true };

const workers = ['MAKER', 'CHECKER'] as const;

/** The documented moves first; those to OPEN are extensions: a checker rejects, or opens again. */
const reviewed: Record<BreakStatus, Move[]> = {
  OPEN: [{ to: 'PENDING_APPROVAL', by: ['MAKER'] }],
  PENDING_APPROVAL: [
    { to: 'CLOSED', by: ['CHECKER'], byAnother: true },
    { to: 'OPEN', by: ['CHECKER'] },
  ],
  CLOSED: [{ to: 'OPEN', by: ['CHECKER'] }],
};

/** Without maker-checker. A break that was submitted before it was switched off can still be closed. */
const direct: Record<BreakStatus, Move[]> = {
  OPEN: [{ to: 'CLOSED', by: workers }],
  PENDING_APPROVAL: [
    { to: 'CLOSED', by: workers },
    { to: 'OPEN', by: workers },
  ],
  CLOSED: [{ to: 'OPEN', by: workers }],
};

type Reviewed = Pick<Break, 'status' | 'submittedBy' | 'goneRunNumber'>;

export function allowedTransitions(item: Reviewed, makerChecker: boolean, reviewer: Reviewer): BreakStatus[] {
  return movesFrom(item, makerChecker)
    .filter((move) => refusalOf(move, item, reviewer) === undefined)
    .map(({ to }) => to);
}

export function judgeTransition(
  item: Reviewed,
  to: BreakStatus,
  makerChecker: boolean,
  reviewer: Reviewer,
): Result<BreakStatus> {
  if (!mayWork(reviewer)) return fail('FORBIDDEN', 'Only makers and checkers change the status of a break');
  if (isGone(item)) return fail('BREAK_GONE');
  if (item.status === to) return fail('BREAK_STATUS_UNCHANGED', `The break is ${to} already`);
  const move = movesFrom(item, makerChecker).find((one) => one.to === to);
  if (!move)
    return fail('BREAK_TRANSITION_INVALID', `A break that is ${item.status} cannot be moved to ${to}`, {
      field: 'status',
    });
  return refusalOf(move, item, reviewer) ?? ok(to);
}

/** Comments, assignments and reasons are for those who work on breaks. */
export function mayWork({ roles }: Pick<Reviewer, 'roles'>): boolean {
  return workers.some((role) => roles.has(role));
}

function movesFrom(item: Reviewed, makerChecker: boolean): Move[] {
  return isGone(item) ? [] : (makerChecker ? reviewed : direct)[item.status];
}

function refusalOf({ to, by, byAnother }: Move, { submittedBy }: Reviewed, { dn, roles }: Reviewer) {
  if (!by.some((role) => roles.has(role))) return fail('FORBIDDEN', `Only a ${by.join(' or ')} moves it to ${to}`);
  // A name that nobody can read is nobody's in particular: it may be the caller's.
  if (byAnother && (submittedBy === undefined || !isAnother(submittedBy, dn))) return fail('SELF_APPROVAL');
  return undefined;
}

function isAnother(one: string, other: string): boolean {
  return isSameName(one, one) && isSameName(other, other) && !isSameName(one, other);
}

/** What persons do beside moving it. */
export type Deed = {
  at: string;
  actorDn: string;
  action: string;
  /** With its id. */
  comment?: { id: number; text: string };
  status?: BreakStatus;
  assignee?: Break['assignee'] | null;
  reasonCode?: string | null;
};

/** The break as it is after a deed, in its next version, and the entry that tells of it. Whether it may be done is judged before. */
export function afterDeed(item: Break, deed: Deed): { break: Break; entry: BreakEntry } {
  const { status, assignee, reasonCode, comment, at, actorDn, action } = deed;
  const number = (item.entries ?? 0) + 1;
  const moved = status === undefined ? item : movedTo(item, status, at, actorDn);
  const next = withOptional(withOptional(moved, 'assignee', assignee), 'reasonCode', reasonCode);
  const entry: BreakEntry = {
    number,
    at,
    actorDn,
    action,
    ...(comment && { id: comment.id, comment: comment.text }),
    ...(status !== undefined && { status: { from: item.status, to: status } }),
    ...(assignee !== undefined && { assignee: { from: item.assignee?.dn ?? null, to: assignee?.dn ?? null } }),
    ...(reasonCode !== undefined && { reasonCode: { from: item.reasonCode ?? null, to: reasonCode } }),
  };
  return { break: { ...next, entries: number, version: item.version + 1 }, entry };
}

function movedTo(item: Break, status: BreakStatus, at: string, dn: string): Break {
  const { submittedBy, closedAt: _at, closedBy: _by, closedReason: _reason, ...rest } = item;
  if (status === 'OPEN') return { ...rest, status };
  if (status === 'PENDING_APPROVAL') return { ...rest, status, submittedBy: dn };
  return { ...rest, status, ...(submittedBy !== undefined && { submittedBy }), closedAt: at, closedBy: dn };
}

/** Null takes it away, undefined leaves it. */
function withOptional<Name extends 'assignee' | 'reasonCode'>(
  item: Break,
  name: Name,
  value: Break[Name] | null | undefined,
): Break {
  if (value === undefined) return item;
  const { [name]: _before, ...rest } = item;
  return (value === null ? rest : { ...rest, [name]: value }) as Break;
}
