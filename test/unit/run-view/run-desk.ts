// The routes of runs over HTTP, with the real engine, the whole pipeline and the memory stores: files are dropped, requests made,
// and time passes while a request waits for its run.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { z } from 'zod';
import { breaksEnvelope } from '../../../functions/api-breaks/envelope.ts';
import { runHandlers } from '../../../functions/api-breaks/handlers/runs.ts';
import { createMemoryIdempotencyStore } from '../../../shared/adapters/memory/idempotency-store.ts';
import { createMemoryRateCounter } from '../../../shared/adapters/memory/rate-counter.ts';
import { pipelineDefaults } from '../../../shared/app/deps.ts';
import { createDuckdbEngine } from '../../../shared/app/duckdb-engine.ts';
import { createObjectCache } from '../../../shared/app/results/object-cache.ts';
import { keepEngine } from '../../../shared/app/run-view/kept-engine.ts';
import { createRunView } from '../../../shared/app/run-view/read-run-view.ts';
import { breaksError } from '../../../shared/contracts/breaks/envelope.ts';
import { breaksErrors, impliedErrors } from '../../../shared/contracts/breaks/errors.ts';
import { runRoutes } from '../../../shared/contracts/breaks/runs.ts';
import type { Route } from '../../../shared/contracts/route.ts';
import type { Break } from '../../../shared/domain/break.ts';
import { documentedGroups } from '../../../shared/domain/break-access.ts';
import { afterDeed, type Deed } from '../../../shared/domain/break-review.ts';
import type { BreaksActor } from '../../../shared/domain/breaks-actor.ts';
import { compileGraph } from '../../../shared/domain/graph/compile-graph.ts';
import type { AccessEntry, CanonicalField, GraphSource, KeptGraph } from '../../../shared/domain/graph/graph.ts';
import type { Reconciliation } from '../../../shared/domain/reconciliation.ts';
import { fail, ok } from '../../../shared/domain/result.ts';
import { createApi } from '../../../shared/http/api.ts';
import { generousLimits } from '../../../shared/http/rate-limit.ts';
import { createRouter } from '../../../shared/http/router.ts';
import { createRandom } from '../../fault/random.ts';
import { createWorld, noFaults } from '../../fault/world.ts';

const tenant = 'acme';
const limits = { memoryMb: 512, threads: 1 };

const group = (name: string) => `CN=${name},OU=Groups,DC=corp,DC=example`;
const actor = (userId: string, groups: string[], role: BreaksActor['role'] = 'user'): BreaksActor => ({
  tenant,
  userId,
  role,
  dn: `CN=${userId},OU=Users,DC=corp,DC=example`,
  groups: groups.map(group),
  name: userId,
  sessionId: `session of ${userId}`,
});

/** Token → who it is. */
export const people = {
  maker: actor('analyst.jane', ['RECON_PREPARERS']),
  checker: actor('checker.bob', ['RECON_APPROVERS']),
  both: actor('both.ann', ['RECON_PREPARERS', 'RECON_APPROVERS']),
  admin: actor('admin.ops', ['RECON_ADMIN'], 'admin'),
  viewer: actor('viewer.vic', ['READERS']),
  nobody: actor('no.body', []),
  stranger: { ...actor('strange.r', ['RECON_PREPARERS', 'RECON_APPROVERS']), tenant: 'zeta' },
} satisfies Record<string, BreaksActor>;
export type Person = keyof typeof people;

const source = (code: string, id: number, anchor: boolean): GraphSource & { id: number } => ({
  id,
  code,
  displayName: null,
  adapterType: 'CSV_FILE',
  anchor,
  description: null,
  connectionConfig: null,
  adapterOptions: null,
  arrivalExpectation: null,
  arrivalTimezone: null,
  arrivalSlaMinutes: null,
});

const field = (
  canonicalName: string,
  role: CanonicalField['role'],
  dataType: CanonicalField['dataType'] = 'STRING',
): CanonicalField => ({
  canonicalName,
  displayName: null,
  role,
  dataType,
  comparisonLogic: 'EXACT_MATCH',
  thresholdPercentage: null,
  formattingHint: null,
  required: false,
  mappings: ['CUSTODY', 'GL'].map((sourceCode) => ({ sourceCode, sourceColumn: canonicalName, required: false })),
});

export function entry(name: string, role: AccessEntry['role']): AccessEntry {
  return {
    ldapGroupDn: group(name),
    role,
    notifyOnPublish: false,
    notifyOnIngestionFailure: false,
    notificationChannel: null,
  };
}

export function reconciliation(
  number: number,
  changes: Partial<KeptGraph> = {},
  status: Reconciliation['status'] = 'PUBLISHED',
): Reconciliation {
  const at = '2026-01-05T09:00:00.000Z';
  const graph: KeptGraph = {
    number,
    version: 0,
    code: `CUSTODY_GL_${number}`,
    name: 'Custody vs GL',
    description: 'Custody holdings against the ledger',
    owner: null,
    notes: null,
    makerCheckerEnabled: true,
    autoTriggerEnabled: false,
    autoTriggerCron: null,
    autoTriggerTimezone: null,
    autoTriggerGraceMinutes: null,
    sources: [source('CUSTODY', 1, true), source('GL', 2, false)],
    canonicalFields: [
      field('tradeId', 'KEY'),
      field('amount', 'COMPARE', 'DECIMAL'),
      field('product', 'PRODUCT'),
      field('market', 'SUB_PRODUCT'),
      field('fund', 'ENTITY'),
    ],
    reportTemplates: [],
    accessControlEntries: [],
    createdBy: 'admin.ops',
    updatedBy: 'admin.ops',
    updatedAt: at,
    ...changes,
  };
  return {
    tenant,
    reconciliationId: `rec-${number}`,
    code: graph.code.toLowerCase(),
    name: graph.name,
    description: graph.description ?? '',
    ownerId: 'admin.ops',
    status,
    graph,
    definition: compileGraph(graph),
    version: 1,
    createdAt: at,
    updatedAt: at,
  };
}

