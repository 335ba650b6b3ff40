// The one catalogue of expected failures: code → kind, message, what to do. HTTP statuses and exit codes follow
// from the kind, in one place each. Every code is provoked by a test that names it.

export type ErrorKind =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'too-large'
  | 'limited'
  | 'not-allowed'
  | 'unavailable';

type Entry = { kind: ErrorKind; message: string; remedy: string };

export const errorCatalogue = {
  // Input files
  FILE_UNREADABLE: {
    kind: 'invalid',
    message: 'The file cannot be read',
    remedy: 'Check the path, the permissions and that the file is whole',
  },
  FILE_EMPTY: {
    kind: 'invalid',
    message: 'The file has no rows',
    remedy: 'Send a file with a header and at least one row',
  },
  FILE_TYPE_MISMATCH: {
    kind: 'invalid',
    message: 'The content is not of the type that the name or format says',
    remedy: 'Correct the name, or give the format',
  },
  FILE_TOO_LARGE: {
    kind: 'too-large',
    message: 'The file expands beyond the limit',
    remedy: 'Send it as CSV or Parquet',
  },
  SHEET_REQUIRED: { kind: 'invalid', message: 'The workbook has more than one sheet', remedy: 'Name the sheet' },
  COLUMN_MISSING: {
    kind: 'invalid',
    message: 'A mapped column is not in the header',
    remedy: 'Correct the mapping or the file',
  },
  COLUMN_DUPLICATED: {
    kind: 'invalid',
    message: 'A mapped column is in the header more than once',
    remedy: 'Rename one of the columns',
  },
  READING_AMBIGUOUS: {
    kind: 'invalid',
    message: 'The values of a column can be read in more than one way',
    remedy: 'Give the reading of the field',
  },
  KEY_COLUMN_EMPTY: { kind: 'invalid', message: 'No row has a value in the key', remedy: 'Choose another key' },
  REJECTS_EXCEEDED: {
    kind: 'invalid',
    message: 'More rows were rejected than allowed',
    remedy: 'Look at the rejects; raise rejectsMax if they are right',
  },
  CONTROL_TOTAL_DIFFERS: {
    kind: 'invalid',
    message: 'The file disagrees with its control total',
    remedy: 'Ask for the file again',
  },
  DOCUMENT_TOO_LARGE: {
    kind: 'too-large',
    message: 'A definition or summary is larger than can be kept',
    remedy: 'Use fewer fields, or a currency field with fewer values',
  },
  SUM_TOO_LARGE: { kind: 'invalid', message: 'A sum has more than 38 digits', remedy: 'Split the data' },
  KEY_TOO_FREQUENT: {
    kind: 'invalid',
    message: 'One key has more rows than can be paired',
    remedy: 'Choose a key that tells rows apart',
  },
  NO_SHARED_KEY: {
    kind: 'invalid',
    message: 'No set of shared columns is unique on both sides',
    remedy: 'Name the key',
  },
  // Definitions
  DEFINITION_INVALID: { kind: 'invalid', message: 'The definition is not valid', remedy: 'Correct each fault listed' },
  PASS_KIND_UNKNOWN: {
    kind: 'invalid',
    message: 'There is no pass of this kind',
    remedy: 'Use one of the kinds listed',
  },
  CONFIRMED_INVALID: {
    kind: 'invalid',
    message: 'The confirmed matches do not fit the data',
    remedy: 'Give rows or keys of these very files',
  },
  LIFECYCLE_CONFLICT: {
    kind: 'conflict',
    message: 'A definition goes from draft to published to retired, and never back',
    remedy: 'Make a new definition',
  },
  // Requests
  REQUEST_INVALID: {
    kind: 'invalid',
    message: 'The request is not valid',
    remedy: 'Correct the field named in the details',
  },
  BODY_TOO_LARGE: {
    kind: 'too-large',
    message: 'The body is over the limit',
    remedy: 'Ask for a presigned upload and send the file there',
  },
  UNAUTHENTICATED: { kind: 'unauthenticated', message: 'Missing or invalid credentials', remedy: 'Sign in' },
  FORBIDDEN: {
    kind: 'forbidden',
    message: 'The role or permission for this is missing',
    remedy: 'Ask an administrator',
  },
  REGISTRATION_CLOSED: {
    kind: 'forbidden',
    message: 'Self-registration is switched off',
    remedy: 'Ask an administrator for an account',
  },
  NOT_FOUND: { kind: 'not-found', message: 'There is no such resource', remedy: 'Check the id' },
  EMAIL_TAKEN: { kind: 'conflict', message: 'An account with this e-mail exists', remedy: 'Sign in' },
  CODE_TAKEN: { kind: 'conflict', message: 'A reconciliation with this code exists', remedy: 'Choose another code' },
  METHOD_NOT_ALLOWED: {
    kind: 'not-allowed',
    message: 'The path exists, but not with this method',
    remedy: 'Use a method of the Allow header',
  },
  IDEMPOTENCY_KEY_REUSED: {
    kind: 'conflict',
    message: 'The Idempotency-Key was used before with a different request',
    remedy: 'Use a new key for a new request',
  },
  REPLY_NOT_KEPT: {
    kind: 'conflict',
    message: 'The first request with this Idempotency-Key was done; its answer was too large to be kept',
    remedy: 'Read what it changed',
  },
  REQUEST_IN_PROGRESS: {
    kind: 'conflict',
    message: 'A request with this Idempotency-Key is still being worked on',
    remedy: 'Repeat it in a moment',
  },
  CONCURRENT_CHANGE: {
    kind: 'conflict',
    message: 'Somebody else changed this at the same time',
    remedy: 'Read it again and repeat the change',
  },
  SERVICE_UNAVAILABLE: {
    kind: 'unavailable',
    message: 'A service that this needs does not answer',
    remedy: 'Repeat it in a moment',
  },
  RATE_LIMITED: { kind: 'limited', message: 'Too many requests', remedy: 'Retry after the reset time' },
  // Runs and batches
  RUN_ACTIVE: {
    kind: 'conflict',
    message: 'A run of this reconciliation is active',
    remedy: 'Wait for it, or stop it',
  },
  RUN_NOT_ACTIVE: { kind: 'conflict', message: 'The run is not active', remedy: 'Start a new run' },
  RUN_NOT_STOPPED: {
    kind: 'conflict',
    message: 'Only a stopped or failed run can be resumed',
    remedy: 'Start a new run',
  },
  BATCH_MISSING: { kind: 'conflict', message: 'A source has no batch to reconcile', remedy: 'Load one' },
  BATCH_STALE: {
    kind: 'conflict',
    message: 'The batch was loaded under another definition, and could not be loaded under this one',
    remedy: 'Correct the mappings, or replace the file; start the run again where no reason is given',
  },
  BATCH_FAILED: {
    kind: 'invalid',
    message: 'The file cannot be loaded',
    remedy: 'Correct the file, or the mappings and options of its source',
  },
  BATCH_NOT_HELD: { kind: 'conflict', message: 'The batch is not held', remedy: 'Look at its status' },
  RUN_SETTLING: {
    kind: 'conflict',
    message: 'The outcome of the run is decided and its breaks are being written',
    remedy: 'Wait for it',
  },
  RUN_SUPERSEDED: {
    kind: 'conflict',
    message: 'A later run has settled or has taken its batches',
    remedy: 'Start a new run',
  },
  DECISION_NOT_PENDING: {
    kind: 'conflict',
    message: 'The decision was decided before',
    remedy: 'Look at its status; reverse it with a new decision',
  },
  DECISION_NOT_IN_FORCE: {
    kind: 'conflict',
    message: 'The decision does not hold, so it cannot be reversed',
    remedy: 'Look at its status',
  },
  RECORD_NOT_OPEN: {
    kind: 'conflict',
    message: 'A record is matched already',
    remedy: 'Undo its match first, or choose records that are open',
  },
  UNDO_HAS_DEPENDENTS: {
    kind: 'conflict',
    message: 'Later runs built on these matches',
    remedy: 'Look at what depends on them, then say that you accept it',
  },
  NOTHING_TO_UNDO: {
    kind: 'conflict',
    message: 'The run has no such matches, or they are undone already',
    remedy: 'Look at the results of the run',
  },
  // Breaks
  BREAK_TRANSITION_INVALID: {
    kind: 'invalid',
    message: 'A break of this status cannot be moved to that one',
    remedy: 'Use one of its allowedStatusTransitions',
  },
  BREAK_STATUS_UNCHANGED: {
    kind: 'conflict',
    message: 'The break has this status already',
    remedy: 'Read it again: somebody else may have moved it',
  },
  BREAK_GONE: {
    kind: 'conflict',
    message: 'The break is no longer in the data, and its status is settled',
    remedy: 'Look at its history; a comment is still possible',
  },
  SELF_APPROVAL: {
    kind: 'forbidden',
    message: 'Nobody approves what they submitted themselves',
    remedy: 'Ask another checker',
  },
  ASSIGNEE_INVALID: {
    kind: 'invalid',
    message: 'The assignee is nobody who works on this reconciliation',
    remedy: 'Name a maker or checker of it by their full DN',
  },
  ATTEMPTS_EXHAUSTED: {
    kind: 'conflict',
    message: 'The work was begun as often as allowed and was never finished',
    remedy: 'Look for the cause in the logs, then resume the run or send the file again',
  },
  OBJECT_UNEXPECTED: {
    kind: 'invalid',
    message: 'No source expects this object',
    remedy: 'Send it to drop/<tenant>/<reconciliation>/<source>/<file>',
  },
  BATCH_WITHDRAWN: { kind: 'conflict', message: 'The batch is withdrawn', remedy: 'Load a new one' },
  CONSERVATION_FAILED: {
    kind: 'conflict',
    message: 'The outcomes do not add up to the rows and sums that were loaded',
    remedy: 'Do not use the results; report this as a fault of the program, with the detail',
  },
  PAGE_TOO_LARGE: {
    kind: 'too-large',
    message: 'The page is larger than a reply can hold',
    remedy: 'Ask for fewer rows, or export the results',
  },
  WORKBOOK_TOO_LARGE: {
    kind: 'too-large',
    message: 'The rows are more than a workbook can be made of',
    remedy: 'Ask for csv or json, or for the rows of one status',
  },
  MAIL_REFUSED: {
    kind: 'conflict',
    message: 'The mail service refuses this mail',
    remedy: 'Correct the notification channel of the access entry',
  },
  RUN_FAILED: {
    kind: 'conflict',
    message: 'The run has failed or was stopped, and has no result',
    remedy: 'Read the reason, remove its cause and start a new run',
  },
  NOT_PUBLISHED: {
    kind: 'conflict',
    message: 'The reconciliation is not published',
    remedy: 'Publish it first',
  },
  RESULTS_NOT_READY: { kind: 'conflict', message: 'The run has no results yet', remedy: 'Wait until it has completed' },
} as const satisfies Record<string, Entry>;

export type ErrorCode = keyof typeof errorCatalogue;
