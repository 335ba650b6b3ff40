// Looks into the matches of a run, in SQL, for somebody who is to decide about them: what an undo would open, and whether
// records are open. Changes nothing of the run; writes the members of an undo where it is told to.
import { join } from 'node:path';
import type { UndoneMatches, UndoneSide, UndoScope } from '../../domain/decision.ts';
import { manualPassName } from '../../domain/decision.ts';
import { anchorOf, legsOf } from '../../domain/definition.ts';
import { addSums, rowsPerBatchMax, type SideSums } from '../../domain/outcome.ts';
import { FailureError, fail } from '../../domain/result.ts';
import type { Run, RunInputs, RunRef } from '../../domain/run.ts';
import { type Engine, openEngine } from '../../matching/engine.ts';
import { readRecords } from '../../matching/load/read-records.ts';
import { sumByCurrency } from '../../matching/load/summarise.ts';
import { type LoadedSource, rowColumn } from '../../matching/records.ts';
import { identifier, literal } from '../../matching/sql.ts';
import type { MatchQuery } from '../../ports/match-query.ts';
import type { Deps } from '../deps.ts';
import { inScratch } from '../in-scratch.ts';
import type { ObjectCache } from '../results/object-cache.ts';
import { findMatch } from '../reviews/find-match.ts';
import { readJson } from '../runs/json-objects.ts';

type LookDeps = Pick<Deps, 'runs' | 'objects' | 'ids' | 'settings'> & {
  cache: ObjectCache;
  engineLimits: { memoryMb: number; threads: number };
};

type Look = { deps: LookDeps; engine: Engine; run: Run; directory: string };
type Side = 'left' | 'right';

const row = identifier(rowColumn);
const sides = ['left', 'right'] as const;
const breakIdsMax = 1_000;

export function createMatchQuery(deps: LookDeps): MatchQuery {
  const looking = async <T>(ref: RunRef, work: (look: Look) => Promise<T>): Promise<T> => {
    const run = await deps.runs.get(ref);
    if (!run) throw new FailureError(fail('NOT_FOUND', `There is no run ${ref.runId}`));
    if (run.status !== 'COMPLETED' || !run.results) throw new FailureError(fail('RESULTS_NOT_READY'));
    return inScratch(deps, async (directory) => {
      const engine = await openEngine({ directory, allowed: [deps.cache.directory], ...deps.engineLimits });
      try {
        return await work({ deps, engine, run, directory });
      } finally {
        engine.close();
      }
    });
  };
  return {
    find: (ref, query) =>
      looking(ref, async (look) => {
        await matchesTable(look);
        const inputs = await readJson<RunInputs>(deps, look.run.inputsKey!);
        return findMatch(look.engine, query, (source) => sourceOf(look, source), look.run, inputs);
      }),
    undo: (ref, { scope, except, manual, ledgerKey, membersKey }) =>
      looking(ref, async (look) => {
        const byHand = await takeScope(look, scope);
        await leaveOut(look, except);
        const undone: UndoneMatches = {
          passes: await countPasses(look),
          batches: { left: await batchesOf(look, 'left'), right: await batchesOf(look, 'right') },
          manual: byHand,
        };
        const breaks = ledgerKey === undefined ? { count: 0, breakIds: [] } : await goneBreaks(look, ledgerKey);
        if (membersKey !== undefined && undone.passes.length > 0) await writeMembers(look, membersKey);
        return { undone, breaks, touched: await touchedOf(look, manual) };
      }),
    records: (ref, { source, left, right }) =>
      looking(ref, async (look) => {
        const { engine, run } = look;
        await matchesTable(look);
        const answer = {
          absent: [] as number[],
          matched: [] as number[],
          sums: { left: {} as SideSums, right: {} as SideSums },
        };
        for (const side of sides) {
          const rows = side === 'left' ? left : right;
          const name = side === 'left' ? anchorOf(run.definition!).name : source;
          const records = await sourceOf(look, name);
          const wanted = `SELECT unnest([${rows.map((one) => BigInt(one).toString()).join(', ')}])::BIGINT`;
          const here = await numbersOf(
            engine,
            `SELECT ${row} AS n FROM ${records.relation} WHERE ${row} IN (${wanted})`,
          );
          const matched = await numbersOf(
            engine,
            `SELECT DISTINCT ${side}_row AS n FROM matches WHERE source = ${literal(source)} AND ${side}_row IN (${wanted})`,
          );
          answer.absent.push(...rows.filter((one) => !here.includes(one)));
          answer.matched.push(...matched);
          answer.sums[side] = (await sumOf(look, records, wanted)).sums;
        }
        return answer;
      }),
  };
}

