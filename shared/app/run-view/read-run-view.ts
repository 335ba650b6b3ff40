// The view of a settled run, read from what it recorded, the newest ledger and what persons have touched. It changes nothing,
// and reads only objects that runs name.
import { join } from 'node:path';
import type { FieldDifference, ObservedBreak } from '../../domain/break.ts';
import { valueBytesMax } from '../../domain/break-changes.ts';
import type { BreakKind } from '../../domain/break-kind.ts';
import type { BreakType } from '../../domain/outcome.ts';
import { FailureError, fail } from '../../domain/result.ts';
import type { Run, RunRef } from '../../domain/run.ts';
import { type Engine, openEngine } from '../../matching/engine.ts';
import { literal } from '../../matching/sql.ts';
import {
  breaksOfMax,
  type RunAnalytics,
  type RunView,
  type SelectableFilters,
  type TouchedBreaks,
  type ViewedBreak,
} from '../../ports/run-view.ts';
import type { Deps } from '../deps.ts';
import type { ObjectCache } from '../results/object-cache.ts';
import type { KeptEngine } from './kept-engine.ts';
import {
  analyticsSql,
  filterSql,
  selectableSql,
  typedValuesSql,
  type ViewedRow,
  type ViewFiles,
  viewedSql,
  withValuesSql,
} from './view-sql.ts';

export type RunViewDeps = Pick<Deps, 'runs' | 'batches'> & {
  breaks: TouchedBreaks;
  cache: ObjectCache;
  engineLimits: { memoryMb: number; threads: number };
  /** For pages; its settings allow the cache's directory. */
  kept: KeptEngine;
  /** Of a page's breaks as JSON: what the caller's way of answering can carry. */
  pageCharactersMax: number;
};

export function createRunView(deps: RunViewDeps): RunView {
  return {
    async page(ref, { filter, now, after, limit }) {
      const files = await fetchFiles(deps, ref);
      const touched = await deps.breaks.touched(ref);
      return deps.kept.use(async (engine) => {
        await createViewed(engine, files, touched);
        const where = filterSql(filter);
        const counted = await engine.rows<Count>(analyticsSql(where, now));
        const selectable = await engine.rows<{ name: string; value: string }>(selectableSql(files.dimensions));
        const next = after === undefined ? 'true' : `id > ${integer(after)}`;
        const shown = `FROM viewed WHERE ${where} AND ${next} ORDER BY id LIMIT ${limit + 1}`;
        const rows = await engine.rows<ViewedRow>(withValuesSql(files, shown, valueBytesMax));
        const breaks = withinCharacters(rows.slice(0, limit).map(viewedBreak), deps.pageCharactersMax);
        return {
          analytics: analyticsOf(counted),
          filters: selectableOf(selectable),
          breaks,
          more: rows.length > breaks.length,
        };
      });
    },
    async breaksOf(ref, breakIds) {
      if (breakIds.length > breaksOfMax) throw new Error(`at most ${breaksOfMax} breaks at once`);
      const known = breakIds.filter((id) => /^\d{1,18}$/.test(id));
      if (known.length === 0) return [];
      const files = await fetchFiles(deps, ref);
      const touched = await deps.breaks.touched(ref);
      return deps.kept.use(async (engine) => {
        await createViewed(engine, files, touched, `break_id IN (${known.map(literal).join(', ')})`);
        return (await engine.rows<ViewedRow>(withValuesSql(files, 'FROM viewed'))).map(viewedBreak);
      });
    },
  };
}

/**
 * All breaks of a run with their state in one Parquet, for whoever has the engine: id, kind, status, opened_at (epoch ms), product,
 * sub_product, entity, gone, touched, key, source, missing_in, left_<field> and right_<field> in their types, fields, differences. In the
 * order of their ids. Gives its path inside the directory.
 */
export async function writeRunView(
  deps: Omit<RunViewDeps, 'kept' | 'pageCharactersMax'>,
  ref: RunRef,
  directory: string,
): Promise<string> {
  const files = await fetchFiles(deps, ref);
  const touched = await deps.breaks.touched(ref);
  const engine = await openEngine({ directory, allowed: [deps.cache.directory], ...deps.engineLimits });
  try {
    await createViewed(engine, files, touched);
    const path = join(directory, 'viewed.parquet');
    await engine.run(`COPY (${typedValuesSql(files)}) TO ${literal(path)} (FORMAT parquet)`);
    return path;
  } finally {
    engine.close();
  }
}

