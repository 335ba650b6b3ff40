// The HTTP status of an expected failure: from its kind and, where a surface's document says otherwise, the surface; here
// and nowhere else.
import { type ErrorCode, type ErrorKind, errorCatalogue } from '../domain/errors.ts';
import type { Surface } from '../domain/principal.ts';

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

const otherwise: Partial<Record<Surface, Partial<Record<ErrorKind, number>>>> = { breaks: { invalid: 422 } };

export function statusOf(code: ErrorCode, surface: Surface): number {
  const { kind } = errorCatalogue[code];
  return otherwise[surface]?.[kind] ?? statusByKind[kind];
}
