// The recon function over memory twins, entered where the network would: with events of an HTTP API. Every reply is held to what
// its route declares: status, exact body, error codes; so each test of the surface is one of its contract too.
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect } from 'vitest';
import type { z } from 'zod';
import { createReconApi } from '../../../functions/api-recon/api.ts';
import { reconEnvelope } from '../../../functions/api-recon/envelope.ts';
import type { ReconDeps } from '../../../functions/api-recon/recon-deps.ts';
import { createArgon2Hasher } from '../../../shared/adapters/crypto/argon2-hasher.ts';
import { createJwtSigner } from '../../../shared/adapters/crypto/jwt-signer.ts';
import { createMemoryActivityLog } from '../../../shared/adapters/memory/activity-log.ts';
import { createMemoryBatchStore } from '../../../shared/adapters/memory/batch-store.ts';
import { createMemoryBreakStore } from '../../../shared/adapters/memory/break-store.ts';
import { createMemoryClock, createMemoryIds } from '../../../shared/adapters/memory/clock.ts';
import { createMemoryDataSourceStore } from '../../../shared/adapters/memory/data-source-store.ts';
import { createMemoryDecisionStore } from '../../../shared/adapters/memory/decision-store.ts';
import { createMemoryIdempotencyStore } from '../../../shared/adapters/memory/idempotency-store.ts';
import { createMemoryObjectStore } from '../../../shared/adapters/memory/object-store.ts';
import { createMemoryProjectStore } from '../../../shared/adapters/memory/project-store.ts';
import { createMemoryRateCounter } from '../../../shared/adapters/memory/rate-counter.ts';
import { createMemoryReconciliationStore } from '../../../shared/adapters/memory/reconciliation-store.ts';
import { createMemoryReviewStore } from '../../../shared/adapters/memory/review-store.ts';
import { createMemoryRunStore } from '../../../shared/adapters/memory/run-store.ts';
import { createMemorySecretSource } from '../../../shared/adapters/memory/secret-source.ts';
import { createMemorySessionStore } from '../../../shared/adapters/memory/session-store.ts';
import { createMemoryState } from '../../../shared/adapters/memory/state.ts';
import { createMemoryTaskStore } from '../../../shared/adapters/memory/task-store.ts';
import { createMemoryUploadStore } from '../../../shared/adapters/memory/upload-store.ts';
import { createMemoryUserStore } from '../../../shared/adapters/memory/user-store.ts';
import { createMemoryWorkQueue } from '../../../shared/adapters/memory/work-queue.ts';
import { pipelineDefaults } from '../../../shared/app/deps.ts';
import { createUser } from '../../../shared/app/identity/create-user.ts';
import { reconError } from '../../../shared/contracts/recon/envelope.ts';
import { impliedErrors, reconErrors } from '../../../shared/contracts/recon/errors.ts';
import { reconRoutes } from '../../../shared/contracts/recon/routes.ts';
import type { Route } from '../../../shared/contracts/route.ts';
import type { ReconRole } from '../../../shared/domain/principal.ts';
import type { Review } from '../../../shared/domain/review.ts';
import { createRouter } from '../../../shared/http/router.ts';
import { createHttpFunction } from '../../../shared/lambda/http-function.ts';
import type { ResultFilter, ResultRow } from '../../../shared/ports/result-query.ts';
import { createTwinMatchQuery } from '../../fault/twin-match-query.ts';

// biome-ignore lint/suspicious/noExplicitAny: a body is whatever came over the wire; tests look into it freely.
export type Body = any;
export type Reply = { status: number; headers: Record<string, string>; body: Body; bytes: Buffer };
export type Call = {
  token?: string;
  json?: unknown;
  raw?: Buffer | string;
  headers?: Record<string, string>;
  from?: string;
};

export const users = {
  admin: { email: 'admin@example.com', password: 'admin123', role: 'admin' },
  analyst: { email: 'analyst@example.com', password: 'Password123!', role: 'analyst' },
  user: { email: 'user@example.com', password: 'Password123!', role: 'user' },
  other: { email: 'other@example.com', password: 'Password123!', role: 'user' },
} as const satisfies Record<string, { email: string; password: string; role: ReconRole }>;

/** The least that argon2 takes: what is tested here is not its cost. */
export const quickHasher = createArgon2Hasher({ memoryKiB: 8, passes: 1, lanes: 1 });