/** `matches`: source, left_row, right_row, pass, group_id, confidence, evidence. */
async function matchesTable({ deps, engine, run }: Look): Promise<void> {
  const paths = await Promise.all(run.results!.matchesKeys.map(deps.cache.fetch));
  const legs = legsOf(run.definition!);
  const source = legs.length > 1 ? 'source' : `${literal(legs[0]!.name)} AS source`;
  const read = `SELECT * FROM read_parquet([${paths.map(literal).join(', ')}], union_by_name = true)`;
  await engine.run(`CREATE OR REPLACE VIEW matches AS
    SELECT ${source}, left_row, right_row, pass, group_id, confidence, evidence
    FROM (${read} UNION ALL BY NAME SELECT NULL::VARCHAR AS group_id, NULL::VARCHAR AS evidence WHERE false)`);
}

/** Fills `scoped` (match, source, left_row, right_row, pass); gives the manual matches that it leaves out. */
async function takeScope(look: Look, scope: UndoScope): Promise<string[]> {
  const { engine } = look;
  await matchesTable(look);
  await engine.run(`CREATE OR REPLACE TABLE scoped AS SELECT source, left_row, right_row, pass, group_id,
    CASE WHEN group_id IS NULL THEN left_row || ' ' || right_row ELSE group_id END AS match FROM matches WHERE ${scopeSql(scope)}`);
  const manual = `pass = ${literal(manualPassName)} AND group_id IS NOT NULL`;
  const found = await engine.rows<{ id: string }>(
    `SELECT DISTINCT group_id AS id FROM scoped WHERE ${manual} ORDER BY 1`,
  );
  await engine.run(`DELETE FROM scoped WHERE ${manual}`);
  return found.map(({ id }) => id);
}

function scopeSql(scope: UndoScope): string {
  if (scope.of === 'run') return 'true';
  if (scope.of === 'pass') return `pass = ${literal(scope.pass)}`;
  const value = (one: number | null) => (one === null ? 'NULL' : BigInt(one).toString());
  const of = scope.source === undefined ? 'true' : `source = ${literal(scope.source)}`;
  const named = `left_row IS NOT DISTINCT FROM ${value(scope.left)} AND right_row IS NOT DISTINCT FROM ${value(scope.right)} AND ${of}`;
  return `(${named}) OR (source, group_id) IN (SELECT (source, group_id) FROM matches WHERE ${named} AND group_id IS NOT NULL)`;
}

/** Takes matches out of `scoped` that were undone of this run before. */
async function leaveOut({ deps, engine }: Look, except: string[]): Promise<void> {
  if (except.length === 0) return;
  const paths = await Promise.all(except.map(deps.cache.fetch));
  const known = `read_parquet([${paths.map(literal).join(', ')}])`;
  await engine.run(`DELETE FROM scoped WHERE (source, match) IN (SELECT (source, match) FROM ${known})`);
}

async function countPasses(look: Look): Promise<UndoneMatches['passes']> {
  const { engine, run } = look;
  const found = await engine.rows<{ name: string; matches: string }>(
    'SELECT pass AS name, count(DISTINCT (source, match)) AS matches FROM scoped GROUP BY pass ORDER BY pass',
  );
  if (found.length === 0) return [];
  const anchor = await sourceOf(look, anchorOf(run.definition!).name);
  const legs = await Promise.all(legsOf(run.definition!).map(({ name }) => sourceOf(look, name)));
  const passes: UndoneMatches['passes'] = [];
  for (const { name, matches } of found) {
    const of = `FROM scoped WHERE pass = ${literal(name)}`;
    const left = await sumOf(look, anchor, `SELECT left_row ${of}`);
    const right: UndoneSide[] = [];
    for (const leg of legs)
      right.push(await sumOf(look, leg, `SELECT right_row ${of} AND source = ${literal(leg.source)}`));
    passes.push({ name, matches: Number(matches), left, right: right.reduce(addUp) });
  }
  return passes;
}

