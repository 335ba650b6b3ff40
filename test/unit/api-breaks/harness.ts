// The function of the break management surface over memory twins, entered where the network would, with the real engine as the
// worker behind its queue. Every reply is held to what its route declares: status, exact body, error codes.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect, onTestFinished } from 'vitest';
import type { z } from 'zod';
import { createBreaksApi } from '../../../functions/api-breaks/api.ts';
import type { BreaksDeps } from '../../../functions/api-breaks/breaks-deps.ts';
import { breaksEnvelope } from '../../../functions/api-breaks/envelope.ts';
import { createArgon2Hasher } from '../../../shared/adapters/crypto/argon2-hasher.ts';
import { createJwtSigner } from '../../../shared/adapters/crypto/jwt-signer.ts';
import { createMemoryActivityLog } from '../../../shared/adapters/memory/activity-log.ts';
import { createMemoryBatchStore } from '../../../shared/adapters/memory/batch-store.ts';
import { createMemoryBreakStore } from '../../../shared/adapters/memory/break-store.ts';
import { createMemoryBulkStore } from '../../../shared/adapters/memory/bulk-store.ts';
import { createMemoryClock, createMemoryIds } from '../../../shared/adapters/memory/clock.ts';
import { createMemoryDecisionStore } from '../../../shared/adapters/memory/decision-store.ts';
import { createListedDirectory, type ListedPerson } from '../../../shared/adapters/memory/directory.ts';
import { createMemoryIdempotencyStore } from '../../../shared/adapters/memory/idempotency-store.ts';
import { createMemoryMailOutbox } from '../../../shared/adapters/memory/mail-outbox.ts';
import { createMemoryNumberStore } from '../../../shared/adapters/memory/number-store.ts';
import { createMemoryObjectStore } from '../../../shared/adapters/memory/object-store.ts';
import { createMemoryRateCounter } from '../../../shared/adapters/memory/rate-counter.ts';
import { createMemoryReconciliationStore } from '../../../shared/adapters/memory/reconciliation-store.ts';
import { createMemoryReviewStore } from '../../../shared/adapters/memory/review-store.ts';
import { createMemoryRunStore } from '../../../shared/adapters/memory/run-store.ts';
import { createMemoryScheduleStore } from '../../../shared/adapters/memory/schedule-store.ts';
import { createMemorySecretSource } from '../../../shared/adapters/memory/secret-source.ts';
import { createMemorySessionStore } from '../../../shared/adapters/memory/session-store.ts';
import { createMemoryState } from '../../../shared/adapters/memory/state.ts';
import { createMemoryTaskStore } from '../../../shared/adapters/memory/task-store.ts';
import { createMemoryTicketStore } from '../../../shared/adapters/memory/ticket-store.ts';
import { createMemoryUploadStore } from '../../../shared/adapters/memory/upload-store.ts';
import { createMemoryWorkQueue } from '../../../shared/adapters/memory/work-queue.ts';
import { type Deps, pipelineDefaults } from '../../../shared/app/deps.ts';
import { createDuckdbEngine } from '../../../shared/app/duckdb-engine.ts';
import { createRunWorkbook } from '../../../shared/app/exports/run-workbook.ts';
import { createObjectCache } from '../../../shared/app/results/object-cache.ts';
import { keepEngine } from '../../../shared/app/run-view/kept-engine.ts';
import { createRunView } from '../../../shared/app/run-view/read-run-view.ts';
import { handleWork, type PipelineMessage } from '../../../shared/app/runs/handle-work.ts';
import { breaksError } from '../../../shared/contracts/breaks/envelope.ts';
import { breaksErrors, impliedErrors } from '../../../shared/contracts/breaks/errors.ts';
import { breaksRoutes } from '../../../shared/contracts/breaks/routes.ts';
import type { Route } from '../../../shared/contracts/route.ts';
import { documentedGroups } from '../../../shared/domain/break-access.ts';
import { createRouter } from '../../../shared/http/router.ts';
import { createHttpFunction } from '../../../shared/lambda/http-function.ts';

// biome-ignore lint/suspicious/noExplicitAny: a body is whatever came over the wire; tests look into it freely.
export type Body = any;
export type Reply = { status: number; headers: Record<string, string>; body: Body; bytes: Buffer };
export type Call = {
  token?: string;
  json?: unknown;
  raw?: Buffer | string;
  headers?: Record<string, string>;
};

