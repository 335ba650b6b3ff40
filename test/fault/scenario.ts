// What happens from outside in a simulation: waves of files, persons, uploads. A wave is sent when the runs before it
// have taken their batches, so that the same files end in the same run whatever goes wrong; the runs themselves overlap.
import { createHash } from 'node:crypto';
import { releaseBatch } from '../../shared/app/batches/release-batch.ts';
import { withdrawBatch } from '../../shared/app/batches/withdraw-batch.ts';
import { resumeRun } from '../../shared/app/runs/resume-run.ts';
import { startRun } from '../../shared/app/runs/start-run.ts';
import { stopRun } from '../../shared/app/runs/stop-run.ts';
import type { Break, BreakStatus } from '../../shared/domain/break.ts';
import { afterDeed } from '../../shared/domain/break-review.ts';
import type { Definition, Source } from '../../shared/domain/definition.ts';
import type { Actor } from '../../shared/domain/principal.ts';
import type { Reconciliation } from '../../shared/domain/reconciliation.ts';
import { isActive, type Run } from '../../shared/domain/run.ts';
import { graph } from '../fixtures/graph.ts';
import type { Random } from './random.ts';
import type { World } from './world.ts';

export const tenant = 'acme';
export const reconciliationId = 'rec-1';
export const ref = { tenant, reconciliationId };
export const person: Actor = { tenant, userId: 'person', role: 'user', permissions: [], name: 'Person' };

export type Step = {
  name: string;
  ready(world: World): Promise<boolean>;
  act(world: World): Promise<void>;
};

export type Scenario = {
  name: string;
  reconciliation: Reconciliation;
  steps: Step[];
  /** Stops and resumes runs at random while the steps go on. */
  operator: boolean;
};

export type Load = 'snapshot' | 'increment';
type Row = { id: string; amount: string; currency: string; note: string };

/** `data` makes the same files for the same seed, whatever else happens; `wavesMax` keeps it short for a slow engine. */
export const scenarios: ((data: Random, wavesMax: number) => Scenario)[] = [
  (data, wavesMax) => waves('two snapshots', data, ['snapshot', 'snapshot'], wavesMax),
  (data, wavesMax) => waves('two increments', data, ['increment', 'increment'], wavesMax),
  (data, wavesMax) => waves('snapshot and increment', data, ['snapshot', 'increment'], wavesMax),
  (data, wavesMax) => waves('three snapshots', data, ['snapshot', 'snapshot', 'snapshot'], wavesMax),
  (data, wavesMax) => waves('three increments', data, ['increment', 'increment', 'increment'], wavesMax),
  uploads,
  withdrawal,
  (data, wavesMax) => waves('snapshots, stopped and resumed', data, ['snapshot', 'snapshot'], wavesMax, true),
  (data, wavesMax) => waves('increments, stopped and resumed', data, ['increment', 'increment'], wavesMax, true),
  persons,
];

export function reconciliationOf(loads: Load[]): Reconciliation {
  const names = ['bank', 'ledger', 'custodian'].slice(0, loads.length);
  const sources: Source[] = names.map((name, index) => ({
    name,
    load: loads[index]!,
    ...(index === 0 && { anchor: true }),
  }));
  const mapped = (column: string): Record<string, string> => Object.fromEntries(names.map((name) => [name, column]));
  const definition: Definition = {
    name: 'simulated',
    sources,
    fields: [
      { name: 'id', role: 'KEY', type: 'text', mapping: mapped('id') },
      { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: mapped('amount') },
      { name: 'currency', role: 'CLASSIFIER', type: 'text', mapping: mapped('currency') },
      { name: 'note', role: 'COMPARE', type: 'text', mapping: mapped('note') },
    ],
    passes: [{ kind: 'exact-key' }],
    currencyField: 'currency',
  };
  return { ...blank(), definition };
}

function blank(): Reconciliation {
  return {
    ...ref,
    code: 'sim',
    name: 'simulated',
    description: '',
    ownerId: 'person',
    status: 'PUBLISHED',
    // Its activity is told; no clock is set.
    graph: graph({ autoTriggerEnabled: false }),
    version: 1,
    createdAt: '2026-01-05T09:00:00.000Z',
    updatedAt: '2026-01-05T09:00:00.000Z',
  };
}

