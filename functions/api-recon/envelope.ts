// The recon surface's shapes of success, page and error. Nothing else writes `success`, `error` or `pagination`.
import { type ReconErrorCode, reconErrors } from '../../shared/contracts/recon/errors.ts';
import { type ErrorCode, type ErrorKind, errorCatalogue } from '../../shared/domain/errors.ts';
import { type Failure, fail } from '../../shared/domain/result.ts';
import type { SurfaceEnvelope } from '../../shared/http/api.ts';
import { bodyBytesMax, type HttpRequest } from '../../shared/http/message.ts';

export const data = <T>(value: T) => ({ success: true as const, data: value });
/** The documented examples read a new object's id from `.id` and from `.data.id`. */
export const created = <T extends object>(value: T) => ({ success: true as const, data: value, ...value });
export const message = <const Text extends string>(text: Text) => ({ success: true as const, message: text });

export type PageQuery = { page: number; per_page: number };

export function pageOf<T>(all: readonly T[], { page, per_page }: PageQuery): T[] {
  return all.slice((page - 1) * per_page, page * per_page);
}

export function pagination(total: number, { page, per_page }: PageQuery) {
  return { page, per_page, total, total_pages: Math.ceil(total / per_page) };
}

/** Documented codes of the kinds that have one; a failure of another kind goes by its own code. */
const codeByKind: Partial<Record<ErrorKind, ReconErrorCode>> = {
  invalid: 'VALIDATION_ERROR',
  unauthenticated: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  'not-found': 'NOT_FOUND',
  limited: 'RATE_LIMIT_EXCEEDED',
};
/** These say more than their kind: the kind's code would send the caller looking for a role that is not missing. */
const ownCode = new Set<ErrorCode>(['REGISTRATION_CLOSED']);
/** These are what the kind's code says already. */
const plain = new Set<ErrorCode>(['REQUEST_INVALID', 'UNAUTHENTICATED', 'FORBIDDEN', 'NOT_FOUND', 'RATE_LIMITED']);

export function reconCodeOf(code: ErrorCode): string {
  return (ownCode.has(code) ? undefined : codeByKind[errorCatalogue[code].kind]) ?? code;
}

function errorBody(error: string, text: string, details: Record<string, unknown>, request: HttpRequest) {
  return {
    error,
    message: text,
    details,
    timestamp: new Date(request.receivedAt).toISOString(),
    request_id: request.requestId,
  };
}

export const reconEnvelope: SurfaceEnvelope = {
  failure({ code, detail, fields }: Failure, request) {
    const error = reconCodeOf(code);
    const details = { ...fields, ...(error !== code && !plain.has(code) && { code }) };
    return errorBody(error, detail, details, request);
  },
  fault: (request) => errorBody('INTERNAL_ERROR', reconErrors.INTERNAL_ERROR.meaning, {}, request),
  tooLarge: fail(
    'BODY_TOO_LARGE',
    'The body is over 4 MiB. Ask POST /api/files/presigned for an upload form and send the file there',
    { limit_bytes: bodyBytesMax, presigned_upload: '/api/files/presigned' },
  ),
};
