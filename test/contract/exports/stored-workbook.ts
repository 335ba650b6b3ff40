// A settled run of a reconciliation with a graph, made by the real engine from small files, whose workbook is made and read back.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMemoryBatchStore } from '../../../shared/adapters/memory/batch-store.ts';
import { createMemoryBreakStore } from '../../../shared/adapters/memory/break-store.ts';
import { createMemoryClock } from '../../../shared/adapters/memory/clock.ts';
import { createMemoryReconciliationStore } from '../../../shared/adapters/memory/reconciliation-store.ts';
import { keyOf, reconciliationKey, runKey } from '../../../shared/adapters/memory/state.ts';
import { createRunWorkbook } from '../../../shared/app/exports/run-workbook.ts';
import type { Break, BreakEntry } from '../../../shared/domain/break.ts';
import type { Definition } from '../../../shared/domain/definition.ts';
import { emptyFeed } from '../../../shared/domain/feed.ts';
import type { KeptGraph } from '../../../shared/domain/graph/graph.ts';
import type { ReportTemplate } from '../../../shared/domain/graph/report-template.ts';
import { openEngine } from '../../../shared/matching/engine.ts';
import { graphOf } from '../../unit/domain/graph/sample-graph.ts';
import { breakItem, reconciliation, ref } from '../ports/samples.ts';
import { type StoredRunRequest, storeRun } from '../results/stored-run.ts';
import { readWorkbook } from './read-workbook.ts';

export const now = Date.UTC(2026, 2, 1, 12);
const dayMs = 24 * 60 * 60 * 1000;

export const definition: Definition = {
  name: 'Custody and ledger',
  sources: [{ name: 'CUSTODY', anchor: true }, { name: 'LEDGER' }],
  fields: [
    { name: 'tradeId', role: 'KEY', mapping: { CUSTODY: 'id', LEDGER: 'id' } },
    { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: { CUSTODY: 'amount', LEDGER: 'amount' } },
    { name: 'booked', role: 'COMPARE', type: 'date', mapping: { CUSTODY: 'booked', LEDGER: 'booked' } },
    { name: 'product', role: 'CLASSIFIER', mapping: { CUSTODY: 'product', LEDGER: 'product' } },
    { name: 'note', role: 'COMPARE', mapping: { CUSTODY: 'note', LEDGER: 'note' } },
  ],
  passes: [{ kind: 'exact-key' }],
};

export function keptGraph(reportTemplates: ReportTemplate[] = []): KeptGraph {
  const mappings = [{ sourceCode: 'CUSTODY' }, { sourceCode: 'LEDGER' }];
  const graph = graphOf({
    sources: [{ code: 'CUSTODY', displayName: 'Custody feed', anchor: true }, { code: 'LEDGER' }],
    canonicalFields: [
      { canonicalName: 'tradeId', displayName: 'Trade ID', role: 'KEY', mappings },
      { canonicalName: 'amount', dataType: 'DECIMAL', formattingHint: '#,##0.000', mappings },
      { canonicalName: 'booked', dataType: 'DATE', formattingHint: 'dd.MM.yyyy', mappings },
      { canonicalName: 'product', role: 'PRODUCT', mappings },
      { canonicalName: 'note', mappings },
    ],
    reportTemplates,
  });
  const kept = {
    number: 42,
    version: 0,
    createdBy: 'admin.ops',
    updatedBy: 'admin.ops',
    updatedAt: '2026-01-05T09:00:00.000Z',
  };
  return { ...graph, ...kept, sources: graph.sources.map((source, index) => ({ ...source, id: index + 1 })) };
}

const custody = `id,amount,booked,product,note
T1,100000.00,2026-01-05,EQUITIES,=1+1
T2,12345678901234567.89,2026-01-06,EQUITIES,plain
T3,5.00,1899-12-31,BONDS,same
T4,7.50,2026-01-08,BONDS,only here
`;
const ledger = `id,amount,booked,product,note
T1,95000.00,2026-01-05,EQUITIES,=1+1
T2,12345678901234567.89,2026-01-07,EQUITIES,plain
T3,5.00,1899-12-31,BONDS,same
T5,-2.25,2026-01-09,BONDS,only there
`;

/** Breaks are numbered in the order of their keys and were detected so many days ago: T1 → 1, T2 → 2, … */
export async function storeWorkbook(templates: ReportTemplate[] = [], given: Partial<StoredRunRequest> = {}) {
  const stored = await storeRun({ definition, files: { CUSTODY: custody, LEDGER: ledger }, ...given });
  const { state, objects, directory, run } = stored;
  const clock = createMemoryClock(now);
  const breaks = createMemoryBreakStore(state);
  const batches = createMemoryBatchStore(state, clock);
  const reconciliations = createMemoryReconciliationStore(state);
  const setGraph = (graph: KeptGraph) =>
    state.reconciliations.set(reconciliationKey(ref), reconciliation({ code: 'custody_gl', graph }));
  setGraph(keptGraph(templates));

  await objects.download('runs/breaks.parquet', join(directory, 'b.parquet'));
  const settle = async (name: string, condition: string) => {
    const engine = await openEngine({
      directory: join(directory, 'ledger'),
      allowed: [directory],
      memoryMb: 256,
      threads: 1,
    });
    const path = join(directory, 'ledger', `${name}.parquet`);
    await engine.run(`COPY (SELECT identity, 'h' AS content_hash, row_number() OVER (ORDER BY key)::VARCHAR AS break_id,
      CASE WHEN ${condition} THEN 'open' ELSE 'gone' END AS state, ${now} - row_number() OVER (ORDER BY key) * ${dayMs} AS opened_at
      FROM '${join(directory, 'b.parquet')}') TO '${path}' (FORMAT parquet)`);
    engine.close();
    await objects.upload(path, `runs/${name}.parquet`);
    return `runs/${name}.parquet`;
  };
  const ledgerKey = await settle('ledger', 'true');
  const kept = state.runs.get(runKey(run))!;
  kept.results = { ...kept.results!, ledgerKey };
  kept.dimensions = { product: 'product' };
  kept.request = { triggerType: 'MANUAL_API', correlationId: 'OPS-1', comments: 'Month-end' };
  const feed = { ...emptyFeed(ref), version: 2, settled: { runId: run.runId, number: 1, ledgerKey } };
  state.feeds.set(reconciliationKey(ref), feed);

  const workbooks = createRunWorkbook({ ...stored.deps, breaks, batches, reconciliations, clock });
  return {
    ...stored,
    clock,
    workbooks,
    setGraph,
    /** As a person leaves it. */
    touch(breakId: string, changes: Partial<Break>, entries: Omit<BreakEntry, 'number'>[] = []) {
      const item = breakItem('1', 0, { breakId, entries: entries.length, ...changes });
      const key = keyOf(ref.tenant, ref.reconciliationId, breakId);
      state.breaks.set(key, item);
      for (const [index, entry] of entries.entries())
        state.breakEntries.set(keyOf(key, index + 1), { number: index + 1, ...entry });
    },
    /** A later run no longer shows these. */
    async goes(keys: string[]) {
      const later = await settle('later', `key NOT IN (${keys.map((key) => `'${key}'`).join(', ')})`);
      state.feeds.set(reconciliationKey(ref), { ...feed, settled: { runId: 'run-2', number: 2, ledgerKey: later } });
    },
    async read() {
      const file = await workbooks.workbook(run);
      const path = join(directory, 'read.xlsx');
      writeFileSync(path, (await objects.get(file.key))!);
      const sheets = readWorkbook(path);
      return { file, sheets, sheet: (title: string) => sheets.find((one) => one.title === title)! };
    },
  };
}
