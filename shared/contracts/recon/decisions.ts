// Routes of decisions (an extension): records that a person puts together, matches that a person undoes, and the second person
// who approves. The specification knows neither.
import { z } from 'zod';
import { route } from '../route.ts';
import { createdOf, dataOf, idParams, pageQuery, pagination, timestamp } from './envelope.ts';

const sums = z.record(z.string(), z.record(z.string(), z.string())).describe('Field → currency → exact sum');
const undoneSide = z.object({ records: z.int(), sums });
const undonePass = z.object({ pass: z.string(), matches: z.int(), source: undoneSide, target: undoneSide });
const runName = z.object({ id: z.uuid(), number: z.int() });
const scope = z.enum(['match', 'pass', 'run']);

export const decisionStatus = z.enum(['pending', 'approved', 'rejected', 'withdrawn']);

const decision = z.object({
  id: z.uuid(),
  number: z.int(),
  kind: z.enum(['together', 'apart', 'reversal']),
  status: decisionStatus,
  reason: z.string(),
  proposed_by: z.uuid(),
  proposed_at: timestamp,
  decided_by: z.uuid().nullable(),
  decided_at: timestamp.nullable(),
  comment: z.string().nullable(),
  run_id: z.uuid().nullable().describe('The run that the approval started'),
  reversed_by: z.uuid().nullable().describe('The decision that took this one back'),
  version: z.int(),
  together: z
    .object({
      source: z.string(),
      source_records: z.int(),
      target_records: z.int(),
      source_sums: sums,
      target_sums: sums,
    })
    .nullable(),
  apart: z.object({ scope, pass: z.string().nullable(), run: runName, passes: z.array(undonePass) }).nullable(),
  reverses: z.object({ id: z.uuid(), number: z.int() }).nullable(),
});

const preview = z.object({
  run: runName,
  passes: z.array(undonePass),
  breaks: z
    .object({
      count: z.int(),
      touched_by_persons: z.array(
        z.object({
          id: z.uuid(),
          status: z.string(),
          closed_by: z.string().nullable(),
          closed_reason: z.string().nullable(),
        }),
      ),
    })
    .describe('Breaks that these records had before they were matched, and would have again'),
  later_runs: z.array(runName).describe('Settled runs that built on these matches: undoing needs accept_dependents'),
  manual_matches: z
    .array(z.object({ id: z.uuid(), number: z.int(), status: decisionStatus }))
    .describe('Made by hand in this run, which an undo leaves alone, or standing or waiting and of the same records'),
});

const reason = z.string().trim().min(1).max(1_000);
const resultId = z.string().min(1).max(500).describe('The `id` of a result of the job');

/** Which matches; `scope` says which of these is needed. */
const undoFields = {
  result_id: resultId.optional().describe('Scope match: the match'),
  pass: z.string().max(200).optional().describe('Scope pass: its name'),
  run_id: z.uuid().optional().describe('The run; the newest settled when absent'),
};

/** One strict object, because a body is one; which fields go with which kind is checked where they are used. */
const proposeBody = z.strictObject({
  kind: z.enum(['together', 'apart', 'reversal']),
  reason,
  result_ids: z
    .array(resultId)
    .min(1)
    .max(2_000)
    .optional()
    .describe('together: open results, whose source and target records become one match'),
  source: z
    .string()
    .max(200)
    .optional()
    .describe('together: the source of the target records, where there are several'),
  scope: scope
    .optional()
    .describe('apart: one match (a pair, or the whole group of a member), a pass of a run, or a run'),
  ...undoFields,
  accept_dependents: z.boolean().optional().describe('apart: undo although later runs built on it'),
  decision_id: z.uuid().optional().describe('reversal: the approved decision to take back'),
});

const common = { tag: 'Decisions', auth: 'bearer', status: 200, extension: true } as const;
const params = z.object({ id: z.uuid(), decision_id: z.uuid() });
const decide = z.strictObject({
  version: z.int().min(1).optional().describe('The version that was seen: another is refused'),
  comment: z.string().trim().min(1).max(1_000).optional(),
});
const decideErrors = ['NOT_FOUND', 'FORBIDDEN', 'DECISION_NOT_PENDING', 'CONCURRENT_CHANGE'] as const;

export const decisionRoutes = {
  listDecisions: route({
    ...common,
    method: 'GET',
    path: '/api/reconciliation/jobs/{id}/decisions',
    summary: 'Manual matches, undos and their reversals, oldest first',
    params: idParams,
    query: z.object({ ...pageQuery, status: decisionStatus.optional() }),
    result: dataOf(z.object({ decisions: z.array(decision), pagination })),
    errors: ['NOT_FOUND'],
  }),
  proposeDecision: route({
    ...common,
    method: 'POST',
    path: '/api/reconciliation/jobs/{id}/decisions',
    status: 201,
    idempotent: true,
    summary: 'Propose a manual match, an undo or a reversal',
    description: 'It has no effect until another person approves it.',
    params: idParams,
    body: proposeBody,
    result: createdOf(decision),
    errors: [
      'NOT_FOUND',
      'RESULTS_NOT_READY',
      'RECORD_NOT_OPEN',
      'UNDO_HAS_DEPENDENTS',
      'NOTHING_TO_UNDO',
      'DECISION_NOT_IN_FORCE',
    ],
  }),
  previewUndo: route({
    ...common,
    method: 'POST',
    path: '/api/reconciliation/jobs/{id}/decisions/preview',
    summary: 'What an undo would open, and what depends on it; proposes nothing',
    params: idParams,
    body: z.strictObject({ scope, ...undoFields }),
    result: dataOf(preview),
    errors: ['NOT_FOUND', 'RESULTS_NOT_READY', 'NOTHING_TO_UNDO'],
  }),
  getDecision: route({
    ...common,
    method: 'GET',
    path: '/api/reconciliation/jobs/{id}/decisions/{decision_id}',
    summary: 'One decision',
    params,
    result: dataOf(decision),
    errors: ['NOT_FOUND'],
  }),
  approveDecision: route({
    ...common,
    method: 'POST',
    path: '/api/reconciliation/jobs/{id}/decisions/{decision_id}/approve',
    idempotent: true,
    summary: 'Approve what another person proposed; a run starts that goes by it',
    params,
    body: decide,
    bodyOptional: true,
    result: dataOf(decision),
    errors: [...decideErrors, 'RUN_ACTIVE', 'BATCH_MISSING', 'RECORD_NOT_OPEN', 'DECISION_NOT_IN_FORCE'],
  }),
  rejectDecision: route({
    ...common,
    method: 'POST',
    path: '/api/reconciliation/jobs/{id}/decisions/{decision_id}/reject',
    idempotent: true,
    summary: 'Reject what another person proposed',
    params,
    body: decide,
    bodyOptional: true,
    result: dataOf(decision),
    errors: decideErrors,
  }),
  withdrawDecision: route({
    ...common,
    method: 'POST',
    path: '/api/reconciliation/jobs/{id}/decisions/{decision_id}/withdraw',
    idempotent: true,
    summary: 'Take one’s own proposal back before it is decided',
    params,
    body: decide,
    bodyOptional: true,
    result: dataOf(decision),
    errors: decideErrors,
  }),
};
