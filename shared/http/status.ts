// The HTTP status of an expected failure: from its kind, here and nowhere else.
import { type ErrorCode, type ErrorKind, errorCatalogue } from '../domain/errors.ts';

const statusByKind: Record<ErrorKind, number> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'not-allowed': 405,
  conflict: 409,
  'too-large': 413,
  limited: 429,
  unavailable: 503,
};

export function statusOf(code: ErrorCode): number {
  return statusByKind[errorCatalogue[code].kind];
}