export async function openRecon(changes: Partial<ReconDeps> = {}) {
  const state = createMemoryState();
  const clock = createMemoryClock();
  const objects = createMemoryObjectStore();
  const queue = createMemoryWorkQueue();
  const rows = new Map<string, ResultRow[]>();
  const rowsOf = (runId: string, filter: ResultFilter): ResultRow[] =>
    (rows.get(runId) ?? []).map((row) => reviewed(row, filter, state.reviews)).filter((row) => passes(row, filter));
  const deps: ReconDeps = {
    users: createMemoryUserStore(),
    sessions: createMemorySessionStore(),
    projects: createMemoryProjectStore(),
    dataSources: createMemoryDataSourceStore(),
    uploads: createMemoryUploadStore(state),
    reconciliations: createMemoryReconciliationStore(state),
    batches: createMemoryBatchStore(state, clock),
    runs: createMemoryRunStore(state),
    tasks: createMemoryTaskStore(state),
    breaks: createMemoryBreakStore(state),
    decisions: createMemoryDecisionStore(state),
    reviews: createMemoryReviewStore(state),
    activity: createMemoryActivityLog(state, clock),
    matches: {
      ...createTwinMatchQuery({ runs: createMemoryRunStore(state), objects }),
      async find({ runId }, { left, right }) {
        const row = (rows.get(runId) ?? []).find(({ id }) => id === `matched:${left ?? ''}:${right ?? ''}`);
        if (!row) return null;
        const { groupId, confidence, evidence } = row;
        return {
          source: 'target',
          left,
          right,
          groupId,
          pass: row.pass!,
          confidence: confidence!,
          evidence,
          spellings: [],
        };
      },
    },
    counter: createMemoryRateCounter(),
    idempotency: createMemoryIdempotencyStore(),
    objects,
    links: objects,
    queue,
    // Results come from Parquet by the engine; here they are the rows that a test puts in.
    results: {
      async page({ runId }, filter, offset, limit) {
        const found = rowsOf(runId, filter);
        return { rows: found.slice(offset, offset + limit), total: found.length };
      },
      async tally({ runId }, confidenceMin) {
        const matched = (rows.get(runId) ?? []).filter(({ outcome }) => outcome === 'matched');
        const sure = matched.filter(({ confidence }) => (confidence ?? 0) >= confidenceMin);
        const distinct = (some: ResultRow[]) => new Set(some.map(({ groupId, id }) => groupId ?? id)).size;
        return { matches: distinct(matched), sure: distinct(sure) };
      },
      async export({ runId }, format, filter) {
        const found = rowsOf(runId, filter);
        const text = format === 'json' ? JSON.stringify(found) : found.map(({ id }) => `${id}\n`).join('');
        const { key, bytes } = await objects.put(`exports/${runId}.${format}`, text);
        return { key, bytes, contentType: format === 'json' ? 'application/json' : 'text/csv' };
      },
    },
    hasher: quickHasher,
    signer: createJwtSigner(createMemorySecretSource('a secret of the tests, more than 32 bytes long')),
    clock,
    ids: createMemoryIds(clock),
    limits: { auth: 10_000, general: 10_000, upload: 10_000 },
    registration: { tenant: 'default' },
    settings: { ...pipelineDefaults, bucket: 'tests', scratchDirectory: '/tmp' },
    exportWaitMs: 5_000,
    publicBaseUrl: 'http://localhost:8080',
    ...changes,
  };
  const faults: unknown[] = [];
  const handler = createHttpFunction({
    api: createReconApi(deps, (error) => faults.push(error)),
    envelope: reconEnvelope,
    basePath: '',
    log: { line: () => undefined, fault: (error) => faults.push(error) },
    now: () => deps.clock.now(),
  });

  async function call(method: string, target: string, { token, json, raw, headers, from }: Call = {}): Promise<Reply> {
    const [path = '', query = ''] = target.split('?');
    const body = json === undefined ? raw : JSON.stringify(json);
    const event = {
      version: '2.0',
      rawPath: path,
      rawQueryString: query,
      headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
      requestContext: { http: { method, sourceIp: from ?? '192.0.2.1' } },
      ...(body !== undefined && { body: Buffer.from(body).toString('base64'), isBase64Encoded: true }),
    } as unknown as APIGatewayProxyEventV2;
    const result = await handler(event, {});
    const bytes = Buffer.from(result.body ?? '', result.isBase64Encoded ? 'base64' : 'utf8');
    const replyHeaders = result.headers as Record<string, string>;
    const isJson = replyHeaders['content-type']?.startsWith('application/json') && bytes.length > 0;
    const reply = {
      status: result.statusCode!,
      headers: replyHeaders,
      body: isJson ? JSON.parse(bytes.toString()) : undefined,
      bytes,
    };
    holdToContract(method, path, reply);
    return reply;
  }

  const admin = users.admin;
  async function addUser(user: { email: string; password: string; role: ReconRole }, tenant = 'default') {
    const { email, password, role } = user;
    const created = await createUser(deps, {
      tenant,
      email,
      password,
      firstName: 'Test',
      lastName: role,
      grants: { recon: role },
    });
    if (!created.ok) throw new Error(created.code);
    return created.value;
  }
  async function signIn(user: { email: string; password: string } = admin): Promise<string> {
    const reply = await call('POST', '/api/auth/login', { json: { email: user.email, password: user.password } });
    if (reply.status !== 200) throw new Error(JSON.stringify(reply.body));
    return reply.body.access_token;
  }
  for (const user of Object.values(users)) await addUser(user);
  return { call, deps, clock, objects, queue, rows, faults, addUser, signIn, state };
}