/** One file per source. Snapshots show everything known so far, corrected now and then; increments what is new. */
function fileMaker(data: Random, loads: Load[]): (wave: number) => string[] {
  const everything: Row[][] = loads.map(() => []);
  return (wave) => {
    const added: Row[][] = loads.map(() => []);
    for (let index = 0; index < 4 + data.below(6); index += 1) {
      const row: Row = {
        id: `w${wave}-${index}`,
        amount: `${data.below(2_000) - 500}.${10 + data.below(90)}`,
        currency: data.pick(['EUR', 'USD', '']),
        note: data.pick(['rent', 'fee', '']),
      };
      for (const rows of added) {
        if (data.chance(0.15)) continue;
        rows.push(data.chance(0.15) ? { ...row, amount: `${data.below(100)}.50` } : row);
        if (data.chance(0.1)) rows.push(rows.at(-1)!);
        if (data.chance(0.05)) rows.push({ ...row, id: `bad-${row.id}`, amount: 'n/a' });
      }
    }
    return loads.map((load, source) => {
      // Late partners of what an earlier wave missed, and corrections.
      for (const row of everything[(source + 1) % loads.length]!) {
        const known = everything[source]!.some((other) => other.id === row.id);
        if (!known && row.amount !== 'n/a' && data.chance(0.3)) added[source]!.push(row);
      }
      if (load === 'increment') {
        everything[source]!.push(...added[source]!);
        return csv(added[source]!, wave);
      }
      everything[source] = [
        ...everything[source]!.filter(() => !data.chance(0.1)).map((row) =>
          data.chance(0.1) ? { ...row, note: `corrected ${wave}` } : row,
        ),
        ...added[source]!,
      ];
      return csv(everything[source]!, wave);
    });
  };
}

/** Never without a row; `only` keeps waves from being equal byte for byte. */
function csv(rows: Row[], wave: number): string {
  const only: Row = { id: `only-${wave}`, amount: '1.00', currency: 'EUR', note: '' };
  const lines = [...rows, only].map(({ id, amount, currency, note }) => [id, amount, currency, note].join(','));
  return `id,amount,currency,note\n${lines.join('\n')}\n`;
}

async function drop(world: World, source: string, fileName: string, body: string): Promise<void> {
  const { key, versionId, bytes } = await world.deps.objects.put(`drop/${tenant}/sim/${source}/${fileName}`, body);
  world.enqueue({ kind: 'object-received', key, versionId, bytes });
}

async function runsOf(world: World): Promise<Run[]> {
  return (await world.deps.runs.list(ref)).items;
}

async function runsTaken(world: World, count: number): Promise<boolean> {
  return (await runsOf(world)).length >= count;
}

export async function allDone(world: World, count: number): Promise<boolean> {
  const runs = await runsOf(world);
  return runs.length >= count && runs.every((run) => run.status === 'COMPLETED');
}

export function waveSteps(data: Random, loads: Load[], count: number, oneByOne: boolean): Step[] {
  const make = fileMaker(data, loads);
  const reconciliation = reconciliationOf(loads);
  return Array.from({ length: count }, (_, wave): Step => {
    const files = make(wave);
    return {
      name: `wave ${wave}`,
      ready: (world) => (oneByOne ? allDone(world, wave) : runsTaken(world, wave)),
      async act(world) {
        for (const [index, { name }] of reconciliation.definition!.sources.entries()) {
          await drop(world, name, `wave-${wave}.csv`, files[index]!);
        }
      },
    };
  });
}

function waves(name: string, data: Random, loads: Load[], wavesMax: number, operator = false): Scenario {
  const steps = waveSteps(data, loads, Math.min(2 + data.below(3), wavesMax), operator);
  return { name, reconciliation: reconciliationOf(loads), steps, operator };
}

/** Jobs over uploads without a definition, started by hand, twice over. */
function uploads(data: Random): Scenario {
  const files = fileMaker(data, ['snapshot', 'snapshot'])(0);
  const names = ['left', 'right'];
  const start = (world: World) => startRun(world.deps, person, { reconciliationId }).then(expectOk);
  return {
    name: 'uploads',
    reconciliation: { ...blank(), inputs: names.map((source) => ({ source, uploadId: `up-${source}` })) },
    steps: [
      {
        name: 'upload and start',
        ready: async () => true,
        async act(world) {
          for (const [index, source] of names.entries()) {
            const objectKey = `uploads/${tenant}/up-${source}`;
            const upload = { tenant, uploadId: `up-${source}`, projectId: 'p', fileName: `${source}.csv`, objectKey };
            await world.deps.uploads.create({
              ...upload,
              contentType: 'text/csv',
              bytes: 0,
              status: 'EXPECTED',
              uploadedBy: 'person',
              uploadedAt: '2026-01-05T09:00:00.000Z',
              version: 1,
            });
            const { versionId, bytes } = await world.deps.objects.put(
              objectKey,
              files[index]!.replaceAll(/^bad-.*\n/gm, ''),
            );
            world.enqueue({ kind: 'object-received', key: objectKey, versionId, bytes });
          }
          await start(world);
        },
      },
      { name: 'start again', ready: (world) => allDone(world, 1), act: (world) => start(world).then(() => {}) },
    ],
    operator: false,
  };
}

