// Settled runs over the memory stores whose Parquet has the columns that matching and settling write, filled as a test wants.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryBatchStore } from '../../../shared/adapters/memory/batch-store.ts';
import { createMemoryClock, createMemoryIds } from '../../../shared/adapters/memory/clock.ts';
import { createMemoryObjectStore } from '../../../shared/adapters/memory/object-store.ts';
import { createMemoryRunStore } from '../../../shared/adapters/memory/run-store.ts';
import { createMemoryState } from '../../../shared/adapters/memory/state.ts';
import { createObjectCache } from '../../../shared/app/results/object-cache.ts';
import { keepEngine } from '../../../shared/app/run-view/kept-engine.ts';
import { createRunView, type RunViewDeps } from '../../../shared/app/run-view/read-run-view.ts';
import { keptBounds } from '../../../shared/app/run-view/settled-breaks.ts';
import type { BreakStatus } from '../../../shared/domain/break.ts';
import type { Definition } from '../../../shared/domain/definition.ts';
import type { BreakType } from '../../../shared/domain/outcome.ts';
import type { Run } from '../../../shared/domain/run.ts';
import { openEngine } from '../../../shared/matching/engine.ts';
import { literal } from '../../../shared/matching/sql.ts';
import { ref, run } from '../../contract/ports/samples.ts';

const limits = { memoryMb: 512, threads: 1 };
export const dayMs = 24 * 60 * 60 * 1000;
export const now = Date.parse('2026-03-01T12:00:00Z');

export const definition: Definition = {
  name: 'Custody and ledger',
  sources: [{ name: 'custody', anchor: true }, { name: 'gl' }],
  fields: [
    { name: 'id', role: 'KEY', mapping: { custody: 'id', gl: 'id' } },
    { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: { custody: 'amount', gl: 'amount' } },
    { name: 'product', role: 'CLASSIFIER', mapping: { custody: 'product', gl: 'product' } },
    { name: 'fund', role: 'CLASSIFIER', mapping: { custody: 'fund', gl: 'fund' } },
  ],
  passes: [{ kind: 'exact-key' }],
};

export type GivenBreak = {
  identity: string;
  breakId: number;
  type?: BreakType;
  missingIn?: 'custody' | 'gl' | undefined;
  product?: string | null;
  /** The ledger's side, when it differs. */
  rightProduct?: string | null;
  fund?: string | null;
  openedAt?: number;
  amount?: string;
  /** A sentence of what is unusual about it. */
  anomaly?: string | undefined;
};

export type StoredView = Awaited<ReturnType<typeof openView>>;

/** So that every page is read by SQL, as of a run with many breaks. */
export const noneKept = { ...keptBounds, breaksMax: -1 };

