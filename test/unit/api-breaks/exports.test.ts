// The download of a workbook over HTTP: by a bearer token or a single-use ticket, by whoever may see the run.
import { beforeEach, describe, expect, it } from 'vitest';
import { authenticate } from '../../../functions/api-breaks/auth.ts';
import { breaksEnvelope } from '../../../functions/api-breaks/envelope.ts';
import { exportHandlers } from '../../../functions/api-breaks/handlers/exports.ts';
import { authenticateDownload } from '../../../functions/api-breaks/ticket-auth.ts';
import { createJwtSigner } from '../../../shared/adapters/crypto/jwt-signer.ts';
import { createMemoryBatchStore } from '../../../shared/adapters/memory/batch-store.ts';
import { createMemoryClock, createMemoryIds } from '../../../shared/adapters/memory/clock.ts';
import { createListedDirectory } from '../../../shared/adapters/memory/directory.ts';
import { createMemoryIdempotencyStore } from '../../../shared/adapters/memory/idempotency-store.ts';
import { createMemoryObjectStore } from '../../../shared/adapters/memory/object-store.ts';
import { createMemoryRateCounter } from '../../../shared/adapters/memory/rate-counter.ts';
import { createMemoryReconciliationStore } from '../../../shared/adapters/memory/reconciliation-store.ts';
import { createMemoryRunStore } from '../../../shared/adapters/memory/run-store.ts';
import { createMemorySecretSource } from '../../../shared/adapters/memory/secret-source.ts';
import { createMemorySessionStore } from '../../../shared/adapters/memory/session-store.ts';
import { createMemoryState } from '../../../shared/adapters/memory/state.ts';
import { createMemoryTicketStore } from '../../../shared/adapters/memory/ticket-store.ts';
import { exportRoutes } from '../../../shared/contracts/breaks/exports.ts';
import { documentedGroups } from '../../../shared/domain/break-access.ts';
import type { BreaksActor } from '../../../shared/domain/breaks-actor.ts';
import type { ExportTicket } from '../../../shared/domain/export-ticket.ts';
import { emptyFeed } from '../../../shared/domain/feed.ts';
import type { Run } from '../../../shared/domain/run.ts';
import { createApi } from '../../../shared/http/api.ts';
import { generousLimits } from '../../../shared/http/rate-limit.ts';
import type { RunWorkbook } from '../../../shared/ports/run-workbook.ts';
import { keptGraph } from '../../contract/exports/stored-workbook.ts';
import { reconciliation, run } from '../../contract/ports/samples.ts';

const makers = 'CN=RECON_PREPARERS,OU=Groups,DC=corp,DC=example';
const contentType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
const runId = 42_000_000_001;
const path = `/api/exports/runs/${runId}`;

