// Every error code of the break management surface with its status. Its document names statuses and no codes, so the codes
// are the core's own. A test holds this table to the core's catalogue.

export const breaksErrors = {
  REQUEST_INVALID: { status: 422, meaning: 'Input failed validation' },
  UNAUTHENTICATED: { status: 401, meaning: 'The token is missing, expired or invalid' },
  FORBIDDEN: { status: 403, meaning: 'The directory group for this is missing' },
  NOT_FOUND: { status: 404, meaning: 'There is no such resource, or it is not visible to the caller' },
  RATE_LIMITED: { status: 429, meaning: 'Too many requests; retry after the reset' },
  INTERNAL_ERROR: { status: 500, meaning: 'Unexpected failure; the logs have it under the correlation id' },
  METHOD_NOT_ALLOWED: { status: 405, meaning: 'The path has no such method; see Allow' },
  BODY_TOO_LARGE: { status: 413, meaning: 'The body is over 4 MiB' },
  PAGE_TOO_LARGE: { status: 413, meaning: 'The reply is larger than can be sent; ask for less' },
  SERVICE_UNAVAILABLE: {
    status: 503,
    meaning: 'A service that this needs does not answer; repeat it after the seconds of Retry-After',
  },
  IDEMPOTENCY_KEY_REUSED: { status: 409, meaning: 'The Idempotency-Key was used for another request' },
  REPLY_NOT_KEPT: {
    status: 409,
    meaning: 'The first request with this Idempotency-Key was done; read what it changed',
  },
  REQUEST_IN_PROGRESS: { status: 409, meaning: 'The first request with this Idempotency-Key is still worked on' },
  CONCURRENT_CHANGE: { status: 409, meaning: 'Somebody else changed this in the meantime: read it again' },
  DEFINITION_INVALID: {
    status: 422,
    meaning: 'The configuration graph has faults; all are listed, each with its path',
  },
  DOCUMENT_TOO_LARGE: { status: 413, meaning: 'The graph is larger than can be kept' },
  CODE_TAKEN: { status: 409, meaning: 'A definition with this code exists' },
  LIFECYCLE_CONFLICT: { status: 409, meaning: 'A definition goes from DRAFT to PUBLISHED to RETIRED, and never back' },
  BATCH_NOT_HELD: { status: 409, meaning: 'The batch is not held' },
  BATCH_FAILED: { status: 422, meaning: 'The file cannot be loaded; the message is the reason' },
  NOT_PUBLISHED: { status: 409, meaning: 'The reconciliation is not published' },
  RUN_ACTIVE: { status: 409, meaning: 'A run of this reconciliation is active' },
  RUN_FAILED: { status: 409, meaning: 'The run has failed or was stopped; the message is its reason' },
  RESULTS_NOT_READY: { status: 409, meaning: 'The run has no results that could be shown' },
  BATCH_MISSING: { status: 409, meaning: 'A source has no batch to reconcile' },
  RUN_SETTLING: { status: 409, meaning: 'A run is writing its breaks; repeat it in a moment' },
  SELF_APPROVAL: { status: 403, meaning: 'Nobody approves what they submitted themselves' },
  BREAK_TRANSITION_INVALID: { status: 422, meaning: 'A break of this status cannot be moved to that one' },
  BREAK_STATUS_UNCHANGED: { status: 409, meaning: 'The break has this status already' },
  BREAK_GONE: { status: 409, meaning: 'The break is no longer in the data' },
  ASSIGNEE_INVALID: { status: 422, meaning: 'The assignee is nobody who works on this reconciliation' },
} as const satisfies Record<string, { status: number; meaning: string }>;

export type BreaksErrorCode = keyof typeof breaksErrors;

/** Codes that follow from what a route is, and need not be named with it. */
export const impliedErrors = {
  every: ['REQUEST_INVALID', 'RATE_LIMITED', 'INTERNAL_ERROR', 'SERVICE_UNAVAILABLE'],
  bearer: ['UNAUTHENTICATED'],
  idempotent: ['IDEMPOTENCY_KEY_REUSED', 'REQUEST_IN_PROGRESS', 'REPLY_NOT_KEPT'],
  body: ['BODY_TOO_LARGE'],
} as const satisfies Record<string, readonly BreaksErrorCode[]>;
