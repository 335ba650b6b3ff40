// The break management surface's shapes of page and error. Nothing else writes `correlationId` or `totalElements`.
import { breaksErrors } from '../../shared/contracts/breaks/errors.ts';
import { type Failure, fail } from '../../shared/domain/result.ts';
import type { SurfaceEnvelope } from '../../shared/http/api.ts';
import { bodyBytesMax, type HttpRequest } from '../../shared/http/message.ts';
import { statusOf } from '../../shared/http/status.ts';

export type PageQuery = { page: number; size: number };

/** `all` is every item that passed the filters; the page is cut from it. */
export function page<T>(all: readonly T[], { page, size }: PageQuery) {
  return {
    items: all.slice(page * size, (page + 1) * size),
    totalElements: all.length,
    totalPages: Math.ceil(all.length / size),
    page,
    size,
  };
}

function errorBody(
  status: number,
  error: string,
  message: string,
  detail: Record<string, unknown>,
  request: HttpRequest,
) {
  return {
    status,
    error,
    message,
    detail,
    correlationId: request.requestId,
    timestamp: new Date(request.receivedAt).toISOString(),
  };
}

export const breaksEnvelope: SurfaceEnvelope = {
  failure: ({ code, detail, fields }: Failure, request) =>
    errorBody(statusOf(code, 'breaks'), code, detail, detailOf(detail, fields), request),
  fault: (request) => errorBody(500, 'INTERNAL_ERROR', breaksErrors.INTERNAL_ERROR.meaning, {}, request),
  tooLarge: fail(
    'BODY_TOO_LARGE',
    'The body is over 4 MiB. Ask POST /api/admin/reconciliations/{id}/sources/{code}/batches/form for a form that takes the file, or put it into the drop folder of its source',
    { limitBytes: bodyBytesMax },
  ),
};

/** Faults have one form, whether the shape of a body was wrong or its meaning, and one fault is a list too. */
function detailOf(message: string, fields: Failure['fields'] = {}): Record<string, unknown> {
  const { field, faults, ...rest } = fields as {
    field?: string;
    faults?: { field?: string; path?: string; message: string }[];
  };
  const listed = faults ?? (field === undefined ? undefined : [{ field, message }]);
  if (!listed) return rest;
  return {
    ...rest,
    faults: listed.map((fault) => ({ path: fault.path ?? bracketed(fault.field ?? ''), message: fault.message })),
  };
}

/** `sources.0.code` → `sources[0].code`. */
function bracketed(path: string): string {
  return path.replace(/(^|\.)(\d+)(?=\.|$)/g, '[$2]');
}
