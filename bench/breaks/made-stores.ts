// 100 definitions × 100 runs × 1,000 breaks in memory stores: the newest run of each with the ledger of all that went before.
import { join } from 'node:path';
import { createMemoryBreakStore } from '../../shared/adapters/memory/break-store.ts';
import { createMemoryObjectStore } from '../../shared/adapters/memory/object-store.ts';
import { createMemoryReconciliationStore } from '../../shared/adapters/memory/reconciliation-store.ts';
import { createMemoryState, keyOf } from '../../shared/adapters/memory/state.ts';
import { openBreak } from '../../shared/domain/break-changes.ts';
import { afterDeed } from '../../shared/domain/break-review.ts';
import { emptyFeed } from '../../shared/domain/feed.ts';
import { compileGraph } from '../../shared/domain/graph/compile-graph.ts';
import { dimensionsOf } from '../../shared/domain/graph/dimensions.ts';
import type { CanonicalField, GraphRole, GraphSource, KeptGraph } from '../../shared/domain/graph/graph.ts';
import { emptyYield } from '../../shared/domain/outcome.ts';
import type { Reconciliation } from '../../shared/domain/reconciliation.ts';
import type { Run } from '../../shared/domain/run.ts';
import { type Engine, openEngine } from '../../shared/matching/engine.ts';
import { literal } from '../../shared/matching/sql.ts';

export const sizes = {
  definitions: 100,
  runsOfEach: 100,
  breaksOfRun: 1_000,
  /** Breaks that came and went from run to run: the ledger of the newest run knows them all. */
  goneBefore: 10_000,
  touchedOfRun: 100,
};
const { definitions, runsOfEach, breaksOfRun, goneBefore, touchedOfRun } = sizes;

export const tenant = 'default';
const at = '2026-01-05T09:00:00.000Z';

const state = createMemoryState();
const objects = createMemoryObjectStore();
const reconciliations = createMemoryReconciliationStore(state);
const breaks = createMemoryBreakStore(state);

export async function makeStores(directory: string): Promise<{ state: typeof state; objects: typeof objects }> {
  const engine = await openEngine({ directory: join(directory, 'made'), memoryMb: 1_000, threads: 2 });
  for (let number = 1; number <= definitions; number += 1) await makeDefinition(engine, number);
  engine.close();
  return { state, objects };
}

async function makeDefinition(engine: Engine, number: number): Promise<void> {
  const made = definition(number);
  await reconciliations.create(made);
  const [breaksKey, ledgerKey, firstLedgerKey] = ['breaks', 'ledger', 'first-ledger'].map(
    (name) => `runs/${number}/${name}.parquet`,
  );
  await writeObjects(engine, made, breaksKey!, ledgerKey!, firstLedgerKey!);
  for (let sequence = 1; sequence <= runsOfEach; sequence += 1) {
    const newest = sequence === runsOfEach;
    const run: Run = {
      tenant,
      reconciliationId: made.reconciliationId,
      runId: `run-${number}-${sequence}`,
      number: sequence,
      trigger: 'arrival',
      actor: 'system',
      status: 'COMPLETED',
      stage: 'settle',
      generation: 1,
      claims: {},
      definition: made.definition!,
      dimensions: dimensionsOf(made.graph!),
      progress: { stage: 'settle', done: 1, total: 1 },
      summary: {
        sides: [],
        pairs: [{ source: 'GL', matched: 100_000, mismatched: breaksOfRun }],
        breaks: { MISMATCH: breaksOfRun, MISSING: 0, DUPLICATE: 0, SEARCH_EXHAUSTED: 0, AMBIGUOUS: 0 },
        passes: [emptyYield('1-exact-key')],
      },
      results: { matchesKeys: [], breaksKey: breaksKey!, ledgerKey: newest ? ledgerKey! : firstLedgerKey! },
      version: 1,
      queuedAt: at,
      finishedAt: at,
      stagedAt: {},
      doneIn: {},
    };
    state.runs.set(keyOf(tenant, run.reconciliationId, run.runId), run);
    if (newest) {
      const settled = { runId: run.runId, number: sequence, ledgerKey: ledgerKey! };
      state.feeds.set(keyOf(tenant, run.reconciliationId), {
        ...emptyFeed(run),
        version: 1,
        lastRunNumber: sequence,
        settled,
      });
    }
  }
  await touchSome(made);
}

/** Breaks that somebody has commented on, of every third with a submission. */
async function touchSome(made: Reconciliation): Promise<void> {
  for (let index = 0; index < touchedOfRun; index += 1) {
    const breakId = String(goneBefore + 1 + index * (breaksOfRun / touchedOfRun));
    const next = commented(made, breakId, index);
    await breaks.save([{ break: next.break, expected: 0, entries: [next.entry] }]);
  }
}

