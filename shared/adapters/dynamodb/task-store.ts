// Tasks of a run and the count of each stage. The count is one item, never sharded: only so is zero seen once and truly.
import {
  $add,
  $remove,
  ConditionCheck,
  PutItemCommand,
  PutTransaction,
  UpdateItemCommand,
  UpdateTransaction,
} from 'dynamodb-toolbox';
import { attemptsMax, leaseMs, type RunRef, type Stage, type Task, type TaskRef } from '../../domain/run.ts';
import type { LeaseAnswer, TaskStore } from '../../ports/task-store.ts';
import { readDocument, writeDocument } from './document.ts';
import { queryAll, queryPage } from './query.ts';
import { runItemKey, runPartition } from './run-keys.ts';
import {
  conditionally,
  getItem,
  getItems,
  type ItemKey,
  keyText,
  openEntity,
  type StoredItem,
  type StoreTable,
  sortable,
  transact,
} from './table.ts';
import { chunksOf } from './transaction-chunks.ts';

export function createTaskStore(table: StoreTable): TaskStore {
  const tasks = openEntity(table, 'task');
  const counts = openEntity(table, 'stage-count');
  const runs = openEntity(table, 'run');
  const stageRange = (generation: number, stage: Stage) => `${keyText('task', sortable(generation), stage)}#`;
  const taskKey = (task: TaskRef, generation: number): ItemKey => ({
    pk: runPartition(task),
    sk: `${stageRange(generation, task.stage)}${sortable(task.index)}`,
  });
  const countKey = (run: RunRef, generation: number, stage: Stage): ItemKey => ({
    pk: runPartition(run),
    sk: keyText('stage-count', sortable(generation), stage),
  });
  const itemOf = (task: Task) => {
    const { status, attempt, owner, leaseUntil, result, ...fixed } = task;
    return {
      ...taskKey(task, task.generation),
      ...(status === 'LEASED' && { gsi2pk: leasesPartition, gsi2sk: sortable(leaseUntil ?? 0) }),
      status,
      attempt,
      ...(owner !== undefined && { owner }),
      ...(leaseUntil !== undefined && { leaseUntil }),
      ...writeDocument(fixed),
      ...(result && resultOf(result)),
    };
  };
  /** Replaces a task that nobody has changed since it was read. */
  const replace = (task: Task, read: StoredItem): Promise<boolean> =>
    conditionally(() =>
      tasks
        .build(PutItemCommand)
        .item(itemOf(task))
        .options({
          condition: {
            and: [
              { attr: 'status', eq: read.status ?? '' },
              { attr: 'attempt', eq: read.attempt ?? 0 },
              // A heartbeat that came in between keeps its lease.
              read.leaseUntil === undefined
                ? { attr: 'leaseUntil', exists: false }
                : { attr: 'leaseUntil', eq: read.leaseUntil },
            ],
          },
        })
        .send(),
    );
  const isRunning = async (run: RunRef, generation: number): Promise<boolean> => {
    const item = await getItem(runs, runItemKey(run));
    return item?.status === 'RUNNING' && item.generation === generation;
  };
  const leaseOnce = async (
    ref: TaskRef,
    generation: number,
    owner: string,
    now: number,
  ): Promise<LeaseAnswer | 'changed'> => {
    const [item, running] = await Promise.all([getItem(tasks, taskKey(ref, generation)), isRunning(ref, generation)]);
    if (!item) return { answer: 'fenced' };
    const task = taskOf(item);
    const held = task.status === 'LEASED' && (task.leaseUntil ?? 0) > now && task.owner !== owner;
    const give = async (next: Task, answer: LeaseAnswer): Promise<LeaseAnswer | 'changed'> =>
      (await replace(next, item)) ? answer : 'changed';
    if (!running) {
      const over = task.status === 'LEASED' && !held;
      return over ? give({ ...task, status: 'FAILED' }, { answer: 'fenced' }) : { answer: 'fenced' };
    }
    if (task.status === 'DONE') return { answer: 'done' };
    if (held) return { answer: 'held' };
    if (task.status === 'FAILED') return { answer: 'exhausted' };
    if (task.attempt >= attemptsMax) return give({ ...task, status: 'FAILED' }, { answer: 'exhausted' });
    const leased: Task = { ...task, status: 'LEASED', attempt: task.attempt + 1, owner, leaseUntil: now + leaseMs };
    return give(leased, { answer: 'leased', task: leased });
  };
  return {
    async openStage(run, generation, stage, opened) {
      const { tenant, reconciliationId, runId } = run;
      const items = opened.map(({ index, input }) =>
        itemOf({ tenant, reconciliationId, runId, stage, index, generation, status: 'WAITING', input, attempt: 0 }),
      );
      for (const chunk of chunksOf(items)) {
        let absent = chunk;
        while (absent.length > 0) {
          const refused = await transact(
            absent.map((item) =>
              tasks
                .build(PutTransaction)
                .item(item)
                .options({ condition: { attr: 'pk', exists: false } }),
            ),
          );
          if (refused.length === 0) break;
          absent = absent.filter((_, index) => !refused.includes(index));
        }
      }
      const count = { ...countKey(run, generation, stage), total: opened.length, count: opened.length };
      const put = counts.build(PutItemCommand).item(count);
      await conditionally(() => put.options({ condition: { attr: 'pk', exists: false } }).send());
    },
    async lease(ref, generation, owner, now) {
      for (;;) {
        const answer = await leaseOnce(ref, generation, owner, now);
        if (answer !== 'changed') return answer;
      }
    },
    heartbeat(ref, generation, owner, until) {
      const update = tasks
        .build(UpdateItemCommand)
        .item({ ...taskKey(ref, generation), leaseUntil: until, gsi2sk: sortable(until) });
      return conditionally(() => update.options({ condition: leasedBy(owner) }).send());
    },
    async complete(ref, generation, owner, result) {
      const refused = await transact([
        tasks
          .build(UpdateTransaction)
          .item({
            ...taskKey(ref, generation),
            status: 'DONE',
            gsi2pk: $remove(),
            gsi2sk: $remove(),
            ...resultOf(result),
          })
          .options({ condition: leasedBy(owner) }),
        counts
          .build(UpdateTransaction)
          .item({ ...countKey(ref, generation, ref.stage), count: $add(-1) })
          .options({ condition: { attr: 'count', gt: 0 } }),
        runs
          .build(ConditionCheck)
          .key(runItemKey(ref))
          .condition({
            and: [
              { attr: 'status', eq: 'RUNNING' },
              { attr: 'generation', eq: generation },
            ],
          }),
      ]);
      if (refused.length > 0) {
        const item = await getItem(tasks, taskKey(ref, generation));
        return { answer: item?.status === 'DONE' ? 'already' : 'fenced' };
      }
      const count = await getItem(counts, countKey(ref, generation, ref.stage));
      return { answer: 'completed', remaining: count?.count ?? 0 };
    },
    async count(run, generation, stage) {
      const item = await getItem(counts, countKey(run, generation, stage));
      return item && { total: item.total ?? 0, remaining: item.count ?? 0 };
    },
    async tasks(run, generation, stage) {
      const range = { beginsWith: stageRange(generation, stage) };
      return (await queryAll(table, tasks, { partition: runPartition(run), range })).map(taskOf);
    },
    async expired(now, limit) {
      const query = { index: 'gsi2' as const, partition: leasesPartition, range: { lt: sortable(now) } };
      const { items } = await queryPage(table, tasks, query, limit);
      const current = (await getItems(table, tasks, items)).map(taskOf);
      return current.filter((task) => task.status === 'LEASED' && (task.leaseUntil ?? 0) < now);
    },
  };
}
/** Of gsi2, over all tenants: the sweep alone reads it. */
const leasesPartition = 'leases';

const leasedBy = (owner: string) => ({
  and: [
    { attr: 'status' as const, eq: 'LEASED' },
    { attr: 'owner' as const, eq: owner },
  ],
});

function resultOf(result: Record<string, unknown>): { result?: string; resultPacked?: Uint8Array } {
  const { body, packed } = writeDocument(result);
  return { ...(body !== undefined && { result: body }), ...(packed && { resultPacked: packed }) };
}

function taskOf(item: StoredItem): Task {
  const { result, resultPacked, owner, leaseUntil } = item;
  return {
    ...readDocument<Omit<Task, 'status' | 'attempt'>>(item),
    status: item.status as Task['status'],
    attempt: item.attempt ?? 0,
    ...(owner !== undefined && { owner }),
    ...(leaseUntil !== undefined && { leaseUntil }),
    ...((result !== undefined || resultPacked) && {
      result: readDocument<Record<string, unknown>>({ body: result, packed: resultPacked }),
    }),
  };
}
