// What the break management surface itself needs for its list of reconciliations and for a run, at 100 definitions × 100 runs × 1,000
// breaks. The stores are in memory: no waiting for table or bucket is in the figures. The engine, the answer's way between the two
// functions as JSON and the reply's text are. Part of `npm run bench:breaks`; writes its section of bench/results.md.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { runHandlers } from '../../functions/api-breaks/handlers/runs.ts';
import { createMemoryBatchStore } from '../../shared/adapters/memory/batch-store.ts';
import { createMemoryBreakStore } from '../../shared/adapters/memory/break-store.ts';
import { createMemoryIds } from '../../shared/adapters/memory/clock.ts';
import { createMemoryReconciliationStore } from '../../shared/adapters/memory/reconciliation-store.ts';
import { createMemoryRunStore } from '../../shared/adapters/memory/run-store.ts';
import { createMemoryWorkQueue } from '../../shared/adapters/memory/work-queue.ts';
import { systemClock } from '../../shared/adapters/system/clock.ts';
import { createObjectCache } from '../../shared/app/results/object-cache.ts';
import { keepEngine } from '../../shared/app/run-view/kept-engine.ts';
import { createRunView } from '../../shared/app/run-view/read-run-view.ts';
import type { BreakStatus } from '../../shared/domain/break.ts';
import { documentedGroups } from '../../shared/domain/break-access.ts';
import type { BreaksActor } from '../../shared/domain/breaks-actor.ts';
import { joinNumber } from '../../shared/domain/composite-number.ts';
import { benchDirectory } from '../paths.ts';
import { machine, table, writeSection } from '../results-page.ts';
import { makeStores, sizes, tenant } from './made-stores.ts';

const { definitions, runsOfEach, breaksOfRun, goneBefore, touchedOfRun } = sizes;
const rounds = 100;
const targetMs = 50;

const limits = { memoryMb: 1_000, threads: 1 };
const actor: BreaksActor = {
  tenant,
  userId: 'analyst.jane',
  role: 'user',
  dn: 'CN=analyst.jane,OU=Users,DC=corp,DC=example',
  groups: ['CN=RECON_PREPARERS,OU=Groups,DC=corp,DC=example', 'CN=RECON_APPROVERS,OU=Groups,DC=corp,DC=example'],
  name: 'Jane Analyst',
  sessionId: 'bench',
};

/** Spent in the twins of the table, which search where the table looks up: it is nobody's own. */
const ofStores = { wallMs: 0, processorMs: 0 };

