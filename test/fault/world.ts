// A world in which everything that may go wrong does: messages are duplicated, reordered, delayed and redelivered,
// processes die before or after any call to the outside, or freeze past their lease and go on as zombies. One process
// moves at a time, one call at a time; the seed chooses which. Use cases are the real ones.
import { createMemoryActivityLog } from '../../shared/adapters/memory/activity-log.ts';
import { createMemoryBatchStore } from '../../shared/adapters/memory/batch-store.ts';
import { createMemoryBreakStore } from '../../shared/adapters/memory/break-store.ts';
import { createMemoryBulkStore } from '../../shared/adapters/memory/bulk-store.ts';
import { createMemoryClock, createMemoryIds } from '../../shared/adapters/memory/clock.ts';
import { createMemoryDecisionStore } from '../../shared/adapters/memory/decision-store.ts';
import { createMemoryMailOutbox } from '../../shared/adapters/memory/mail-outbox.ts';
import { createMemoryObjectStore } from '../../shared/adapters/memory/object-store.ts';
import { createMemoryReconciliationStore } from '../../shared/adapters/memory/reconciliation-store.ts';
import { createMemoryReviewStore } from '../../shared/adapters/memory/review-store.ts';
import { createMemoryRunStore } from '../../shared/adapters/memory/run-store.ts';
import { createMemoryScheduleStore } from '../../shared/adapters/memory/schedule-store.ts';
import { createMemoryState } from '../../shared/adapters/memory/state.ts';
import { createMemoryTaskStore } from '../../shared/adapters/memory/task-store.ts';
import { createMemoryUploadStore } from '../../shared/adapters/memory/upload-store.ts';
import type { Deps, PipelineSettings } from '../../shared/app/deps.ts';
import { failMail, sendMail } from '../../shared/app/notifications/send-mail.ts';
import type { PipelineEngine } from '../../shared/app/pipeline-engine.ts';
import { failWork } from '../../shared/app/runs/fail-work.ts';
import { handleWork, type PipelineMessage } from '../../shared/app/runs/handle-work.ts';
import { sweep } from '../../shared/app/runs/sweep.ts';
import { ok } from '../../shared/domain/result.ts';
import type { Letter } from '../../shared/ports/mailer.ts';
import type { WorkMessage } from '../../shared/ports/work-queue.ts';
import type { Random } from './random.ts';

export type Faults = {
  /** Chance of each call that the process dies before or after it. */
  crash: number;
  /** Chance of each call that the process stands still for half a minute to five, while its lease runs out. */
  freeze: number;
  /** Crashes and freezes that one piece of work suffers at most, so that it can be done within its attempts. */
  perWorkMax: number;
  /** Chance that a message is delivered twice, and that its deletion is lost. */
  duplicate: number;
  /** Times at most that the clock jumps past every lease. */
  jumpsMax: number;
};

export const noFaults: Faults = { crash: 0, freeze: 0, perWorkMax: 0, duplicate: 0, jumpsMax: 0 };

type Process = {
  name: string;
  /** What it works on, for `perWorkMax`. */
  work: string;
  resume: (() => void) | undefined;
  blocked: () => void;
  frozenUntil: number;
  fate: 'lives' | 'dies-before' | 'dies-after';
  dead: boolean;
  finished: boolean;
};

type Message = PipelineMessage | Extract<WorkMessage, { kind: 'send-mail' }>;
type Queued = { message: Message; visibleAt: number; receives: number };

export class ProcessDied extends Error {}

export type World = ReturnType<typeof createWorld>;

const visibilityMs = 180_000;
const receivesMax = 15;
const sweepEveryMs = 60_000;
const processesMax = 5;

