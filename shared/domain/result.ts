// Expected failures are returned, never thrown: { ok: false, code, detail } with a code of the one catalogue.
import { type ErrorCode, errorCatalogue } from './errors.ts';

export type Failure = {
  ok: false;
  code: ErrorCode;
  /** What was wrong with this very input, for a person to read; no secrets, no stack. */
  detail: string;
  /** Machine-readable particulars: the offending field, its path, the limit that was passed. */
  fields?: Record<string, unknown>;
};
export type Result<T> = { ok: true; value: T } | Failure;

export function ok<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function fail(code: ErrorCode, detail?: string, fields?: Record<string, unknown>): Failure {
  return { ok: false, code, detail: detail ?? errorCatalogue[code].message, ...(fields && { fields }) };
}

/** Carries a Failure across code that can only throw; every entry point turns it back into one. */
export class FailureError extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(`${failure.code}: ${failure.detail}`);
    this.name = 'FailureError';
    this.failure = failure;
  }
}