export async function measureLists(): Promise<void> {
  mkdirSync(benchDirectory, { recursive: true });
  const directory = mkdtempSync(join(benchDirectory, 'breaks-'));
  const load = loadavg()[0]!.toFixed(1);
  console.log(`making ${definitions} definitions × ${runsOfEach} runs, ${breaksOfRun} breaks each`);
  const { state, objects } = await makeStores(directory);
  const ids = createMemoryIds(systemClock);
  const cache = createObjectCache({ objects, ids }, join(directory, 'cache'), 4 * 1024 ** 3);
  const kept = keepEngine({ directory: join(directory, 'view'), allowed: [cache.directory], ...limits });
  const stores = {
    reconciliations: timed(createMemoryReconciliationStore(state)),
    batches: timed(createMemoryBatchStore(state, systemClock)),
    runs: timed(createMemoryRunStore(state)),
    breaks: timed(createMemoryBreakStore(state)),
  };
  const view = createRunView({ ...stores, cache, kept, engineLimits: limits, pageCharactersMax: 4_000_000 });
  const handlers = runHandlers({
    ...stores,
    queue: createMemoryWorkQueue(),
    clock: systemClock,
    ids,
    // What the query function answers travels as JSON.
    view: {
      page: async (...request) => JSON.parse(JSON.stringify(await view.page(...request))),
      breaksOf: async (...request) => JSON.parse(JSON.stringify(await view.breaksOf(...request))),
    },
    fallbackGroups: documentedGroups,
    runWaitMs: 0,
    pause: async () => undefined,
  });

  const all = { limit: breaksOfRun };
  const latest = (id: number, query: Query) => handlers.latestRun(input({ id }, query));
  const measured = [
    await measure('GET /api/reconciliations', () => handlers.listReconciliations(input({}, {}))),
    await measure('latest, the function just started', (round) => latest(round + 1, all), definitions),
    await measure('latest, 1,000 breaks', (round) => latest(1 + (round % definitions), all)),
    await measure('latest, filtered', (round) =>
      latest(1 + (round % definitions), { ...all, product: ['PRODUCT-3'], status: ['OPEN'] }),
    ),
    await measure('latest, 100 breaks', (round) => latest(1 + (round % definitions), { limit: 100 })),
    await measure('historical, filtered', (round) => {
      const runId = joinNumber({ number: 1 + (round % definitions), sequence: 1 + (round % runsOfEach) });
      return handlers.historicalRun(input({ runId }, { ...all, entity: ['ENTITY-2'] }));
    }),
  ];
  await kept.close();
  rmSync(directory, { recursive: true, force: true });

  const rows = measured.map(({ name, p50, p95, processor, bytes }) => [
    name,
    p50.toFixed(1),
    p95.toFixed(1),
    processor.toFixed(1),
    `${Math.round(bytes / 1000)}`,
  ]);
  const text = table([['request', 'p50 ms', 'p95 ms', 'processor ms', 'reply kB'], ...rows]);
  const late = measured.filter(({ name, p50 }) => p50 > targetMs && !name.includes('just started'));
  const verdict =
    late.length === 0
      ? `All are under ${targetMs} ms.`
      : `Over ${targetMs} ms: ${late.map(({ name }) => name).join(', ')}.`;
  console.log(`\n${text}\n\n${verdict}`);
  writeSection(
    'Break management: list and runs',
    `\`npm run bench:breaks -- lists\`: ${definitions} definitions × ${runsOfEach} runs × ${breaksOfRun} breaks of 12 fields a side, ${touchedOfRun} of them with a comment; ledgers of ${breaksOfRun + goneBefore} breaks. Own time of both functions, without what table and bucket take, ${rounds} requests each. The first request of a new function fetches and opens what later ones find. Machine: ${machine()}; its load from elsewhere when it began: ${load}.\n\n${text}\n\n${verdict}`,
  );
}

type Query = { limit: number; product?: string[]; entity?: string[]; status?: BreakStatus[] };

/** As the routes give it to their handlers. */
function input<Params, Given>(params: Params, query: Given) {
  return { params, query, actor, body: undefined, file: undefined, request: undefined } as never;
}

async function measure(name: string, request: (round: number) => Promise<{ ok: boolean }>, times = rounds) {
  const taken: number[] = [];
  const used: number[] = [];
  let bytes = 0;
  for (let round = 0; round < times; round += 1) {
    Object.assign(ofStores, { wallMs: 0, processorMs: 0 });
    const [start, processor] = [performance.now(), processorMs()];
    const answer = await request(round);
    bytes = Buffer.byteLength(JSON.stringify(answer));
    taken.push(performance.now() - start - ofStores.wallMs);
    used.push(processorMs() - processor - ofStores.processorMs);
    if (!answer.ok) throw new Error(`${name}: ${JSON.stringify(answer)}`);
  }
  return { name, p50: quantile(taken, 0.5), p95: quantile(taken, 0.95), processor: quantile(used, 0.5), bytes };
}

/** Of all threads: on a machine that does something else as well it says more than the clock. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

function quantile(values: number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(share * (values.length - 1))]!;
}

/** The twins answer without waiting for anything, so that what a call takes is theirs alone. */
function timed<Store extends object>(store: Store): Store {
  return new Proxy(store, {
    get(target, method) {
      const call = Reflect.get(target, method) as (...given: unknown[]) => unknown;
      return (...given: unknown[]) => {
        const [start, processor] = [performance.now(), processorMs()];
        const answer = call.apply(target, given);
        ofStores.wallMs += performance.now() - start;
        ofStores.processorMs += processorMs() - processor;
        return answer;
      };
    },
  });
}