/** A settled increment is withdrawn, equal bytes come again and are released, strangers land in the drop folder. */
function withdrawal(data: Random): Scenario {
  const loads: Load[] = ['increment', 'increment'];
  const [first, second] = waveSteps(data, loads, 2, true) as [Step, Step];
  const late = fileMaker(data, loads)(2);
  const batchOf = async (world: World, source: string, fileName: string) => {
    const { items } = await world.deps.batches.list(ref);
    return items.find((batch) => batch.source === source && batch.fileName === fileName);
  };
  return {
    name: 'withdrawal, equal bytes, strangers',
    reconciliation: reconciliationOf(loads),
    steps: [
      first,
      second,
      {
        name: 'withdraw',
        ready: (world) => allDone(world, 2),
        async act(world) {
          const batch = await batchOf(world, 'ledger', 'wave-0.csv');
          const withdrawn = await withdrawBatch(world.deps, person, {
            reconciliationId,
            batchId: batch!.batchId,
            reason: 'wrong day',
          });
          if (!expectOk(withdrawn).rerun) throw new Error('a rerun is to be offered');
          expectOk(await startRun(world.deps, person, { reconciliationId }));
        },
      },
      {
        name: 'equal bytes and strangers',
        ready: (world) => allDone(world, 3),
        async act(world) {
          const batch = await batchOf(world, 'bank', 'wave-1.csv');
          const body = new TextDecoder().decode(await world.deps.objects.get(batch!.object.key));
          await drop(world, 'bank', 'again.csv', body);
          await drop(world, 'nobody', 'x.csv', 'a,b\n1,2\n');
          const { key, versionId, bytes } = await world.deps.objects.put(`drop/${tenant}/../sim/'"\0`, 'x');
          world.enqueue({ kind: 'object-received', key, versionId, bytes });
        },
      },
      {
        name: 'release',
        ready: async (world) => (await batchOf(world, 'bank', 'again.csv'))?.status === 'HELD',
        async act(world) {
          const batch = await batchOf(world, 'bank', 'again.csv');
          expectOk(await releaseBatch(world.deps, person, { reconciliationId, batchId: batch!.batchId }));
        },
      },
      // One file after the other, so that the run that they start takes them all.
      ...['bank', 'ledger'].map(
        (source, index): Step => ({
          name: `wave 2 of ${source}`,
          ready: async (world) =>
            (await batchOf(world, 'bank', index === 0 ? 'again.csv' : 'wave-2.csv'))?.status === 'COMPLETE',
          act: (world) => drop(world, source, 'wave-2.csv', late[index]!),
        }),
      ),
    ],
    operator: false,
  };
}

/** Persons propose and close breaks between runs; values change under them, breaks go and come back. */
function persons(data: Random, wavesMax: number): Scenario {
  const loads: Load[] = ['snapshot', 'snapshot'];
  const steps = waveSteps(data, loads, wavesMax, true).flatMap((wave, index): Step[] => [
    wave,
    {
      name: `persons ${index}`,
      ready: (world) => allDone(world, index + 1),
      async act(world) {
        const { items } = await world.deps.breaks.list(ref, undefined, 1_000);
        const act = async (item: Break, status: BreakStatus) => {
          const deed = { at: '2026-01-06T00:00:00.000Z', actorDn: 'CN=person', action: 'STATUS_CHANGE', status };
          const { break: next, entry } = afterDeed(item, deed);
          const saved = await world.deps.breaks.save([{ break: next, expected: item.version, entries: [entry] }]);
          if (!saved) throw new Error(`break ${item.breakId} has changed`);
        };
        // By identity and wave, not by chance of the moment: the same breaks whatever happened before.
        for (const item of items.filter(({ status }) => status === 'OPEN')) {
          const lot = createHash('md5').update(`${item.identity}/${index}`).digest()[0]! % 4;
          if (lot === 0) await act(item, 'PENDING_APPROVAL');
          if (lot === 1) await act(item, 'CLOSED');
        }
      },
    },
  ]);
  return { name: 'persons', reconciliation: reconciliationOf(loads), steps, operator: false };
}

/** What an operator does at some moment: stops something that runs, or resumes what has stopped or failed. */
export async function operate(world: World, random: Random, mayStop: boolean): Promise<void> {
  for (const run of await runsOf(world)) {
    const command = { reconciliationId, runId: run.runId };
    if (run.status === 'STOPPED' || run.status === 'FAILED') expectOk(await resumeRun(world.deps, person, command));
    else if (mayStop && isActive(run) && random.chance(0.5)) await stopRun(world.deps, person, command);
  }
}

export function expectOk<T>(result: { ok: true; value: T } | { ok: false; code: string; detail: string }): T {
  if (!result.ok) throw new Error(`${result.code}: ${result.detail}`);
  return result.value;
}
