// The breaks of a run as it saw them, read once and kept between requests where they are few: what persons do and what later runs find
// changes the state of a break, never its values. The state is looked up for every request.
import type { TouchedBreaks } from '../../ports/run-view.ts';
import type { ObjectCache } from '../results/object-cache.ts';
import { type FewBreak, type SettledBreak, stateOf } from './few-breaks.ts';
import type { KeptEngine } from './kept-engine.ts';
import { fetchFiles, type SettledRun } from './view-files.ts';
import { breakCountSql, goneSql, settledSql } from './view-sql.ts';

export type KeptBounds = {
  /** Breaks of a run. */
  breaksMax: number;
  /** Of all runs together, as JSON. */
  charactersMax: number;
};

/**
 * Twice as many breaks as a page shows; a hundred runs of a thousand breaks. A character is one byte, or two in a break with other
 * letters than Latin ones: at most 256 MB of the 900 that are outside the engine, of which Node takes up to 300 (infra/functions.ts).
 */
export const keptBounds: KeptBounds = { breaksMax: 2_000, charactersMax: 128_000_000 };

export type SettledBreaksDeps = {
  cache: ObjectCache;
  kept: KeptEngine;
  /** A run whose breaks are more than one answer can carry is not kept. */
  pageCharactersMax: number;
};

type Touched = Awaited<ReturnType<TouchedBreaks['touched']>>;

export type SettledBreaks = {
  /** All breaks of a run with their state, in the order of their ids; undefined where they are not few. */
  of(settled: SettledRun, touched: Touched): Promise<FewBreak[] | undefined>;
};

type Known = {
  /** Undefined where they are not few. */
  breaks: readonly SettledBreak[] | undefined;
  characters: number;
  gone?: { newestKey: string; breakIds: ReadonlySet<string> };
};

export function keepSettledBreaks(deps: SettledBreaksDeps, { breaksMax, charactersMax }: KeptBounds): SettledBreaks {
  /** Those that were used longest ago come first. */
  const runs = new Map<string, Known>();
  let characters = 0;

  function forget(key: string): void {
    characters -= runs.get(key)?.characters ?? 0;
    runs.delete(key);
  }

  function remember(key: string, known: Known): void {
    forget(key);
    runs.set(key, known);
    characters += known.characters;
    for (const oldest of runs.keys()) {
      if (characters <= charactersMax) return;
      forget(oldest);
    }
  }

  async function read(settled: SettledRun): Promise<Known> {
    const files = await fetchFiles(deps.cache, { ...settled, newestKey: settled.ledgerKey });
    return deps.kept.use(async (engine) => {
      const many = { breaks: undefined, characters: 0 };
      const [counted] = await engine.rows<{ breaks: string }>(breakCountSql(files));
      if (Number(counted!.breaks) > breaksMax) return many;
      const [found] = await engine.rows<{ settled: string | null }>(settledSql(files));
      const text = found?.settled ?? '[]';
      const breaks = JSON.parse(text) as SettledBreak[];
      const fits = text.length + breaks.length * stateCharactersMax <= deps.pageCharactersMax;
      return fits ? { breaks, characters: text.length } : many;
    });
  }

  async function goneBy(settled: SettledRun): Promise<ReadonlySet<string>> {
    if (settled.newestKey === settled.ledgerKey) return new Set();
    const files = await fetchFiles(deps.cache, settled);
    return deps.kept.use(async (engine) => {
      const [found] = await engine.rows<{ gone: string | null }>(goneSql(files));
      return new Set(JSON.parse(found?.gone ?? '[]') as string[]);
    });
  }

  return {
    async of(settled, touched) {
      const { tenant, reconciliationId, runId } = settled.run;
      const key = JSON.stringify([tenant, reconciliationId, runId]);
      const before = runs.get(key) ?? (await read(settled));
      const { newestKey } = settled;
      const known =
        before.breaks && before.gone?.newestKey !== newestKey
          ? { ...before, gone: { newestKey, breakIds: await goneBy(settled) } }
          : before;
      remember(key, { ...known, characters: known.characters || key.length });
      return known.breaks && stateOf(known.breaks, known.gone!.breakIds, touched);
    },
  };
}

/** By which a break is longer in an answer than as it was read: as PENDING_APPROVAL, which was OPEN. */
const stateCharactersMax = 12;
