// One HTTP API out of a route table and its handlers: match → authenticate → count → validate → repeat check → handler → reply.
// It knows no surface's shapes: failures are rendered by the surface's envelope, successes come whole from the handlers.
import { within } from '../app/within.ts';
import type { Route, RouteTable } from '../contracts/route.ts';
import { DependencyFault } from '../domain/dependency-fault.ts';
import type { Surface } from '../domain/principal.ts';
import { type Failure, FailureError, fail, type Result } from '../domain/result.ts';
import type { IdempotencyStore } from '../ports/idempotency-store.ts';
import type { RateCounter } from '../ports/rate-counter.ts';
import type { Handlers, Input } from './handlers.ts';
import { withIdempotency } from './idempotency.ts';
import type { FileReply, HttpReply, HttpRequest } from './message.ts';
import { binaryReplyBytesMax, PendingReply, payloadBytesMax, replyBytesMax } from './message.ts';
import { countRequest, type RateLimits } from './rate-limit.ts';
import { createRouter } from './router.ts';
import { statusOf } from './status.ts';
import { validate } from './validate.ts';

export type SurfaceEnvelope = {
  /** The body of an expected failure. */
  failure(failure: Failure, request: HttpRequest): unknown;
  /** The body of a bug or a dependency fault; says nothing of its cause. */
  fault(request: HttpRequest): unknown;
  /** What a body over `bodyBytesMax` is answered: it names the way by which more can be sent. */
  tooLarge: Failure;
};

export type Caller = { tenant: string; userId: string; role: string };

export type ApiParts<Table extends RouteTable, Actor extends Caller> = {
  surface: Surface;
  routes: Table;
  handlers: Handlers<Table, Actor>;
  /** `params` as they stand in the path: a ticket is for one thing. */
  authenticate(request: HttpRequest, route: Route, params: Record<string, string>): Promise<Result<Actor>>;
  envelope: SurfaceEnvelope;
  limits: RateLimits;
  counter: RateCounter;
  idempotency: IdempotencyStore;
  /** Told of what was thrown; the reply says nothing of it. */
  onFault(error: unknown, request: HttpRequest): void;
  /** The usual time when absent. */
  replyWithinMs?: number;
};

export type Api = (request: HttpRequest) => Promise<HttpReply>;

/** A request that is refused before its body is read: the trigger's own limit, told by the envelope of the surface. */
export type RefusedRequest = HttpRequest & { refusal?: Failure };

