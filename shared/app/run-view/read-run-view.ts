// The view of a settled run, read from what it recorded, the newest ledger and what persons have touched. It changes nothing,
// and reads only objects that runs name.
import { join } from 'node:path';
import { FailureError, fail } from '../../domain/result.ts';
import type { Dimensions, Run, RunRef } from '../../domain/run.ts';
import { type Engine, openEngine } from '../../matching/engine.ts';
import { literal } from '../../matching/sql.ts';
import type {
  PagedBreak,
  RunAnalytics,
  RunView,
  SelectableFilters,
  TouchedBreaks,
  ViewedBreak,
} from '../../ports/run-view.ts';
import type { Deps } from '../deps.ts';
import type { ObjectCache } from '../results/object-cache.ts';
import type { KeptEngine } from './kept-engine.ts';
import { countsSql, filterSql, shownSql, typedValuesSql, type ViewFiles, viewedSql } from './view-sql.ts';

export type RunViewDeps = Pick<Deps, 'runs' | 'batches'> & {
  breaks: TouchedBreaks;
  cache: ObjectCache;
  engineLimits: { memoryMb: number; threads: number };
  /** For pages; its settings allow the cache's directory. */
  kept: KeptEngine;
  /** Of a page's breaks as JSON: what the caller's way of answering can carry. */
  pageCharactersMax: number;
};

const breaksOfMax = 1_000;

export function createRunView(deps: RunViewDeps): RunView {
  return {
    async page(ref, { filter, now, after, limit }) {
      const files = await fetchFiles(deps, ref);
      const touched = await deps.breaks.touched(ref);
      return deps.kept.use(async (engine) => {
        await createViewed(engine, files, touched);
        const where = filterSql(filter);
        const counted = await engine.rows<Count>(countsSql(where, now));
        const next = after === undefined ? 'true' : `id > ${integer(after)}`;
        const ids = `FROM viewed WHERE ${where} AND ${next} ORDER BY id LIMIT ${limit + 1}`;
        const found = await shownBreaks<PagedBreak>(engine, shownSql(files, ids, false));
        const breaks = withinCharacters(found.slice(0, limit), deps.pageCharactersMax);
        return {
          analytics: analyticsOf(counted),
          filters: selectableOf(counted, files.dimensions),
          breaks,
          more: found.length > breaks.length,
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
        return shownBreaks<ViewedBreak>(engine, shownSql(files, 'FROM viewed', true));
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
  await engine.run(`CREATE TEMP TABLE viewed AS ${viewedSql(files, touched, only)}`);
}

async function shownBreaks<Break>(engine: Engine, sql: string): Promise<Break[]> {
  const [found] = await engine.rows<{ shown: string | null }>(sql);
  return JSON.parse(found?.shown ?? '[]') as Break[];
}

function integer(breakId: string): string {
  if (!/^\d{1,18}$/.test(breakId))
    throw new FailureError(fail('REQUEST_INVALID', 'The cursor is not one that this list has given'));
  return breakId;
}

type Count = { name: string; value: string; breaks: string; selectable: boolean };

function analyticsOf(counted: Count[]): RunAnalytics {
  const named = (name: string): Record<string, number> =>
    Object.fromEntries(
      counted
        .filter((one) => one.name === name && one.breaks !== '0')
        .map(({ value, breaks }) => [value, Number(breaks)]),
    );
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

function selectableOf(counted: Count[], { product, subProduct, entity }: Dimensions): SelectableFilters {
  const valuesOf = (name: string, field: string | undefined): string[] =>
    field === undefined ? [] : counted.filter((one) => one.name === name && one.selectable).map(({ value }) => value);
  return {
    products: valuesOf('product', product),
    subProducts: valuesOf('subProduct', subProduct),
    entities: valuesOf('entity', entity),
  };
}

/** The first breaks that fit together, and at least one: a page that shows nothing would never end. */
function withinCharacters(breaks: PagedBreak[], charactersMax: number): PagedBreak[] {
  let characters = 0;
  const end = breaks.findIndex((one, index) => {
    characters += JSON.stringify(one).length;
    return index > 0 && characters > charactersMax;
  });
  return end === -1 ? breaks : breaks.slice(0, end);
}
