// Every error code of the recon surface with its status. The first six are the specification's; the others are conditions that it
// has no code for. A test holds this table to the core's catalogue.

export const reconErrors = {
  VALIDATION_ERROR: { status: 400, meaning: 'Input failed validation' },
  UNAUTHORIZED: { status: 401, meaning: 'Missing or invalid credentials' },
  FORBIDDEN: { status: 403, meaning: 'Lacking the required role or permission' },
  NOT_FOUND: { status: 404, meaning: 'Referenced resource does not exist' },
  RATE_LIMIT_EXCEEDED: { status: 429, meaning: 'Slow down; retry after reset' },
  INTERNAL_ERROR: { status: 500, meaning: 'Unexpected server-side failure' },
  REGISTRATION_CLOSED: { status: 403, meaning: 'Self-registration is switched off in this deployment' },
  METHOD_NOT_ALLOWED: { status: 405, meaning: 'The path has no such method; see Allow' },
  BODY_TOO_LARGE: { status: 413, meaning: 'The body is over 4 MiB; use POST /api/files/presigned' },
  PAGE_TOO_LARGE: { status: 413, meaning: 'The rows of this page are more than a reply can hold; ask for fewer' },
  WORKBOOK_TOO_LARGE: {
    status: 413,
    meaning: 'The rows are more than a workbook can be made of; ask for csv or json, or for one status',
  },
  SERVICE_UNAVAILABLE: {
    status: 503,
    meaning: 'A service that this needs does not answer; repeat it after the seconds of Retry-After',
  },
  EMAIL_TAKEN: { status: 409, meaning: 'An account with this e-mail exists' },
  CODE_TAKEN: { status: 409, meaning: 'A job with this code exists' },
  CONCURRENT_CHANGE: { status: 409, meaning: 'Somebody else changed this at the same time' },
  IDEMPOTENCY_KEY_REUSED: { status: 409, meaning: 'The Idempotency-Key was used for another request' },
  REPLY_NOT_KEPT: {
    status: 409,
    meaning: 'The first request with this Idempotency-Key was done; read what it changed',
  },
  REQUEST_IN_PROGRESS: { status: 409, meaning: 'The first request with this Idempotency-Key is still worked on' },
  RUN_ACTIVE: { status: 409, meaning: 'A run of this job is active' },
  RUN_NOT_ACTIVE: { status: 409, meaning: 'No run of this job is active' },
  RUN_NOT_STOPPED: { status: 409, meaning: 'Only a stopped or failed run can be resumed' },
  RUN_SETTLING: { status: 409, meaning: 'The outcome of the run is decided and is being written' },
  RUN_SUPERSEDED: { status: 409, meaning: 'A later run has settled or has taken the batches of this one' },
  BATCH_MISSING: { status: 409, meaning: 'A source has no file to reconcile' },
  BATCH_WITHDRAWN: { status: 409, meaning: 'The batch is withdrawn' },
  BATCH_NOT_HELD: { status: 409, meaning: 'The batch is not held' },
  DECISION_NOT_PENDING: { status: 409, meaning: 'The decision was decided before' },
  DECISION_NOT_IN_FORCE: { status: 409, meaning: 'The decision does not hold, so it cannot be reversed' },
  RECORD_NOT_OPEN: { status: 409, meaning: 'A record is matched already' },
  UNDO_HAS_DEPENDENTS: { status: 409, meaning: 'Later runs built on these matches' },
  NOTHING_TO_UNDO: { status: 409, meaning: 'The run has no such matches, or they are undone already' },
  RESULTS_NOT_READY: { status: 409, meaning: 'The run has no results yet' },
} as const satisfies Record<string, { status: number; meaning: string }>;

export type ReconErrorCode = keyof typeof reconErrors;

/** Codes that follow from what a route is, and need not be named with it. */
export const impliedErrors = {
  every: ['VALIDATION_ERROR', 'RATE_LIMIT_EXCEEDED', 'INTERNAL_ERROR', 'SERVICE_UNAVAILABLE'],
  bearer: ['UNAUTHORIZED'],
  idempotent: ['IDEMPOTENCY_KEY_REUSED', 'REQUEST_IN_PROGRESS', 'REPLY_NOT_KEPT'],
  body: ['BODY_TOO_LARGE'],
} as const satisfies Record<string, readonly ReconErrorCode[]>;
