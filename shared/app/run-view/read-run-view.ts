// The view of a settled run, read from what it recorded, the newest ledger and what persons have touched. It changes nothing,
// and reads only objects that runs name.
import { join } from 'node:path';
import { FailureError, fail } from '../../domain/result.ts';
import type { RunRef } from '../../domain/run.ts';
import { type Engine, openEngine } from '../../matching/engine.ts';
import { literal } from '../../matching/sql.ts';
import type { PagedBreak, RunPage, RunPageRequest, RunView, TouchedBreaks, ViewedBreak } from '../../ports/run-view.ts';
import type { Deps } from '../deps.ts';
import { pageOf } from './few-breaks.ts';
import { analyticsOf, type Count, selectableOf } from './run-counts.ts';
import { keepSettledBreaks, keptBounds, type SettledBreaksDeps } from './settled-breaks.ts';
import { fetchFiles, settledRun } from './view-files.ts';
import { countsSql, filterSql, shownSql, typedValuesSql, type ViewFiles, viewedSql } from './view-sql.ts';

/** `kept` allows the cache's directory; `pageCharactersMax`: what the caller's way of answering can carry of breaks as JSON. */
export type RunViewDeps = Pick<Deps, 'runs' | 'batches'> &
  SettledBreaksDeps & { breaks: TouchedBreaks; engineLimits: { memoryMb: number; threads: number } };

type Touched = Awaited<ReturnType<TouchedBreaks['touched']>>;

const breaksOfMax = 1_000;

export function createRunView(deps: RunViewDeps, bounds = keptBounds): RunView {
  const settledBreaks = keepSettledBreaks(deps, bounds);
  return {
    async page(ref, request) {
      if (request.after !== undefined) checkCursor(request.after);
      const settled = await settledRun(deps, ref);
      const touched = await deps.breaks.touched(ref);
      const few = await settledBreaks.of(settled, touched);
      if (few) return pageOf(few, settled.run.dimensions ?? {}, request);
      return pageOfMany(deps, await fetchFiles(deps.cache, settled), touched, request);
    },
    async breaksOf(ref, breakIds) {
      if (breakIds.length > breaksOfMax) throw new Error(`at most ${breaksOfMax} breaks at once`);
      const known = breakIds.filter((id) => /^\d{1,18}$/.test(id));
      if (known.length === 0) return [];
      const files = await fetchFiles(deps.cache, await settledRun(deps, ref));
      const touched = await deps.breaks.touched(ref);
      return deps.kept.use(async (engine) => {
        await createViewed(engine, files, touched, `break_id IN (${known.map(literal).join(', ')})`);
        return JSON.parse(await shownText(engine, shownSql(files, 'FROM viewed', true))) as ViewedBreak[];
      });
    },
  };
}

/**
 * All breaks of a run with their state in one Parquet, for whoever has the engine: id, kind, status, opened_at (epoch ms), product,
 * sub_product, entity, gone, touched, anomalous, key, source, missing_in, left_<field> and right_<field> in their types, fields, differences. In the
 * order of their ids. Gives its path inside the directory.
 */
export async function writeRunView(
  deps: Omit<RunViewDeps, 'kept' | 'pageCharactersMax'>,
  ref: RunRef,
  directory: string,
): Promise<string> {
  const files = await fetchFiles(deps.cache, await settledRun(deps, ref));
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

async function pageOfMany(
  deps: Pick<RunViewDeps, 'kept' | 'pageCharactersMax'>,
  files: ViewFiles,
  touched: Touched,
  { filter, now, after, limit }: RunPageRequest,
): Promise<RunPage> {
  return deps.kept.use(async (engine) => {
    await createViewed(engine, files, touched);
    const where = filterSql(filter);
    const rows = await engine.rows<Omit<Count, 'breaks'> & { breaks: string }>(countsSql(where, now));
    const counted = rows.map((row) => ({ ...row, breaks: Number(row.breaks) }));
    const next = after === undefined ? 'true' : `id > ${after}`;
    const ids = `FROM viewed WHERE ${where} AND ${next} ORDER BY id LIMIT ${limit + 1}`;
    const text = await shownText(engine, shownSql(files, ids, false));
    const found = JSON.parse(text) as PagedBreak[];
    const page = found.slice(0, limit);
    const breaks = text.length <= deps.pageCharactersMax ? page : withinCharacters(page, deps.pageCharactersMax);
    return {
      analytics: analyticsOf(counted),
      filters: selectableOf(counted, files.dimensions),
      breaks,
      more: found.length > breaks.length,
    };
  });
}

async function createViewed(engine: Engine, files: ViewFiles, touched: Touched, only?: string): Promise<void> {
  await engine.run(`CREATE TEMP TABLE viewed AS ${viewedSql(files, touched, only)}`);
}

async function shownText(engine: Engine, sql: string): Promise<string> {
  const [found] = await engine.rows<{ shown: string | null }>(sql);
  return found?.shown ?? '[]';
}

function checkCursor(breakId: string): void {
  if (!/^\d{1,18}$/.test(breakId))
    throw new FailureError(fail('REQUEST_INVALID', 'The cursor is not one that this list has given'));
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