function addUp(a: UndoneSide, b: UndoneSide): UndoneSide {
  return { records: a.records + b.records, sums: addSums(a.sums, b.sums) };
}

async function sourceOf({ deps, engine, run }: Look, source: string): Promise<LoadedSource> {
  const { sources } = await readJson<RunInputs>(deps, run.inputsKey!);
  const { parts } = sources.find((one) => one.source === source)!;
  const paths = await Promise.all(parts.map(({ key }) => deps.cache.fetch(key)));
  return readRecords(engine, { definition: run.definition!, source, paths });
}

async function sumOf({ engine, run }: Look, source: LoadedSource, rows: string): Promise<UndoneSide> {
  const { currencyField } = run.definition!;
  const currency = source.fields.some(({ name }) => name === currencyField)
    ? `coalesce(CAST(${identifier(currencyField!)} AS VARCHAR), '')`
    : "''";
  const amounts = source.fields.filter(({ sqlType }) => sqlType.startsWith('DECIMAL'));
  const from = `(SELECT * FROM ${source.relation} WHERE ${row} IN (${rows}))`;
  const columns = amounts.map(({ name, sqlType }) => ({ name, sqlType, column: identifier(name) }));
  const { rows: records, sums } = await sumByCurrency(engine, from, currency, columns);
  return { records, sums };
}

async function batchesOf({ engine }: Look, side: Side): Promise<number[]> {
  const batch = `${side}_row // ${rowsPerBatchMax}`;
  return numbersOf(engine, `SELECT DISTINCT ${batch} AS n FROM scoped WHERE ${side}_row IS NOT NULL ORDER BY 1`);
}

/** The ledger keeps the rows that a break was last seen with. */
async function goneBreaks({ deps, engine }: Look, ledgerKey: string): Promise<{ count: number; breakIds: string[] }> {
  const ledger = `read_parquet(${literal(await deps.cache.fetch(ledgerKey))})`;
  await engine.run(`CREATE OR REPLACE TABLE gone AS SELECT break_id FROM ${ledger} WHERE state = 'gone'
    AND (left_row IN (SELECT left_row FROM scoped) OR right_row IN (SELECT right_row FROM scoped))`);
  const [counted] = await engine.rows<{ n: string }>('SELECT count(*) AS n FROM gone');
  const first = await engine.rows<{ id: string }>(`SELECT break_id AS id FROM gone ORDER BY 1 LIMIT ${breakIdsMax}`);
  return { count: Number(counted!.n), breakIds: first.map(({ id }) => id) };
}

async function touchedOf(
  { engine }: Look,
  manual: { id: string; source: string; left: number[]; right: number[] }[],
): Promise<string[]> {
  const touched: string[] = [];
  for (const { id, source, left, right } of manual) {
    const among = (side: Side, rows: number[]) =>
      `${side}_row IN (${[...rows.map((one) => BigInt(one).toString()), 'NULL'].join(', ')})`;
    const sql = `SELECT 1 FROM scoped WHERE ${among('left', left)} OR (source = ${literal(source)} AND ${among('right', right)}) LIMIT 1`;
    if ((await engine.rows(sql)).length > 0) touched.push(id);
  }
  return touched;
}

async function writeMembers({ deps, engine, directory }: Look, membersKey: string): Promise<void> {
  const path = join(directory, 'members.parquet');
  await engine.run(`COPY (SELECT source, match, left_row, right_row FROM scoped) TO ${literal(path)}
    (FORMAT parquet, COMPRESSION zstd)`);
  await deps.objects.upload(path, membersKey);
}

async function numbersOf(engine: Engine, sql: string): Promise<number[]> {
  return (await engine.rows<{ n: string }>(sql)).map(({ n }) => Number(n));
}
