// When a reconciliation is looked at by the clock, and what is then due: runs by its cron, and sources that may be late.
// What comes due is decided once and kept with the reconciliation until it is done, so that whoever does it decides nothing.
// Pure: the moment is given.
import { type ArrivalTerms, type ArrivalWatch, arrivalWatchOf } from './arrival.ts';
import { type CronTimes, lastDue, nextDue } from './schedule.ts';

export type WakePlan = {
  /** `graceMinutes`: so late may a run start that was missed. */
  run?: { times: CronTimes; graceMinutes: number };
  /** Source → when its batch is expected. */
  arrivals: Record<string, ArrivalWatch>;
};

/** Times are epoch ms. */
export type DueEvent =
  /** Start the run of this due time. */
  | { kind: 'run'; due: number }
  /** Runs were missed: `from` is the first and `to` the last of them. */
  | { kind: 'missed'; from: number; to: number }
  /**
   * Look whether the source had a batch after `since` and by `until`, which are the due time before and this one, each with
   * what it may be late: so a batch counts for one due time, and a late one does not stand for the next.
   */
  | { kind: 'arrival'; source: string; since: number; due: number; until: number };

export type Wake = {
  plan: WakePlan;
  /** When to look next, epoch ms; in the past while events wait to be done. Absent: never. */
  at?: number;
  /** What came due up to here has been decided. */
  decidedTo: number;
  /** Decided, and perhaps done. */
  events: DueEvent[];
};

/** The parts of a configuration that the clock goes by. */
export type ScheduleTerms = {
  autoTriggerEnabled?: boolean | null | undefined;
  autoTriggerCron?: string | null | undefined;
  autoTriggerTimezone?: string | null | undefined;
  autoTriggerGraceMinutes?: number | null | undefined;
  sources: readonly ({ code: string } & ArrivalTerms)[];
};

export function wakePlanOf(terms: ScheduleTerms): WakePlan {
  const { autoTriggerEnabled, autoTriggerCron, autoTriggerTimezone, autoTriggerGraceMinutes } = terms;
  const watched = terms.sources.flatMap((source) => {
    const watch = arrivalWatchOf(source);
    return watch ? [[source.code, watch] as const] : [];
  });
  return {
    ...(autoTriggerEnabled &&
      autoTriggerCron && {
        run: {
          times: { expression: autoTriggerCron, zone: autoTriggerTimezone ?? 'UTC' },
          graceMinutes: autoTriggerGraceMinutes ?? 0,
        },
      }),
    arrivals: Object.fromEntries(watched),
  };
}

/**
 * The wake under a new plan. What came due under the old one is decided under the old one: a change in the minute of a
 * due time loses nothing. Undefined when there is nothing to wake for.
 */
export function replanned(wake: Wake | undefined, plan: WakePlan, now: number): Wake | undefined {
  if (wake && JSON.stringify(wake.plan) === JSON.stringify(plan)) return wake;
  const events = wake ? decided(wake, now).events : [];
  const next = atNext({ plan, decidedTo: now, events });
  return next.at === undefined ? undefined : next;
}

/** The wake with what has come due since it was last decided. */
export function decided(wake: Wake, now: number): Wake {
  if (now <= wake.decidedTo) return wake;
  const events = [...wake.events, ...dueRuns(wake, now), ...dueArrivals(wake, now)];
  return atNext({ plan: wake.plan, decidedTo: now, events });
}

/** The wake once these events are done. */
export function withoutEvents(wake: Wake, done: DueEvent[]): Wake {
  const names = new Set(done.map((event) => JSON.stringify(event)));
  return atNext({ ...wake, events: wake.events.filter((event) => !names.has(JSON.stringify(event))) });
}

function dueRuns({ plan: { run }, decidedTo }: Wake, now: number): DueEvent[] {
  const due = run && lastDue(run.times, now);
  if (due === undefined || due <= decidedTo) return [];
  const first = nextDue(run!.times, decidedTo)!;
  // Of several that were missed, as after an outage, one run stands for all: they would see the same data.
  if (now - due > Math.max(run!.graceMinutes * minuteMs, lookingMs)) return [{ kind: 'missed', from: first, to: due }];
  if (first === due) return [{ kind: 'run', due }];
  return [
    { kind: 'missed', from: first, to: lastDue(run!.times, due - 1)! },
    { kind: 'run', due },
  ];
}

/** The newest due time of each source; older ones are of no use any more. */
function dueArrivals({ plan: { arrivals }, decidedTo }: Wake, now: number): DueEvent[] {
  return Object.entries(arrivals).flatMap(([source, { times, slaMinutes }]): DueEvent[] => {
    const late = slaMinutes * minuteMs;
    const due = lastDue(times, now - late);
    if (due === undefined || due + late <= decidedTo) return [];
    return [{ kind: 'arrival', source, since: (lastDue(times, due - 1) ?? 0) + late, due, until: due + late }];
  });
}

function atNext({ at: _at, ...wake }: Wake): Wake {
  if (wake.events.length > 0) return { ...wake, at: wake.decidedTo };
  const { run, arrivals } = wake.plan;
  const times = Object.values(arrivals).map(({ times, slaMinutes }) => {
    const late = slaMinutes * minuteMs;
    const due = nextDue(times, wake.decidedTo - late);
    return due === undefined ? undefined : due + late;
  });
  if (run) times.push(nextDue(run.times, wake.decidedTo));
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? wake : { ...wake, at: Math.min(...known) };
}

const minuteMs = 60_000;
/** The clock is looked at each minute; so much later than its due time, a run has not been missed. */
const lookingMs = 2 * minuteMs;