export const password = 'Sup3rSecret!';
export const groupDn = (name: string) => `CN=${name},OU=Groups,DC=corp,DC=example`;
const groupsOf = {
  'admin.ops': ['RECON_ADMIN'],
  'analyst.jane': ['RECON_PREPARERS', 'RECON_APPROVERS'],
  'checker.bob': ['RECON_APPROVERS'],
  'guest.none': [],
} as const;
export type PersonName = keyof typeof groupsOf;

/** The least that argon2 takes: what is tested here is not its cost. */
const hasher = createArgon2Hasher({ memoryKiB: 8, passes: 1, lanes: 1 });
const passwordHash = await hasher.hash(password);
const people: ListedPerson[] = Object.entries(groupsOf).map(([name, groups]) => ({
  name,
  displayName: name
    .split('.')
    .map((part) => part[0]!.toUpperCase() + part.slice(1))
    .join(' '),
  dn: `CN=${name},OU=Users,DC=corp,DC=example`,
  groups: groups.map(groupDn),
  passwordHash,
}));

const engineLimits = { memoryMb: 512, threads: 2 };

export async function openBreaks(changes: Partial<BreaksDeps> = {}) {
  const scratchDirectory = mkdtempSync(join(tmpdir(), 'tieout-breaks-'));
  onTestFinished(() => rmSync(scratchDirectory, { recursive: true, force: true }));
  const state = createMemoryState();
  const clock = createMemoryClock();
  const objects = createMemoryObjectStore();
  const queue = createMemoryWorkQueue();
  const activity = createMemoryActivityLog(state, clock);
  const outbox = createMemoryMailOutbox();
  const pipeline: Deps = {
    reconciliations: createMemoryReconciliationStore(state),
    uploads: createMemoryUploadStore(state),
    batches: createMemoryBatchStore(state, clock),
    runs: createMemoryRunStore(state),
    tasks: createMemoryTaskStore(state),
    breaks: createMemoryBreakStore(state),
    bulks: createMemoryBulkStore(state),
    decisions: createMemoryDecisionStore(state),
    reviews: createMemoryReviewStore(state),
    activity,
    outbox,
    schedules: createMemoryScheduleStore(state),
    objects,
    queue,
    clock,
    ids: createMemoryIds(clock),
    engine: createDuckdbEngine(engineLimits),
    settings: { ...pipelineDefaults, bucket: 'tests', scratchDirectory },
  };
  const cache = createObjectCache(pipeline, join(scratchDirectory, 'cache'), 1024 ** 3);
  const kept = keepEngine({ directory: join(scratchDirectory, 'view'), allowed: [cache.directory], ...engineLimits });
  const reading = { ...pipeline, cache, engineLimits };
  /** What waits in the queue is done; mails stay where they are. */
  async function drain(): Promise<void> {
    for (let sent = queue.take(); sent; sent = queue.take())
      if (sent.message.kind !== 'send-mail') await handleWork(pipeline, sent.message as PipelineMessage);
  }
  const deps: BreaksDeps = {
    ...pipeline,
    sessions: createMemorySessionStore(),
    counter: createMemoryRateCounter(),
    idempotency: createMemoryIdempotencyStore(),
    signer: createJwtSigner(createMemorySecretSource('a secret of the tests, more than 32 bytes long')),
    directory: createListedDirectory(people, hasher, clock),
    directoryPolicy: { tenant: 'default', adminGroup: 'CN=RECON_ADMIN' },
    onDirectoryFault: (error) => faults.push(error),
    fallbackGroups: documentedGroups,
    view: createRunView({ ...reading, kept, pageCharactersMax: 4_000_000 }),
    workbooks: createRunWorkbook(reading),
    tickets: createMemoryTicketStore(),
    links: objects,
    numbers: createMemoryNumberStore(),
    exportWaitMs: 20_000,
    runWaitMs: 25_000,
    loadWaitMs: 25_000,
    async pause(ms) {
      clock.advance(ms);
      await drain();
    },
    limits: { auth: 10_000, general: 10_000, upload: 10_000 },
    publicBaseUrl: 'http://localhost:8081',
    ...changes,
  };
  const faults: unknown[] = [];
  const faultIds: string[] = [];
  const handler = createHttpFunction({
    api: createBreaksApi(deps, (error, { requestId }) => {
      faults.push(error);
      faultIds.push(requestId);
    }),
    envelope: breaksEnvelope,
    basePath: '',
    log: { line: () => undefined, fault: (error) => faults.push(error) },
    now: () => deps.clock.now(),
  });

  async function call(method: string, target: string, { token, json, raw, headers }: Call = {}): Promise<Reply> {
    const [path = '', query = ''] = target.split('?');
    const body = json === undefined ? raw : JSON.stringify(json);
    const event = {
      version: '2.0',
      rawPath: path,
      rawQueryString: query,
      headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
      requestContext: { http: { method, sourceIp: '192.0.2.1' } },
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

  async function signIn(username: PersonName = 'admin.ops'): Promise<string> {
    const reply = await call('POST', '/api/auth/login', { json: { username, password } });
    if (reply.status !== 200) throw new Error(JSON.stringify(reply.body));
    return reply.body.token;
  }
  return { call, deps, clock, objects, queue, state, activity, outbox, faults, faultIds, signIn, drain };
}

const match = createRouter<Route>(Object.values(breaksRoutes));

function holdToContract(method: string, path: string, { status, body }: Reply): void {
  const found = match(method, path);
  const route = found.found === 'route' ? found.route : undefined;
  if (status >= 400) {
    expect(breaksError.strict().parse(body)).toEqual(body);
    expect(body.status).toBe(status);
    expect(body.correlationId).toMatch(/^req_[0-9A-HJKMNP-TV-Z]{26}$/);
    const error = breaksErrors[body.error as keyof typeof breaksErrors];
    expect(error?.status, `the status of ${body.error}`).toBe(status);
    if (!route) return;
    const { every, bearer, idempotent, body: withBody } = impliedErrors;
    const declared = [...route.errors, ...every, ...bearer, ...idempotent, ...withBody];
    expect(declared, `${method} ${route.path} declares ${body.error}`).toContain(body.error);
    return;
  }
  if (!route || method === 'HEAD' || status === 307 || 'download' in route.result) return;
  const pending = status === 202 && route.pending;
  if (!pending) expect(status).toBe(route.status);
  // A field that is not declared would be stripped, and the difference seen.
  expect((pending || (route.result as z.ZodType)).parse(body)).toEqual(body);
}

/** As a browser sends it: the metadata first, as JSON, with or without a name of a file. */
export function batchBody(
  content: string | Buffer,
  metadata?: unknown,
  { fileName = 'custody.csv', asBlob = false }: { fileName?: string; asBlob?: boolean } = {},
): Call {
  const boundary = '----BOUNDARY';
  const json = typeof metadata === 'string' ? metadata : JSON.stringify(metadata);
  const name = asBlob ? '; filename="blob"' : '';
  const parts = [
    ...(metadata === undefined
      ? []
      : [
          `--${boundary}\r\nContent-Disposition: form-data; name="metadata"${name}\r\nContent-Type: application/json\r\n\r\n${json}\r\n`,
        ]),
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${fileName}"\r\nContent-Type: text/csv\r\n\r\n`,
  ];
  return {
    raw: Buffer.concat([Buffer.from(parts.join('')), Buffer.from(content), Buffer.from(`\r\n--${boundary}--\r\n`)]),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  };
}

/** The definition of the document's sample. */
export function sampleBody() {
  const mappings = ['CUSTODY_FEED', 'GL_LEDGER'].map((sourceCode) => ({
    sourceCode,
    sourceColumn: 'trade_id',
    required: true,
  }));
  return {
    code: 'CUSTODY_GL',
    name: 'Custody vs GL',
    description: 'Matches daily custody positions with the general ledger',
    owner: 'Custody Ops',
    makerCheckerEnabled: true,
    notes: 'Pilot with the custody operations team',
    status: 'DRAFT',
    autoTriggerEnabled: true,
    autoTriggerCron: '0 2 * * *',
    autoTriggerTimezone: 'UTC',
    autoTriggerGraceMinutes: 30,
    sources: [
      {
        code: 'CUSTODY_FEED',
        displayName: 'Custody CSV',
        adapterType: 'CSV_FILE',
        anchor: true,
        description: 'Daily custodial export',
        arrivalExpectation: 'Weekdays by 18:00',
        arrivalTimezone: 'America/New_York',
        arrivalSlaMinutes: 60,
      },
      {
        code: 'GL_LEDGER',
        displayName: 'General Ledger',
        adapterType: 'DATABASE',
        anchor: false,
        description: 'Ledger staging table',
      },
    ],
    canonicalFields: [
      {
        canonicalName: 'tradeId',
        displayName: 'Trade ID',
        role: 'KEY',
        dataType: 'STRING',
        comparisonLogic: 'EXACT_MATCH',
        formattingHint: null,
        required: true,
        mappings,
      },
    ],
    reportTemplates: [] as unknown[],
    accessControlEntries: [
      {
        ldapGroupDn: groupDn('RECON_ADMIN'),
        role: 'MAKER',
        notifyOnPublish: true,
        notifyOnIngestionFailure: true,
        notificationChannel: 'recon-admins@example.com',
      },
    ],
  };
}