export const header = 'tradeId,amount,product,market,fund\n';

// biome-ignore lint/suspicious/noExplicitAny: bodies are looked at field by field.
export type Reply = { status: number; headers: Record<string, string>; body: any; text: string };

export type RunDesk = Awaited<ReturnType<typeof openRunDesk>>;

/** `stalled`: no time passes while a request waits, so that its run does not get on. */
export async function openRunDesk({ stalled = false } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'tieout-runs-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const settings = { ...pipelineDefaults, bucket: 'b', scratchDirectory: directory, breakWritesAtOnce: 1 };
  const world = createWorld(createRandom(1), noFaults, createDuckdbEngine(limits), settings);
  const { deps } = world;
  const cache = createObjectCache(deps, join(directory, 'cache'), 1_000_000_000);
  const kept = keepEngine({ directory: join(directory, 'view'), allowed: [cache.directory], ...limits });
  onTestFinished(() => kept.close());
  const view = createRunView({ ...deps, cache, kept, engineLimits: limits, pageCharactersMax: 4_000_000 });
  const waited = { ms: 0 };
  const faults: unknown[] = [];
  const api = createApi<typeof runRoutes, BreaksActor>({
    surface: 'breaks',
    routes: runRoutes,
    handlers: runHandlers({
      ...deps,
      view,
      fallbackGroups: documentedGroups,
      runWaitMs: 25_000,
      async pause(ms) {
        waited.ms += ms;
        if (stalled) waited.ms < 60_000 ? advanceClock(ms) : expect.fail('it waits for ever');
        else await drain();
      },
    }),
    async authenticate({ headers }) {
      const name = /^Bearer (\w+)$/.exec(headers.authorization ?? '')?.[1];
      return name && Object.hasOwn(people, name) ? ok(people[name as Person]) : fail('UNAUTHENTICATED');
    },
    envelope: breaksEnvelope,
    limits: generousLimits,
    counter: createMemoryRateCounter(),
    idempotency: createMemoryIdempotencyStore(),
    onFault: (error) => faults.push(error),
  });
  const advanceClock = (ms: number) => (deps.clock as unknown as { advance(ms: number): void }).advance(ms);

  async function drain(): Promise<void> {
    for (let step = 0; step < 20_000; step += 1) if (!(await world.happen())) return;
    throw new Error('it never ends');
  }

  const match = createRouter<Route>(Object.values(runRoutes));

  async function call(who: Person | undefined, method: string, target: string, json?: unknown): Promise<Reply> {
    const [path = '', query = ''] = target.split('?');
    const reply = await api({
      method,
      path,
      query,
      headers: who === undefined ? {} : { authorization: `Bearer ${who}` },
      body: Buffer.from(json === undefined ? '' : JSON.stringify(json)),
      sourceAddress: '192.0.2.1',
      requestId: 'req_1',
      receivedAt: deps.clock.now(),
    });
    expect(faults).toEqual([]);
    const text = reply.body as string;
    const body = JSON.parse(text);
    holdToContract(method, path, reply.status, body);
    return { status: reply.status, headers: reply.headers, body, text };
  }

  function holdToContract(method: string, path: string, status: number, body: Reply['body']): void {
    const found = match(method, path);
    if (found.found !== 'route') return;
    const { route } = found;
    if (status >= 400) {
      expect(breaksError.strict().parse(body)).toEqual(body);
      expect(breaksErrors[body.error as keyof typeof breaksErrors].status).toBe(status);
      const declared = [...route.errors, ...Object.values(impliedErrors).flat()];
      expect(declared, `${method} ${route.path} declares ${body.error}`).toContain(body.error);
      return;
    }
    const schema = (status === 202 ? route.pending : route.result) as z.ZodType;
    // A field that is not declared would be stripped, and the difference seen.
    expect(schema.parse(body)).toEqual(body);
  }

  let dropped = 0;
  return {
    ...world,
    call,
    drain,
    view,
    waited,
    advanceClock,
    async create(...given: Parameters<typeof reconciliation>): Promise<Reconciliation> {
      const made = reconciliation(...given);
      if (!(await deps.reconciliations.create(made))) throw new Error('it exists');
      return made;
    },
    /** A batch that is loaded, and whose run, if one starts by its arrival, is not waited for. */
    async drop({ code }: Reconciliation, name: 'CUSTODY' | 'GL', rows: string): Promise<void> {
      dropped += 1;
      const stored = await deps.objects.put(`drop/${tenant}/${code}/${name}/file-${dropped}.csv`, header + rows);
      world.enqueue({ kind: 'object-received', ...stored });
    },
    async act(of: Reconciliation, breakId: string, deed: Omit<Deed, 'at' | 'action'>): Promise<void> {
      const [item] = await deps.breaks.getMany(of, [breakId]);
      const next = afterDeed(item as Break, {
        at: new Date(deps.clock.now()).toISOString(),
        action: 'COMMENT',
        ...deed,
      });
      if (!(await deps.breaks.save([{ break: next.break, expected: item!.version, entries: [next.entry] }])))
        throw new Error('it was not saved');
    },
  };
}