export function createWorld(
  random: Random,
  faults: Faults,
  engine: PipelineEngine,
  settings: PipelineSettings,
  traced = false,
) {
  const clock = createMemoryClock();
  const state = createMemoryState();
  const trace: string[] = [];
  const queue: Queued[] = [];
  const processes: Process[] = [];
  const suffered = new Map<string, number>();
  const bugs: unknown[] = [];
  let deadLetters = 0;
  let nextSweep = clock.now() + sweepEveryMs;
  let jumps = 0;
  let steps = 0;
  const enqueue = (message: Message, delayMs = 0): void => {
    const jitter = faults.duplicate > 0 ? random.below(4_000) : 0;
    queue.push({ message, visibleAt: clock.now() + delayMs + jitter, receives: 0 });
    if (random.chance(faults.duplicate)) {
      queue.push({ message, visibleAt: clock.now() + delayMs + random.below(90_000), receives: 0 });
    }
  };
  const letters: Letter[] = [];
  const post = {
    baseUrl: 'https://tieout.example.com',
    mailer: {
      async send(letter: Letter) {
        letters.push(letter);
        return ok(undefined);
      },
    },
  };
  const work = (own: Deps, message: Message): Promise<void> =>
    message.kind === 'send-mail' ? sendMail({ ...own, ...post }, message) : handleWork(own, message);
  const giveUp = (own: Deps, message: Message): Promise<void> =>
    message.kind === 'send-mail' ? failMail(own, message) : failWork(own, message);
  /** The ports without faults: for what persons do, and for looking at the end. */
  const deps: Deps = {
    reconciliations: createMemoryReconciliationStore(state),
    uploads: createMemoryUploadStore(state),
    batches: createMemoryBatchStore(state, clock),
    runs: createMemoryRunStore(state),
    tasks: createMemoryTaskStore(state),
    breaks: createMemoryBreakStore(state),
    bulks: createMemoryBulkStore(state),
    decisions: createMemoryDecisionStore(state),
    reviews: createMemoryReviewStore(state),
    activity: createMemoryActivityLog(state, clock),
    outbox: createMemoryMailOutbox(),
    schedules: createMemoryScheduleStore(state),
    objects: createMemoryObjectStore(),
    queue: {
      async send(messages, delaySeconds = 0) {
        for (const message of messages) enqueue(message as Message, delaySeconds * 1_000);
      },
    },
    clock,
    ids: createMemoryIds(clock),
    engine,
    settings,
  };

  /** Waits until the world lets this process make its next call. */
  async function turn(process: Process): Promise<void> {
    if (process.dead) throw new ProcessDied();
    await new Promise<void>((resolve) => {
      process.resume = resolve;
      process.blocked();
    });
  }

  function faulty<Port extends object>(process: Process, name: string, port: Port): Port {
    return new Proxy(port, {
      get(target, method) {
        const call = Reflect.get(target, method) as (...given: unknown[]) => Promise<unknown>;
        return async (...given: unknown[]) => {
          await turn(process);
          if (process.fate === 'dies-before') {
            // Of several messages some may have gone out.
            if (name === 'queue') await call((given[0] as unknown[]).slice(0, random.below(3)), given[1]);
            die(process, `before ${name}.${String(method)}`);
          }
          const answer = await call.apply(target, given);
          if (traced) trace.push(`${process.name} ${name}.${String(method)} ${brief(answer)}`);
          if (process.fate === 'dies-after') die(process, `after ${name}.${String(method)}`);
          return answer;
        };
      },
    });
  }

  function die(process: Process, where: string): never {
    trace.push(`${process.name} DIES ${where}`);
    process.dead = true;
    throw new ProcessDied();
  }

  function depsOf(process: Process): Deps {
    const { clock: _clock, ids, settings: _settings, ...ports } = deps;
    const wrapped = Object.entries(ports).map(([name, port]) => [name, faulty(process, name, port)]);
    return { ...(Object.fromEntries(wrapped) as typeof ports), clock, ids, settings };
  }

  /** Starts a process and runs it to its first call. `ended` says whether it lived. */
  async function start(
    name: string,
    work: string,
    run: (deps: Deps) => Promise<unknown>,
    ended: (lived: boolean) => void,
  ): Promise<void> {
    const process: Process = {
      name: `${processes.length}:${name}`,
      work,
      resume: undefined,
      blocked: () => {},
      frozenUntil: 0,
      fate: 'lives',
      dead: false,
      finished: false,
    };
    processes.push(process);
    const finish = (lived: boolean): void => {
      process.finished = true;
      ended(lived);
      process.blocked();
    };
    const standing = new Promise<void>((resolve) => {
      process.blocked = resolve;
    });
    run(depsOf(process)).then(
      () => finish(true),
      (error: unknown) => {
        if (!(error instanceof ProcessDied)) {
          trace.push(`${process.name} THROWS ${String(error)}`);
          bugs.push(error);
        }
        finish(false);
      },
    );
    await standing;
  }

  async function step(process: Process): Promise<void> {
    process.fate = fateOf(process);
    if (process.frozenUntil > clock.now()) return;
    const standing = new Promise<void>((resolve) => {
      process.blocked = resolve;
    });
    process.resume!();
    await standing;
    clock.advance(1 + random.below(60));
  }

  function fateOf(process: Process): Process['fate'] {
    const count = suffered.get(process.work) ?? 0;
    // A batch is loaded for two messages at most, and has five attempts in all.
    const countMax = process.work.includes('"kind":"task"') ? faults.perWorkMax : Math.min(2, faults.perWorkMax);
    if (count >= countMax || !random.chance(faults.crash + faults.freeze)) return 'lives';
    suffered.set(process.work, count + 1);
    if (random.next() * (faults.crash + faults.freeze) < faults.crash) {
      return random.chance(0.5) ? 'dies-before' : 'dies-after';
    }
    process.frozenUntil = clock.now() + 30_000 + random.below(270_000);
    trace.push(`${process.name} FREEZES`);
    return 'lives';
  }

  async function deliver(item: Queued): Promise<void> {
    item.receives += 1;
    item.visibleAt = clock.now() + visibilityMs;
    const { message } = item;
    const drop = (lived: boolean): void => {
      if (lived && !random.chance(faults.duplicate / 2))
        queue.splice(queue.indexOf(item), queue.includes(item) ? 1 : 0);
    };
    if (item.receives > receivesMax) {
      deadLetters += 1;
      trace.push(`DEAD LETTER ${JSON.stringify(message)}`);
      return start('dead-letter', JSON.stringify(message), (own) => giveUp(own, message), drop);
    }
    await start(titleOf(message), JSON.stringify(message), (own) => work(own, message), drop);
  }

  /** One thing happens. False when nothing can, now or later, without a new event from outside. */
  async function happen(): Promise<boolean> {
    steps += 1;
    if (jumps < faults.jumpsMax && random.chance(0.003)) {
      jumps += 1;
      clock.advance(61_000 + random.below(60_000));
      trace.push('CLOCK JUMPS');
    }
    const alive = processes.filter((process) => !process.finished);
    const ready = alive.filter((process) => process.frozenUntil <= clock.now());
    const visible = queue.filter((item) => item.visibleAt <= clock.now());
    if (clock.now() >= nextSweep) {
      nextSweep = clock.now() + sweepEveryMs;
      await start('sweep', 'sweep', sweep, () => {});
      return true;
    }
    const mayStart = visible.length > 0 && ready.length < processesMax;
    if (mayStart && (ready.length === 0 || random.chance(0.3))) {
      await deliver(faults.duplicate > 0 ? random.pick(visible) : visible[0]!);
      return true;
    }
    if (ready.length > 0) {
      await step(faults.crash > 0 ? random.pick(ready) : ready[0]!);
      return true;
    }
    const events = [...alive.map((process) => process.frozenUntil), ...queue.map((item) => item.visibleAt)];
    const working = await unfinished();
    if (working) events.push(nextSweep);
    if (events.length === 0) return false;
    clock.advance(Math.max(1, Math.min(...events) - clock.now()));
    return true;
  }

  /** Work that the sweep would find. */
  async function unfinished(): Promise<boolean> {
    const far = clock.now() + 3_600_000;
    const [mails, runs, tasks, batches] = [
      await deps.outbox.overdue(far, 1),
      await deps.runs.active(undefined, 1),
      await deps.tasks.expired(far, 1),
      await deps.batches.stalled(far, 1),
    ];
    return mails.length + runs.length + tasks.length + batches.length > 0;
  }

  return {
    deps,
    state,
    trace,
    /** Mails that were sent. */
    letters,
    enqueue,
    happen,
    bugs,
    statistics: () => ({
      steps,
      processes: processes.length,
      deadLetters,
      jumps,
      minutes: Math.round((clock.now() - Date.UTC(2026, 0, 5, 9)) / 60_000),
    }),
  };
}

function titleOf(message: Message): string {
  if (message.kind === 'send-mail') return `mail ${message.mailId.slice(0, 6)}`;
  if (message.kind === 'task')
    return `task g${message.generation}/${message.stage}/${message.index}@${message.runId.slice(-4)}`;
  if (message.kind === 'advance') return `advance g${message.generation}@${message.runId.slice(-4)}`;
  return message.kind === 'object-received' ? `received ${message.key}` : `ingest ${message.batchId.slice(0, 6)}`;
}

function brief(answer: unknown): string {
  if (answer instanceof Uint8Array) return `${answer.length} bytes`;
  const text = typeof answer === 'string' ? answer : (JSON.stringify(answer) ?? 'undefined');
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}