async function fetchFiles(deps: Pick<RunViewDeps, 'runs' | 'batches' | 'cache'>, ref: RunRef): Promise<ViewFiles> {
  const [run, { settled }] = await Promise.all([deps.runs.get(ref), deps.batches.feed(ref)]);
  if (!run) throw new FailureError(fail('NOT_FOUND', `There is no run ${ref.runId}`));
  const { ledgerKey, breaksKey } = resultsOf(run);
  const newestKey = settled?.ledgerKey ?? ledgerKey;
  const [breaks, ledger, newest] = await Promise.all([breaksKey, ledgerKey, newestKey].map(deps.cache.fetch));
  return {
    definition: run.definition!,
    dimensions: run.dimensions ?? {},
    breaks: breaks!,
    ledger: ledger!,
    newest: newest!,
  };
}

/** A back-dated run has no ledger: it opened no break, so there is none to show. */
function resultsOf(run: Run): { ledgerKey: string; breaksKey: string } {
  const { ledgerKey, breaksKey } = run.results ?? {};
  if (run.status !== 'COMPLETED' || ledgerKey === undefined || breaksKey === undefined)
    throw new FailureError(fail('RESULTS_NOT_READY'));
  return { ledgerKey, breaksKey };
}

async function createViewed(
  engine: Engine,
  files: ViewFiles,
  touched: Awaited<ReturnType<TouchedBreaks['touched']>>,
  only?: string,
): Promise<void> {
  await engine.run('CREATE TEMP TABLE touched (id BIGINT, status VARCHAR)');
  for (let start = 0; start < touched.length; start += touchedPerInsert) {
    const values = touched.slice(start, start + touchedPerInsert);
    const list = values.map(({ breakId, status }) => `(${integer(breakId)}, ${literal(status)})`);
    await engine.run(`INSERT INTO touched VALUES ${list.join(', ')}`);
  }
  await engine.run(`CREATE TEMP TABLE viewed AS ${viewedSql(files, only)}`);
}
const touchedPerInsert = 5_000;

function integer(breakId: string): string {
  if (!/^\d{1,18}$/.test(breakId))
    throw new FailureError(fail('REQUEST_INVALID', 'The cursor is not one that this list has given'));
  return breakId;
}

type Count = { name: string; value: string; breaks: string };

function analyticsOf(counted: Count[]): RunAnalytics {
  const named = (name: string): Record<string, number> =>
    Object.fromEntries(counted.filter((one) => one.name === name).map(({ value, breaks }) => [value, Number(breaks)]));
  const breaksByStatus = named('status');
  return {
    breaksByStatus,
    breaksByType: named('type'),
    breaksByProduct: named('product'),
    breaksByEntity: named('entity'),
    openBreaksByAgeBucket: named('age'),
    filteredBreakCount: Object.values(breaksByStatus).reduce((sum, count) => sum + count, 0),
    totalBreakCount: named('total')[''] ?? 0,
  };
}

function selectableOf(rows: { name: string; value: string }[]): SelectableFilters {
  const valuesOf = (name: keyof SelectableFilters) => rows.filter((row) => row.name === name).map(({ value }) => value);
  return { products: valuesOf('products'), subProducts: valuesOf('subProducts'), entities: valuesOf('entities') };
}

/** The first breaks that fit together, and at least one: a page that shows nothing would never end. */
function withinCharacters(breaks: ViewedBreak[], charactersMax: number): ViewedBreak[] {
  let characters = 0;
  const end = breaks.findIndex((one, index) => {
    characters += JSON.stringify(one).length;
    return index > 0 && characters > charactersMax;
  });
  return end === -1 ? breaks : breaks.slice(0, end);
}

function viewedBreak(row: ViewedRow): ViewedBreak {
  const reference = (text: string | null): number | null => (text === null ? null : Number(text));
  const values = (text: string | null): ObservedBreak['left'] => (text === null ? null : JSON.parse(text));
  return {
    breakId: row.id,
    observed: {
      identity: row.identity,
      type: row.break_type as BreakType,
      missingIn: row.missing_in,
      key: row.key,
      occurrence: Number(row.occurrence),
      source: row.source,
      leftRow: reference(row.left_row),
      rightRow: reference(row.right_row),
      left: values(row.left_values),
      right: values(row.right_values),
      differences: JSON.parse(row.differences) as FieldDifference[],
      contentHash: row.content_hash,
    },
    kind: row.kind as BreakKind,
    product: row.product,
    subProduct: row.sub_product,
    entity: row.entity,
    openedAt: Number(row.opened_at),
    status: row.status,
    gone: row.gone,
    touched: row.touched,
  };
}