/** A break that somebody has commented on, every third with a submission. */
export function commented(
  { reconciliationId }: Pick<Reconciliation, 'reconciliationId'>,
  breakId: string,
  index: number,
) {
  const observed = {
    identity: `T${breakId}`,
    type: 'MISMATCH' as const,
    missingIn: null,
    key: `T${breakId}`,
    occurrence: 1,
    source: 'GL',
    leftRow: 1,
    rightRow: 1,
    left: {},
    right: {},
    differences: [],
    contentHash: 'h',
  };
  const ref = { tenant, reconciliationId, breakId };
  const opened = openBreak(ref, { observed, openedAt: Date.parse(at) }, { runId: 'run-1', number: 1, breaksKey: '' });
  const comment = { id: index, text: 'Investigated variance with custodian, awaiting approval' };
  const status = index % 3 === 0 ? { status: 'PENDING_APPROVAL' as const } : {};
  const actorDn = 'CN=analyst.jane,OU=Users,DC=corp,DC=example';
  return afterDeed(opened, { at, actorDn, action: 'COMMENT', comment, ...status });
}

async function writeObjects(
  engine: Engine,
  { definition: of }: Reconciliation,
  breaksKey: string,
  ledgerKey: string,
  firstLedgerKey: string,
): Promise<void> {
  const put = async (key: string, select: string): Promise<void> => {
    const path = join(engine.directory, 'object.parquet');
    await engine.run(`COPY (${select}) TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`);
    await objects.upload(path, key);
  };
  const textOf = (name: string): string => {
    if (name === 'tradeId') return `'T' || n`;
    if (name === 'amount') return '(n * 1.25)::DECIMAL(18,2)';
    if (name === 'product') return `'PRODUCT-' || n % 12`;
    if (name === 'entity') return `'ENTITY-' || n % 40`;
    return `'some text of ${name} ' || n`;
  };
  const sides = of!.fields.flatMap(({ name }) => [
    `${textOf(name)} AS left_${name}`,
    `${textOf(name)} AS right_${name}`,
  ]);
  await put(
    breaksKey,
    `SELECT 'MISMATCH' AS break_type, NULL::VARCHAR AS missing_in, 'T' || n AS key, 1 AS occurrence, 'T' || n AS identity, 'GL' AS source,
      n AS left_row, n AS right_row, ${sides.join(', ')}, ['amount'] AS fields,
      '[{"source":"GL","field":"amount","left":"1.25","right":"1.50","difference":"0.25"}]' AS differences
      FROM range(${goneBefore + 1}, ${goneBefore + breaksOfRun + 1}) t(n)`,
  );
  const ledger = (from: number): string =>
    `SELECT 'T' || n AS identity, sha256('T' || n) AS content_hash, n::VARCHAR AS break_id, if(n > ${goneBefore}, 'open', 'gone') AS state,
      'GL' AS source, n AS left_row, n AS right_row, ${Date.parse(at)}::BIGINT AS opened_at
      FROM range(${from}, ${goneBefore + breaksOfRun + 1}) t(n)`;
  await put(ledgerKey, ledger(1));
  await put(firstLedgerKey, ledger(goneBefore + 1));
}

export function fieldOf(
  canonicalName: string,
  role: GraphRole,
  dataType: CanonicalField['dataType'] = 'STRING',
  formattingHint: string | null = null,
): CanonicalField {
  return {
    canonicalName,
    displayName: canonicalName,
    role,
    dataType,
    comparisonLogic: 'EXACT_MATCH',
    thresholdPercentage: null,
    formattingHint,
    required: false,
    mappings: ['CUSTODY', 'GL'].map((sourceCode) => ({ sourceCode, sourceColumn: canonicalName, required: true })),
  };
}

const twelveFields: CanonicalField[] = [
  fieldOf('tradeId', 'KEY'),
  fieldOf('amount', 'COMPARE', 'DECIMAL'),
  fieldOf('product', 'PRODUCT'),
  fieldOf('entity', 'ENTITY'),
  ...Array.from({ length: 8 }, (_, index) => fieldOf(`text_${index}`, 'DISPLAY')),
];

export function definition(number: number, canonicalFields = twelveFields): Reconciliation & { graph: KeptGraph } {
  const source = (code: string, id: number): GraphSource & { id: number } => ({
    id,
    code,
    displayName: code,
    adapterType: 'CSV_FILE',
    anchor: id === 1,
    description: null,
    connectionConfig: null,
    adapterOptions: null,
    arrivalExpectation: null,
    arrivalTimezone: null,
    arrivalSlaMinutes: null,
  });
  const graph: KeptGraph = {
    number,
    version: 0,
    code: `DEFINITION_${number}`,
    name: `Definition ${number}`,
    description: 'Compares custody holdings against internal positions',
    owner: null,
    notes: null,
    makerCheckerEnabled: true,
    autoTriggerEnabled: false,
    autoTriggerCron: null,
    autoTriggerTimezone: null,
    autoTriggerGraceMinutes: null,
    sources: [source('CUSTODY', 1), source('GL', 2)],
    canonicalFields,
    reportTemplates: [],
    accessControlEntries: [],
    createdBy: 'admin.ops',
    updatedBy: 'admin.ops',
    updatedAt: at,
  };
  return {
    tenant,
    reconciliationId: `rec-${number}`,
    code: graph.code.toLowerCase(),
    name: graph.name,
    description: '',
    ownerId: 'admin.ops',
    status: 'PUBLISHED',
    graph,
    definition: compileGraph(graph),
    version: 1,
    createdAt: at,
    updatedAt: at,
  };
}
