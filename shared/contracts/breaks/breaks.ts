// Routes of breaks: comments, status changes by makers and checkers, many at once, and as extensions history, assignment and reason.
import { z } from 'zod';
import { route } from '../route.ts';
import { anomaly } from './anomalies.ts';
import { idParams, integerId, integerText, timestamp } from './envelope.ts';

/** As many breaks as one bulk may change, and one page shows. */
const breaksMax = 1_000;
const commentCharactersMax = 10_000;

export const breakStatus = z.enum(['OPEN', 'PENDING_APPROVAL', 'CLOSED']);
export const breakType = z
  .enum(['MISMATCH', 'MISSING_IN_SOURCE_A', 'MISSING_IN_SOURCE_B', 'DUPLICATE', 'SEARCH_EXHAUSTED', 'AMBIGUOUS'])
  .describe(
    'Source A is the anchor, B the source that it is compared with. Extensions: DUPLICATE (its key is there more than once), SEARCH_EXHAUSTED (not all groups could be tried) and AMBIGUOUS (several partners fit as well)',
  );

const side = z
  .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
  .describe('Canonical field → value; {} where the side has no record. Numbers have exactly the digits of the record');

const comment = z.object({
  id: z.int(),
  actorDn: z.string(),
  action: z.string(),
  comment: z.string(),
  createdAt: timestamp,
});

export const breakItem = z.object({
  id: z.int(),
  breakType,
  status: breakStatus,
  product: z.string().nullable(),
  subProduct: z.string().nullable(),
  entity: z.string().nullable(),
  allowedStatusTransitions: z
    .array(breakStatus)
    .describe('What this caller may do now. To OPEN, by a checker: extensions that reject a submission, or open again'),
  detectedAt: timestamp,
  sourceA: side,
  sourceB: side,
  comments: z.array(comment).describe('The newest 50, oldest first; the history has all'),
  submittedBy: z.string().nullable().describe('Extension: the DN of the maker who submitted it'),
  assignee: z.object({ dn: z.string(), name: z.string() }).nullable().describe('Extension'),
  reasonCode: z.string().nullable().describe('Extension: why it is there'),
  anomalies: z
    .array(anomaly)
    .describe(
      'Extension: what was unusual about it, beside the runs before, when it was opened or its values last changed; at most 5, the furthest first',
    ),
});

const historyEntry = z.object({
  number: z.int(),
  actorDn: z.string().describe('A DN, or SYSTEM'),
  action: z.string(),
  createdAt: timestamp,
  commentId: z.int().nullable(),
  comment: z.string().nullable(),
  status: z.object({ from: breakStatus, to: breakStatus }).nullable(),
  assignee: z.object({ from: z.string().nullable(), to: z.string().nullable() }).nullable(),
  reasonCode: z.object({ from: z.string().nullable(), to: z.string().nullable() }).nullable(),
});

const history = z.object({
  id: z.int(),
  detectedAt: timestamp,
  closed: z
    .object({ at: timestamp, by: z.string(), reason: z.string().nullable() })
    .nullable()
    .describe('By `system`: it was no longer in the data, and why'),
  previousBreakId: z.int().nullable().describe('The closed break of the same key that this one follows'),
  entries: z.array(historyEntry).describe('The newest first'),
  nextCursor: z.string().nullable(),
});

const text = (charactersMax: number) => z.string().trim().min(1).max(charactersMax);
const commentText = text(commentCharactersMax);
const action = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'letters, digits, _ and -, beginning with a letter, at most 64')
  .nullish()
  .describe('An action code of the caller’s own');
const reasonCode = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'letters, digits, _, - and ., at most 64');
const target = breakStatus.describe(
  'PENDING_APPROVAL or CLOSED. Extension: OPEN, by a checker, rejects or opens again',
);

const common = { tag: 'Breaks', auth: 'bearer', status: 200 } as const;
const change = ['NOT_FOUND', 'FORBIDDEN', 'CONCURRENT_CHANGE', 'RUN_SETTLING'] as const;
const moves = ['SELF_APPROVAL', 'BREAK_TRANSITION_INVALID', 'BREAK_STATUS_UNCHANGED', 'BREAK_GONE'] as const;

export const breakRoutes = {
  commentOnBreak: route({
    ...common,
    method: 'POST',
    path: '/api/breaks/{id}/comments',
    idempotent: true,
    summary: 'Add a comment to the timeline of a break',
    description: 'For makers and checkers of the reconciliation. The status stays as it is.',
    params: idParams,
    body: z.strictObject({ comment: commentText, action }),
    result: breakItem,
    errors: change,
  }),
  changeBreakStatus: route({
    ...common,
    method: 'PATCH',
    path: '/api/breaks/{id}/status',
    idempotent: true,
    summary: 'Move a break to another status',
    description:
      'Under maker-checker a maker moves OPEN to PENDING_APPROVAL, and a checker who did not submit it moves that to CLOSED. Without, makers and checkers move OPEN to CLOSED. Of two who move it at the same time one gets 409.',
    params: idParams,
    body: z.strictObject({ status: target, comment: commentText.nullish(), action }),
    result: breakItem,
    errors: [...change, ...moves],
  }),
  changeBreaks: route({
    ...common,
    method: 'POST',
    path: '/api/breaks/bulk',
    idempotent: true,
    summary: 'Change the status of many breaks, comment on them, or both',
    description: `All of them or none, at most ${breaksMax}; also of several reconciliations, each under its own definition. Where one is refused the answer lists every refused break in detail.report. Breaks whose values no reply can hold are a 413 before anything is changed, with detail.breaksMax. Of long histories the reply has the newest comments, cut so that all breaks fit.`,
    body: z.strictObject({
      breakIds: z.array(integerId).min(1).max(breaksMax),
      status: target.nullish(),
      comment: commentText.nullish(),
      action,
    }),
    result: z.array(breakItem),
    errors: [...change, ...moves, 'PAGE_TOO_LARGE'],
  }),
  breakHistory: route({
    ...common,
    method: 'GET',
    path: '/api/breaks/{id}/history',
    extension: true,
    summary: 'Everything that was done to a break',
    params: idParams,
    query: z.object({
      limit: integerText(1, 200).default(50),
      cursor: integerText(1).optional().describe('`nextCursor` of the page before'),
    }),
    result: history,
    errors: ['NOT_FOUND'],
  }),
  getBreak: route({
    ...common,
    method: 'GET',
    path: '/api/breaks/{id}',
    extension: true,
    summary: 'One break',
    params: idParams,
    result: breakItem,
    errors: ['NOT_FOUND'],
  }),
  assignBreak: route({
    ...common,
    method: 'PUT',
    path: '/api/breaks/{id}/assignment',
    extension: true,
    idempotent: true,
    summary: 'Assign a break to a maker or checker, or to nobody',
    params: idParams,
    body: z.strictObject({ assigneeDn: text(2_000).nullable(), comment: commentText.nullish() }),
    result: breakItem,
    errors: [...change, 'ASSIGNEE_INVALID'],
  }),
  setBreakReason: route({
    ...common,
    method: 'PUT',
    path: '/api/breaks/{id}/reason',
    extension: true,
    idempotent: true,
    summary: 'Say by a code why a break is there',
    params: idParams,
    body: z.strictObject({ reasonCode: reasonCode.nullable(), comment: commentText.nullish() }),
    result: breakItem,
    errors: change,
  }),
};
