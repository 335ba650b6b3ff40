// Twin of the DynamoDB task store.
import { attemptsMax, leaseMs, type RunRef, type Stage, type Task, type TaskRef } from '../../domain/run.ts';
import type { TaskStore } from '../../ports/task-store.ts';
import { keyOf, type MemoryState, runKey, stageKey } from './state.ts';

export function createMemoryTaskStore(state: MemoryState): TaskStore {
  const taskKey = (task: TaskRef, generation: number): string =>
    keyOf(stageKey(task, generation, task.stage), task.index);
  const isRunning = (run: RunRef, generation: number): boolean => {
    const stored = state.runs.get(runKey(run));
    return stored?.status === 'RUNNING' && stored.generation === generation;
  };
  return {
    async openStage(run, generation, stage, tasks) {
      const { tenant, reconciliationId, runId } = run;
      for (const { index, input } of tasks) {
        const ref = { tenant, reconciliationId, runId, stage, index };
        const key = taskKey(ref, generation);
        if (state.tasks.has(key)) continue;
        state.tasks.set(key, { ...ref, generation, status: 'WAITING', input: structuredClone(input), attempt: 0 });
      }
      const key = stageKey(run, generation, stage);
      if (!state.counts.has(key)) state.counts.set(key, { total: tasks.length, remaining: tasks.length });
    },
    async lease(ref, generation, owner, now) {
      const key = taskKey(ref, generation);
      const task = state.tasks.get(key);
      if (!task) return { answer: 'fenced' };
      const held = task.status === 'LEASED' && (task.leaseUntil ?? 0) > now && task.owner !== owner;
      if (!isRunning(ref, generation)) {
        if (task.status === 'LEASED' && !held) state.tasks.set(key, { ...task, status: 'FAILED' });
        return { answer: 'fenced' };
      }
      if (task.status === 'DONE') return { answer: 'done' };
      if (held) return { answer: 'held' };
      if (task.status === 'FAILED' || task.attempt >= attemptsMax) {
        state.tasks.set(key, { ...task, status: 'FAILED' });
        return { answer: 'exhausted' };
      }
      const leased: Task = { ...task, status: 'LEASED', attempt: task.attempt + 1, owner, leaseUntil: now + leaseMs };
      state.tasks.set(key, leased);
      return { answer: 'leased', task: structuredClone(leased) };
    },
    async heartbeat(ref, generation, owner, until) {
      const task = state.tasks.get(taskKey(ref, generation));
      if (task?.status !== 'LEASED' || task.owner !== owner) return false;
      state.tasks.set(taskKey(ref, generation), { ...task, leaseUntil: until });
      return true;
    },
    async complete(ref, generation, owner, result) {
      const key = taskKey(ref, generation);
      const task = state.tasks.get(key);
      const count = state.counts.get(stageKey(ref, generation, ref.stage));
      if (task?.status === 'DONE') return { answer: 'already' };
      if (!task || !count || task.status !== 'LEASED' || task.owner !== owner || !isRunning(ref, generation)) {
        return { answer: 'fenced' };
      }
      state.tasks.set(key, { ...task, status: 'DONE', result: structuredClone(result) });
      const remaining = count.remaining - 1;
      state.counts.set(stageKey(ref, generation, ref.stage), { ...count, remaining });
      return { answer: 'completed', remaining };
    },
    async count(run, generation, stage) {
      return structuredClone(state.counts.get(stageKey(run, generation, stage)));
    },
    async tasks(run: RunRef, generation: number, stage: Stage) {
      const wanted = stageKey(run, generation, stage);
      const tasks = [...state.tasks.values()].filter((task) => stageKey(task, task.generation, task.stage) === wanted);
      return structuredClone(tasks.sort((a, b) => a.index - b.index));
    },
    async expired(now, limit) {
      const tasks = [...state.tasks.values()].filter(
        (task) => task.status === 'LEASED' && (task.leaseUntil ?? 0) < now,
      );
      return structuredClone(tasks.sort((a, b) => (a.leaseUntil ?? 0) - (b.leaseUntil ?? 0)).slice(0, limit));
    },
  };
}
