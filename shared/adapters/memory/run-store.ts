// Twin of the DynamoDB run store.
import type { RunStore } from '../../ports/run-store.ts';
import {
  decisionKey,
  feedUnchanged,
  type MemoryState,
  pageOf,
  reconciliationKey,
  replaceFeed,
  runKey,
} from './state.ts';

export function createMemoryRunStore(state: MemoryState): RunStore {
  return {
    async create(run, feed, decisions = []) {
      const stale = decisions.some((one) => state.decisions.get(decisionKey(one))?.version !== one.version);
      if (stale || state.runs.has(runKey(run)) || !replaceFeed(state, feed)) return false;
      for (const one of decisions)
        state.decisions.set(decisionKey(one), { ...structuredClone(one), version: one.version + 1 });
      state.runs.set(runKey(run), structuredClone(run));
      return true;
    },
    async get(ref) {
      return structuredClone(state.runs.get(runKey(ref)));
    },
    async byNumber(ref, number) {
      const runs = [...state.runs.values()];
      return structuredClone(
        runs.find((run) => reconciliationKey(run) === reconciliationKey(ref) && run.number === number),
      );
    },
    async save(run, feed) {
      if (state.runs.get(runKey(run))?.version !== run.version) return false;
      if (feed && !feedUnchanged(state, feed)) return false;
      if (feed) replaceFeed(state, feed);
      state.runs.set(runKey(run), { ...structuredClone(run), version: run.version + 1 });
      return true;
    },
    async list(ref, cursor, limit = 100) {
      const runs = [...state.runs.values()]
        .filter((run) => reconciliationKey(run) === reconciliationKey(ref))
        .sort((a, b) => b.number - a.number);
      return pageOf(runs, (run) => String(run.number), cursor, limit);
    },
    async saveFeed(feed) {
      return replaceFeed(state, feed);
    },
    async active(tenant, limit) {
      const runs = [...state.runs.values()].filter(
        (run) =>
          (tenant === undefined || run.tenant === tenant) && (run.status === 'QUEUED' || run.status === 'RUNNING'),
      );
      return structuredClone(runs.sort((a, b) => (a.queuedAt < b.queuedAt ? -1 : 1)).slice(0, limit));
    },
  };
}