/** As the engine does; held to it by test/contract/results. */
function reviewed(row: ResultRow, { approvedFrom }: ResultFilter, reviews: Map<string, Review>): ResultRow {
  const found = [...reviews.values()].find(({ match: { left, right, groupId } }) =>
    row.groupId === null ? row.id === `matched:${left}:${right}` : groupId === row.groupId,
  );
  const sure = row.outcome === 'matched' && (row.confidence ?? 0) >= (approvedFrom ?? Number.POSITIVE_INFINITY);
  if (!found) return { ...row, status: sure ? 'approved' : 'pending' };
  const { verdict, by, at, reason = null } = found;
  return { ...row, status: verdict === 'APPROVED' ? 'approved' : 'rejected', review: { by, at, reason } };
}

function passes(row: ResultRow, { outcomes, confidenceMin = 0, status, matchedBy }: ResultFilter): boolean {
  const confidence = row.confidence ?? 0;
  const kept = status === undefined || row.status === status;
  const found = matchedBy === undefined || (row.pass === '1-exact-key') === (matchedBy === 'exact-key');
  return (outcomes?.includes(row.outcome) ?? true) && confidence >= confidenceMin && kept && found;
}

const match = createRouter<Route>(Object.values(reconRoutes));

function holdToContract(method: string, path: string, { status, headers, body }: Reply): void {
  expect(headers).toMatchObject({
    'x-ratelimit-limit': expect.stringMatching(/^\d+$/),
    'x-ratelimit-remaining': expect.stringMatching(/^\d+$/),
    'x-ratelimit-reset': expect.stringMatching(/^\d+$/),
  });
  const found = match(method, path);
  const route = found.found === 'route' ? found.route : undefined;
  if (status >= 400) {
    expect(reconError.strict().parse(body)).toEqual(body);
    expect(body.request_id).toMatch(/^req_[0-9A-HJKMNP-TV-Z]{26}$/);
    const error = reconErrors[body.error as keyof typeof reconErrors];
    expect(error?.status, `the status of ${body.error}`).toBe(status);
    if (!route) return;
    const { every, bearer, idempotent, body: withBody } = impliedErrors;
    const declared = [...route.errors, ...every, ...bearer, ...idempotent, ...withBody];
    expect(declared, `${method} ${route.path} declares ${body.error}`).toContain(body.error);
    return;
  }
  if (!route || method === 'HEAD' || status === 307) return;
  if ('download' in route.result) return;
  expect(status).toBe(route.status);
  // A field that is not declared would be stripped, and the difference seen.
  expect((route.result as z.ZodType).parse(body)).toEqual(body);
}

export function multipart(content: string | Buffer, fileName = 'data.csv', fields: Record<string, string> = {}): Call {
  const boundary = 'xxBOUNDARYxx';
  const texts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${fileName}"\r\nContent-Type: text/csv\r\n\r\n`;
  return {
    raw: Buffer.concat([
      Buffer.from(texts.join('') + head),
      Buffer.from(content),
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  };
}