export function createApi<Table extends RouteTable, Actor extends Caller>(parts: ApiParts<Table, Actor>): Api {
  const names = new Map<Route, keyof Table>();
  for (const [name, route] of Object.entries(parts.routes)) {
    if (names.has(route)) throw new Error(`duplicate route: ${name} is declared twice`);
    names.set(route, name);
  }
  const match = createRouter([...names.keys()]);

  async function answer(request: RefusedRequest, standing: { headers: Record<string, string> }): Promise<HttpReply> {
    const found = match(request.method, request.path);
    const route = found.found === 'route' ? found.route : undefined;
    const actor =
      found.found === 'route' && found.route.auth !== 'none'
        ? await parts.authenticate(request, found.route, found.params)
        : undefined;

    const caller = actor?.ok ? `${actor.value.tenant}#${actor.value.userId}` : request.sourceAddress;
    const counted = `${parts.surface}#${caller}`;
    const rate = await countRequest(parts.counter, parts.limits, route?.rate ?? 'general', counted, request.receivedAt);
    standing.headers = rate.headers;
    if (!rate.allowed) return refuse(request, fail('RATE_LIMITED'));

    if (found.found === 'nothing') return refuse(request, fail('NOT_FOUND', 'There is nothing at this path'));
    if (found.found === 'path') {
      const headers = { allow: found.allow.join(', ') };
      if (request.method === 'OPTIONS') return { status: 204, headers, body: '' };
      return refuse(request, fail('METHOD_NOT_ALLOWED'), headers);
    }
    if (actor && !actor.ok) return refuse(request, actor, { 'www-authenticate': 'Bearer' });
    if (actor && found.route.roles && !found.route.roles.includes(actor.value.role))
      return refuse(request, fail('FORBIDDEN'));
    if (request.refusal) return refuse(request, request.refusal);

    const input = await validate(found.route, found.params, request);
    if (!input.ok) return refuse(request, input);

    const handle = parts.handlers[names.get(found.route)!]! as unknown as (
      input: Input<Route, Actor>,
    ) => Promise<Result<unknown>>;
    const work = async (): Promise<HttpReply> => {
      const result = await handle({ ...input.value, actor: actor?.value, request } as Input<Route, Actor>);
      return result.ok ? success(found.route, result.value, request) : refuse(request, result);
    };
    const key = found.route.idempotent && request.headers['idempotency-key'];
    if (!key) return work();
    const scope = `${counted}#${found.route.method} ${found.route.path}`;
    const onFault = (error: unknown) => parts.onFault(error, request);
    const repeatable = { key, scope, input: input.value, request, onFault };
    const repeated = await withIdempotency(parts.idempotency, repeatable, work);
    return repeated.ok ? repeated.value : refuse(request, repeated);
  }

  function refuse(request: HttpRequest, failure: Failure, headers: Record<string, string> = {}): HttpReply {
    const status = statusOf(failure.code, parts.surface);
    const retry = status === 503 ? { 'retry-after': String(retryAfterSeconds) } : {};
    return json(status, parts.envelope.failure(failure, request), { ...headers, ...retry });
  }

  /** A service that does not answer now may do so in a moment; anything else that is thrown is a fault of ours. */
  function thrown(error: unknown, request: HttpRequest): HttpReply {
    if (error instanceof FailureError) return refuse(request, error.failure);
    parts.onFault(error, request);
    if (error instanceof DependencyFault && error.retryable) return refuse(request, fail('SERVICE_UNAVAILABLE'));
    return json(500, parts.envelope.fault(request));
  }

  function success(route: Route, value: unknown, request: HttpRequest): HttpReply {
    if ('download' in route.result) return fileReply(value as FileReply);
    const reply =
      value instanceof PendingReply
        ? json(202, value.body, { location: value.location, 'retry-after': String(value.retryAfterSeconds) })
        : json(route.status, value);
    return fitsReply(reply.body) ? reply : refuse(request, fail('PAGE_TOO_LARGE'));
  }

  return async (request) => {
    const standing: { headers: Record<string, string> } = { headers: {} };
    const waitMs = parts.replyWithinMs ?? replyWithinMs;
    const late = () => new DependencyFault(parts.surface, new Error(`no answer within ${waitMs} ms`), true);
    const reply = await within(waitMs, answer(request, standing))
      .then((given) => given ?? thrown(late(), request))
      .catch((error) => thrown(error, request));
    const headers = { ...standardHeaders, ...standing.headers, 'x-request-id': request.requestId, ...reply.headers };
    return { status: reply.status, headers, body: request.method === 'HEAD' ? '' : reply.body };
  };
}

/** The function is ended after 29 seconds, and the gateway would then answer in words of its own. */
const replyWithinMs = 28_500;
/** Throttles and restarts are over in about so long. */
const retryAfterSeconds = 2;

/** Lambda writes the body into JSON once more, where every quotation mark takes a second byte. */
function fitsReply(body: string): boolean {
  const bytes = Buffer.byteLength(body);
  if (bytes > replyBytesMax) return false;
  return bytes < replyBytesMax / 2 || Buffer.byteLength(JSON.stringify(body)) <= payloadBytesMax;
}

const standardHeaders = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

export function json(status: number, body: unknown, headers: Record<string, string> = {}) {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: JSON.stringify(body),
  };
}

function fileReply(file: FileReply): HttpReply {
  if ('pending' in file) return json(202, file.pending, { 'retry-after': String(file.retryAfterSeconds) });
  if ('link' in file) return json(200, file.link);
  if ('redirect' in file) return { status: 307, headers: { location: file.redirect }, body: '' };
  if (file.bytes.byteLength > binaryReplyBytesMax)
    throw new Error('a download over the reply limit must be a redirect');
  const name = encodeURIComponent(file.fileName);
  return {
    status: 200,
    headers: {
      'content-type': file.contentType,
      'content-disposition': `attachment; filename="${file.fileName.replace(/[^\w.-]/g, '_')}"; filename*=UTF-8''${name}`,
    },
    body: file.bytes,
  };
}