export async function openView({ pageCharactersMax = 4_000_000, bounds = keptBounds } = {}) {
  const directory = mkdtempSync(join(tmpdir(), 'tieout-view-'));
  const state = createMemoryState();
  const objects = createMemoryObjectStore();
  const runs = createMemoryRunStore(state);
  const clock = createMemoryClock();
  const batches = createMemoryBatchStore(state, clock);
  const ids = createMemoryIds(clock);
  const cache = createObjectCache({ objects, ids }, join(directory, 'cache'), 1_000_000_000);
  const touched: { breakId: string; status: BreakStatus }[] = [];
  const writer = await openEngine({ directory: join(directory, 'writer'), ...limits });
  const kept = keepEngine({ directory: join(directory, 'engine'), allowed: [cache.directory], ...limits });
  const breaks = { touched: async () => touched };
  const deps: RunViewDeps = { runs, batches, breaks, cache, engineLimits: limits, kept, pageCharactersMax };

  /** Settles one run with these breaks; `gone` are identities that earlier runs had seen and this one has not. */
  async function settle(number: number, given: GivenBreak[], gone: { identity: string; breakId: number }[] = []) {
    const [breaksKey, ledgerKey] = [`runs/breaks-${number}.parquet`, `runs/ledger-${number}.parquet`];
    const text = (value: string | null | undefined) => (value == null ? 'NULL' : literal(value));
    const rows = given.map((one, index) => {
      const { identity, type = 'MISMATCH', missingIn, product, rightProduct = product, fund, amount = '1.50' } = one;
      const side = (name: 'custody' | 'gl', of: string | null | undefined) =>
        missingIn === name
          ? ['NULL', 'NULL', 'NULL', 'NULL', 'NULL']
          : [`${index + 1}`, text(identity), amount, text(of), text(fund)];
      const [left, right] = [side('custody', product), side('gl', rightProduct)];
      const head = [literal(type), text(missingIn), literal(identity), '1', literal(identity), literal('gl')];
      return `(${[...head, left[0], right[0], ...left.slice(1), ...right.slice(1), "'[]'"].join(', ')})`;
    });
    const columns = `break_type, missing_in, key, occurrence, identity, source, left_row, right_row,
      left_id, left_amount, left_product, left_fund, right_id, right_amount, right_product, right_fund, differences`;
    const types = `break_type::VARCHAR AS break_type, missing_in::VARCHAR AS missing_in, left_row::BIGINT AS left_row, right_row::BIGINT AS right_row,
      left_amount::DECIMAL(18,2) AS left_amount, right_amount::DECIMAL(18,2) AS right_amount, left_product::VARCHAR AS left_product,
      right_product::VARCHAR AS right_product, left_fund::VARCHAR AS left_fund, right_fund::VARCHAR AS right_fund`;
    const none = `(${columns
      .split(',')
      .map(() => 'NULL')
      .join(', ')})`;
    await put(
      breaksKey,
      `SELECT * REPLACE (${types}) FROM (VALUES ${[...rows, none].join(', ')}) t(${columns}) WHERE identity IS NOT NULL`,
    );
    const known = [
      ...given.map((one) => ({ ...one, state: 'open' })),
      ...gone.map((one) => ({ ...one, state: 'gone', openedAt: now })),
    ].map(
      ({ identity, breakId, state, openedAt = now }) =>
        `(${literal(identity)}, 'h', '${breakId}', '${state}', ${openedAt}::BIGINT)`,
    );
    await put(
      ledgerKey,
      `FROM (VALUES ${[...known, `(NULL, NULL, NULL, NULL, NULL)`].join(', ')}) t(identity, content_hash, break_id, state, opened_at) WHERE identity IS NOT NULL`,
    );
    const unusual = given.filter(({ anomaly }) => anomaly !== undefined);
    const anomaliesKey = `runs/anomalies-${number}.parquet`;
    if (unusual.length > 0) {
      const rows = unusual.map(({ identity, anomaly }) => {
        const usual = { median: '1.50', spread: '0.10', low: null, high: '2.00', runs: 12 };
        const found = { kind: 'amount', subject: { field: 'amount', currency: '' }, value: '1.50', usual, score: 9.9 };
        return `(${literal(identity)}, ${literal(JSON.stringify([{ ...found, explanation: anomaly }]))})`;
      });
      await put(anomaliesKey, `FROM (VALUES ${rows.join(', ')}) t(identity, anomalies)`);
    }
    const runId = `run-${number}`;
    const value: Run = run({
      runId,
      number,
      status: 'COMPLETED',
      definition,
      dimensions: { product: 'product', entity: 'fund' },
      results: { matchesKeys: [], breaksKey, ledgerKey, ...(unusual.length > 0 && { anomaliesKey }) },
    });
    await runs.create(value, {
      ...(await batches.feed(ref)),
      lastRunNumber: number,
      settled: { runId, number, ledgerKey },
    });
    return value;
  }

  async function put(key: string, select: string): Promise<void> {
    const path = join(directory, 'writer', 'out.parquet');
    await writer.run(`COPY (${select}) TO ${literal(path)} (FORMAT parquet)`);
    await objects.upload(path, key);
  }

  return {
    ...createRunView(deps, bounds),
    /** The same, by SQL. */
    ofMany: createRunView(deps, noneKept),
    deps,
    directory,
    runs,
    touched,
    settle,
    writer,
    async close() {
      writer.close();
      await kept.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