async function open() {
  const state = createMemoryState();
  const clock = createMemoryClock();
  const ids = createMemoryIds(clock);
  const objects = createMemoryObjectStore();
  const sessions = createMemorySessionStore();
  const signer = createJwtSigner(createMemorySecretSource('x'.repeat(64)));
  const store = createMemoryTicketStore();
  const kept: ExportTicket[] = [];
  const workbook = { bytes: 3, delayMs: 0 };
  const reconciliations = createMemoryReconciliationStore(state);
  await reconciliations.create(reconciliation({ graph: keptGraph(), tenant: 'acme' }));
  const runs = createMemoryRunStore(state);
  const settled: Partial<Run> = { status: 'COMPLETED', results: { matchesKeys: [], breaksKey: 'b', ledgerKey: 'l' } };
  const feed = emptyFeed(reconciliation());
  await runs.create(run({ runId: 'run-1', number: 1, ...settled }), feed);
  await runs.create(run({ runId: 'run-2', number: 2, ...settled }), { ...feed, version: 1 });
  await runs.create(run({ runId: 'run-3', number: 3 }), { ...feed, version: 2 });
  const workbooks: RunWorkbook = {
    async workbook() {
      if (workbook.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, workbook.delayMs));
      await objects.put('exports/w.xlsx', Buffer.from('PK!'));
      return { key: 'exports/w.xlsx', bytes: workbook.bytes, contentType };
    },
  };
  const deps = {
    reconciliations,
    runs,
    batches: createMemoryBatchStore(state, clock),
    sessions,
    signer,
    clock,
    ids,
    objects,
    links: objects,
    workbooks,
    exportWaitMs: 50,
    fallbackGroups: documentedGroups,
    directory: createListedDirectory(
      [],
      { verify: async () => ({ matches: false, outdated: false }), pretend: async () => {} },
      clock,
    ),
    directoryPolicy: { tenant: 'acme', adminGroup: 'CN=RECON_ADMIN' },
    onDirectoryFault: () => undefined,
    tickets: {
      ...store,
      async create(ticket: ExportTicket) {
        kept.push(ticket);
        await store.create(ticket);
      },
    },
  };
  const api = createApi<typeof exportRoutes, BreaksActor>({
    surface: 'breaks',
    routes: exportRoutes,
    handlers: exportHandlers(deps),
    authenticate: (request, route, params) =>
      route.auth === 'ticket' ? authenticateDownload(deps, request, params.runId) : authenticate(deps, request),
    envelope: breaksEnvelope,
    limits: generousLimits,
    counter: createMemoryRateCounter(),
    idempotency: createMemoryIdempotencyStore(),
    onFault: (error) => {
      throw error;
    },
  });

  async function signIn(userId: string, groups: string[]) {
    const session = { tenant: 'acme', userId, sessionId: `session-of-${userId}` };
    await sessions.create({
      ...session,
      surface: 'breaks',
      role: 'user',
      permissions: [],
      name: userId,
      dn: `CN=${userId}`,
      groups,
      groupsAt: clock.now(),
      refreshId: 'r',
      createdAt: new Date(clock.now()).toISOString(),
      expiresAt: clock.now() + 3_600_000,
    });
    const claims = { ...session, kind: 'access' as const, tokenId: 't' };
    return { session, token: await signer.sign(claims, clock.now(), clock.now() + 3_600_000) };
  }

  async function send(method: 'GET' | 'POST', to: string, given: { token?: string; body?: unknown } = {}) {
    const [at, query = ''] = to.split('?');
    const reply = await api({
      method,
      path: at!,
      query,
      headers: given.token === undefined ? {} : { authorization: `Bearer ${given.token}` },
      body: Buffer.from(given.body === undefined ? '' : JSON.stringify(given.body)),
      sourceAddress: '192.0.2.1',
      requestId: 'req_1',
      receivedAt: clock.now(),
    });
    const json = reply.headers['content-type']?.startsWith('application/json')
      ? JSON.parse(String(reply.body))
      : undefined;
    return { ...reply, json };
  }

  const { session, token } = await signIn('analyst.jane', [makers]);
  const ticketFor = async (id = runId): Promise<string> => {
    const { status, json } = await send('POST', '/api/exports/tickets', { token, body: { runId: id } });
    expect(status).toBe(201);
    return json.ticket;
  };
  return { clock, sessions, kept, workbook, session, token, send, signIn, ticketFor };
}

let world: Awaited<ReturnType<typeof open>>;
beforeEach(async () => {
  world = await open();
});

describe('excel-export: with a bearer token', () => {
  it('excel-export: streams the document under the name that the client expects', async () => {
    const reply = await world.send('GET', path, { token: world.token });
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toBe(contentType);
    expect(reply.headers['content-disposition']).toContain(`filename="reconciliation-run-${runId}.xlsx"`);
    expect(Buffer.from(reply.body as Uint8Array).toString()).toBe('PK!');
  });

  it('excel-export: one over 4 MiB is a redirect to a link, or the link itself', async () => {
    world.workbook.bytes = 5 * 1024 ** 2;
    const redirected = await world.send('GET', path, { token: world.token });
    expect(redirected.status).toBe(307);
    expect(redirected.headers.location).toContain('w.xlsx');
    const { status, json } = await world.send('GET', `${path}?redirect=false`, { token: world.token });
    expect(status).toBe(200);
    expect(json).toMatchObject({ fileName: `reconciliation-run-${runId}.xlsx`, fileSize: 5 * 1024 ** 2 });
  });

  it('excel-export: one that takes longer than a request is a 202 that says when to ask again', async () => {
    world.workbook.delayMs = 200;
    const reply = await world.send('GET', path, { token: world.token });
    expect(reply.status).toBe(202);
    expect(reply.headers['retry-after']).toBe('10');
  });

  it('excel-export, err-404: who does not see the run is told that there is none, and so is who asks for no run', async () => {
    const { token } = await world.signIn('outsider', ['CN=OTHER,DC=corp']);
    const found = [
      await world.send('GET', path, { token }),
      await world.send('POST', '/api/exports/tickets', { token, body: { runId } }),
      await world.send('GET', '/api/exports/runs/42000000009', { token: world.token }),
      await world.send('GET', '/api/exports/runs/99000000001', { token: world.token }),
      await world.send('GET', '/api/exports/runs/99999999999999999999', { token: world.token }),
      await world.send('GET', '/api/exports/runs/x', { token: world.token }),
    ];
    expect(found.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404, 404]);
  });

  it('excel-export: a run that has not settled has nothing to export, RESULTS_NOT_READY', async () => {
    const reply = await world.send('GET', '/api/exports/runs/42000000003', { token: world.token });
    expect([reply.status, reply.json.error]).toEqual([409, 'RESULTS_NOT_READY']);
  });
});

