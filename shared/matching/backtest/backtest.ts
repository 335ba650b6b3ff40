// Runs two definitions over the same files and says which matches NEW gains, loses and changes, pass by pass; and whether
// matches that were confirmed hold. It judges nothing: what may be lost is the caller's to say.
import { join } from 'node:path';
import { anchorOf, type Definition, legsOf, passName } from '../../domain/definition.ts';
import type { MatchSummary } from '../../domain/outcome.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Engine } from '../engine.ts';
import type { InputFile } from '../input/prepare-file.ts';
import { loadSources } from '../load/load-sources.ts';
import { matchSources } from '../match/match-sources.ts';
import type { Matched } from '../match/matched.ts';
import type { LoadedSource } from '../records.ts';
import { literal } from '../sql.ts';
import type { ChangesRequest } from './changes.ts';
import { type Comparison, compareMatches, type Tally } from './compare-matches.ts';
import { confirmedMatches } from './confirmed-matches.ts';
import { movedRecords, type RecordMove } from './moved-records.ts';
import { type OutcomeTables, outcomeTables } from './outcome-tables.ts';
import { checkComparable, checkSameRows, readsTheSame } from './same-reading.ts';

export type BacktestRequest = {
  old: Definition;
  next: Definition;
  /** By source name. */
  files: Record<string, InputFile>;
  confirmedPath?: string;
  onProgress?: (step: string) => void;
};

export type TestedDefinition = {
  definition: Definition;
  passes: string[];
  /** The anchor first, the legs in the order of OLD. */
  sources: LoadedSource[];
  summary: MatchSummary;
  tallies: Tally[];
};

export type Backtest = {
  old: TestedDefinition;
  next: TestedDefinition;
  loadedOnce: boolean;
  keptBy: Comparison['keptBy'];
  records: RecordMove[];
  /** For `changesSql` and `gainedSql`. */
  changes: ChangesRequest;
  /** Confirmed matches seen from NEW; `inOld`: how many of them OLD finds. */
  confirmed?: { tallies: Tally[]; matches: number; inOld: number; changes: ChangesRequest };
};

/** Fails as loading and matching do, and with DEFINITION_INVALID where the two cannot be compared. */
export async function backtest(engine: Engine, request: BacktestRequest): Promise<Result<Backtest>> {
  const { old, next, files, confirmedPath, onProgress = () => {} } = request;
  const comparable = checkComparable(old, next);
  if (!comparable.ok) return comparable;
  const order = [anchorOf(old).name, ...legsOf(old).map((leg) => leg.name)];
  const loadedOnce = readsTheSame(old, next);
  const oldRun = await run(engine, 'old', old, undefined);
  if (!oldRun.ok) return oldRun;
  const nextRun = await run(engine, 'new', next, loadedOnce ? oldRun.value.sources : undefined);
  if (!nextRun.ok) return nextRun;
  const [one, two] = [oldRun.value, nextRun.value];
  const sameRows = checkSameRows(one.sources, two.sources);
  if (!sameRows.ok) return sameRows;
  onProgress('comparing');
  const comparison = await compareMatches(engine, 'both', { first: one.tables.matches, second: two.tables.matches });
  const conserved = checkTallies(comparison, one, two);
  if (!conserved.ok) return conserved;
  const second = {
    ...judged(two),
    open: two.tables.open,
    breaksPath: two.matched.breaksPath,
    explained: await hasExplanation(engine, two.matched.breaksPath),
  };
  const result: Backtest = {
    old: { ...judged(one), definition: old, summary: one.matched.summary, tallies: comparison.tallies.first },
    next: { ...judged(two), definition: next, summary: two.matched.summary, tallies: comparison.tallies.second },
    loadedOnce,
    keptBy: comparison.keptBy,
    records: await movedRecords(engine, { order, old: one.tables, next: two.tables, sameRecords: loadedOnce }),
    changes: { comparison, first: judged(one), second },
  };
  if (confirmedPath === undefined) return ok(result);
  onProgress('confirmed matches');
  const confirmed = await confirmedMatches(engine, { path: confirmedPath, sources: one.sources });
  if (!confirmed.ok) return confirmed;
  const inOld = await compareMatches(engine, 'confirmed_old', { first: confirmed.value, second: one.tables.matches });
  const inNew = await compareMatches(engine, 'confirmed', { first: confirmed.value, second: two.tables.matches });
  result.confirmed = {
    tallies: inNew.tallies.first,
    matches: total(inNew.tallies.first),
    inOld: total(inOld.tallies.first.filter((tally) => tally.verdict === 'kept')),
    changes: { comparison: inNew, first: { sources: one.sources, passes: [] }, second },
  };
  return ok(result);

  async function run(
    on: Engine,
    name: 'old' | 'new',
    definition: Definition,
    loaded: LoadedSource[] | undefined,
  ): Promise<Result<Run>> {
    const about = name.toUpperCase();
    let sources = loaded;
    if (!sources) {
      const read = await loadSources(on, {
        definition,
        files,
        onProgress: ({ source, step }) => onProgress(`${about}: ${source}: ${step}`),
      });
      if (!read.ok) return { ...read, detail: `${about}: ${read.detail}` };
      sources = read.value;
    }
    // Loading gives the legs in the definition's order, and the two may differ in that.
    const byName = new Map(sources.map((source) => [source.source, source]));
    const own = [anchorOf(definition), ...legsOf(definition)].map((source) => byName.get(source.name)!);
    const matched = await matchSources(on, {
      definition,
      sources: own,
      directory: join(on.directory, `backtest-${name}`),
      onProgress: ({ stage, pass }) => onProgress(`${about}: ${pass ?? stage}`),
    });
    if (!matched.ok) return { ...matched, detail: `${about}: ${matched.detail}` };
    const tables = await outcomeTables(on, name, { definition, legs: order.slice(1), matched: matched.value });
    const passes = definition.passes.map((pass, index) => passName(pass, index));
    return ok({ sources: order.map((source) => byName.get(source)!), passes, matched: matched.value, tables });
  }
}

type Run = { sources: LoadedSource[]; passes: string[]; matched: Matched; tables: OutcomeTables };

function judged({ sources, passes }: Run): { sources: LoadedSource[]; passes: string[] } {
  return { sources, passes };
}

export function total(tallies: Tally[]): number {
  return tallies.reduce((sum, tally) => sum + tally.matches, 0);
}

/** Every match of either run has one verdict, and what is in both is counted alike from both. */
function checkTallies({ tallies }: Comparison, one: Run, two: Run): Result<void> {
  const expected = (run: Run) => run.matched.summary.passes.reduce((sum, pass) => sum + pass.pairs + pass.groups, 0);
  const [first, second] = [total(tallies.first), total(tallies.second)];
  const inBoth = (list: Tally[]) =>
    total(list.filter(({ verdict }) => verdict !== 'lost' && verdict !== 'gained' && verdict !== 'rematched'));
  if (first === expected(one) && second === expected(two) && inBoth(tallies.first) === inBoth(tallies.second))
    return ok(undefined);
  return fail(
    'CONSERVATION_FAILED',
    `OLD has ${expected(one)} matches and NEW ${expected(two)}, and ${first} and ${second} were compared (${inBoth(tallies.first)} and ${inBoth(tallies.second)} in both)`,
  );
}

async function hasExplanation(engine: Engine, breaksPath: string): Promise<boolean> {
  const columns = await engine.rows<{ column_name: string }>(`DESCRIBE FROM read_parquet(${literal(breaksPath)})`);
  return columns.some((column) => column.column_name === 'explanation');
}