describe('excel-window-open: with a ticket', () => {
  it('excel-window-open: a window without a header downloads by it', async () => {
    const { status, json } = await world.send('POST', '/api/exports/tickets', { token: world.token, body: { runId } });
    expect(status).toBe(201);
    expect(json.ticket).toMatch(/^[\w-]{43}$/);
    expect(Date.parse(json.expiresAt)).toBe(world.clock.now() + 60_000);
    const reply = await world.send('GET', `${path}?token=${json.ticket}`);
    expect([reply.status, reply.headers['content-type']]).toEqual([200, contentType]);
  });

  it('excel-window-open: what is kept of it is a hash', async () => {
    const ticket = await world.ticketFor();
    expect(world.kept).toHaveLength(1);
    expect(world.kept[0]!.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(world.kept)).not.toContain(ticket);
  });

  it('excel-window-open: it is good for one use, also when it is used twice at once', async () => {
    const ticket = await world.ticketFor();
    const replies = await Promise.all([1, 2, 3].map(() => world.send('GET', `${path}?token=${ticket}`)));
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    const again = await world.send('GET', `${path}?token=${ticket}`);
    expect(again.status).toBe(401);
    expect(again.json.message).toContain('POST /api/exports/tickets');
  });

  it('excel-window-open: it is good for a minute', async () => {
    const ticket = await world.ticketFor();
    world.clock.advance(60_000);
    expect((await world.send('GET', `${path}?token=${ticket}`)).status).toBe(401);
  });

  it('excel-window-open: it opens its own run and no other, and is not used up by the attempt', async () => {
    const ticket = await world.ticketFor();
    expect((await world.send('GET', `/api/exports/runs/42000000002?token=${ticket}`)).status).toBe(401);
    expect((await world.send('GET', `${path}?token=${ticket}`)).status).toBe(200);
  });

  it('excel-window-open: it has the rights that its session has now', async () => {
    const [first, second] = [await world.ticketFor(), await world.ticketFor()];
    await world.signIn('analyst.jane', ['CN=OTHER,DC=corp']);
    expect((await world.send('GET', `${path}?token=${first}`)).status).toBe(404);
    await world.sessions.revoke(world.session);
    const reply = await world.send('GET', `${path}?token=${second}`);
    expect([reply.status, reply.json.message]).toEqual([401, 'The session that the ticket was given to has ended']);
  });

  it('excel-window-open: a workbook that takes longer sends the window here again with a new ticket', async () => {
    world.workbook.delayMs = 200;
    const reply = await world.send('GET', `${path}?token=${await world.ticketFor()}`);
    expect(reply.status).toBe(307);
    world.workbook.delayMs = 0;
    const to = new URL(reply.headers.location!, `https://example.test/breaks${path}?token=old`);
    expect(to.pathname).toBe(`/breaks${path}`);
    expect((await world.send('GET', `${path}${to.search}`)).status).toBe(200);
  });

  it('excel-window-open: a JWT in the address is refused, also a good one, and is told where tickets are', async () => {
    for (const query of [`token=${world.token}`, `token=x&token=${world.token}`, 'token=a.b.c']) {
      const reply = await world.send('GET', `${path}?${query}`);
      expect([reply.status, reply.json.error], query).toEqual([401, 'UNAUTHENTICATED']);
      expect(reply.json.message).toContain('POST /api/exports/tickets');
    }
    const both = await world.send('GET', `${path}?token=${world.token}`, { token: world.token });
    expect(both.status).toBe(401);
  });

  it.each([
    ['nothing', ''],
    ['an empty ticket', 'token='],
    ['a ticket that was never given', 'token=x'],
    ['two tickets', 'token=x&token=y'],
    ['NUL', 'token=%00'],
    ['a ticket without end', `token=${'x'.repeat(5_000)}`],
  ])('excel-window-open: %s is nobody', async (_name, query) => {
    const reply = await world.send('GET', `${path}?${query}`);
    expect(reply.status).toBe(401);
    expect(reply.headers['www-authenticate']).toBe('Bearer');
  });

  it('excel-window-open: two credentials are one too many', async () => {
    const ticket = await world.ticketFor();
    expect((await world.send('GET', `${path}?token=${ticket}`, { token: world.token })).status).toBe(401);
    expect((await world.send('GET', `${path}?token=${ticket}`)).status).toBe(200);
  });

  it.each([{}, { runId: '42' }, { runId: 1.5 }, { runId: 2 ** 53 }, { runId, more: 1 }])(
    'excel-window-open: %j asks for no ticket',
    async (body) => {
      expect((await world.send('POST', '/api/exports/tickets', { token: world.token, body })).status).toBe(422);
    },
  );

  it('excel-window-open: a ticket opens the download and nothing else', async () => {
    const ticket = await world.ticketFor();
    expect((await world.send('POST', `/api/exports/tickets?token=${ticket}`, { body: { runId } })).status).toBe(401);
  });
});
