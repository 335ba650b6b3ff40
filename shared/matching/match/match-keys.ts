// The exact pass over one chunk of a run whose later passes must see all chunks: settles the pairs that agree, and hands
// on everything else as it stands. `matchSources` goes on from there.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { emptyYield, type MatchSummary } from '../../domain/outcome.ts';
import type { Engine } from '../engine.ts';
import { openDecisions } from '../passes/decisions.ts';
import { keyColumn, type LoadedSource, rowColumn } from '../records.ts';
import { identifier, literal } from '../sql.ts';
import { type Leg, type MatchPlan, planMatch, state } from './match-plan.ts';
import { joinLegs, settleOutcome } from './match-sources.ts';
import type { MatchRequest } from './matched.ts';
import { leftByExact, openTables } from './open-records.ts';

export type MatchedKeys = {
  /** As of `matchSources`, of the pairs that nothing later can change. */
  matchesPath: string;
  /** Counts those pairs alone. */
  summary: MatchSummary;
  /** What is handed on, per source, the anchor first: its records, and of a leg the verdicts on them so far. */
  open: { source: string; recordsPath: string; verdictsPath?: string }[];
};

const row = identifier(rowColumn);
const openRows = 'match_open_rows';

/** The definition has passes after the exact key, or there are decisions. Throws what DuckDB throws. */
export async function matchKeys(engine: Engine, request: MatchRequest): Promise<MatchedKeys> {
  const { definition, sources, directory, onProgress } = request;
  mkdirSync(directory, { recursive: true });
  const all = planMatch(definition, sources, request.decisions !== undefined);
  const plan: MatchPlan = { ...all, later: [] };
  if (request.decisions) await openDecisions(engine, plan, request.decisions);
  const notes = await joinLegs(engine, plan, onProgress);
  await openTables(engine, plan);
  // An anchor record that one leg leaves open is handed on with its pairs in all legs.
  const lefts = plan.legs.map((leg) => `SELECT left_row FROM ${leftByExact(leg)} WHERE left_row IS NOT NULL`);
  await engine.run(`CREATE OR REPLACE TABLE ${openRows} AS ${lefts.join(' UNION ')}`);
  const open: MatchedKeys['open'] = [{ source: plan.anchor.source, recordsPath: join(directory, 'open-0.parquet') }];
  await writeRecords(engine, plan.anchor, `FROM ${openRows}`, open[0]!.recordsPath);
  for (const leg of plan.legs) {
    const recordsPath = join(directory, `open-${leg.number}.parquet`);
    const verdictsPath = join(directory, `verdicts-${leg.number}.parquet`);
    await writeVerdicts(engine, leg, verdictsPath);
    await writeRecords(engine, leg.source, `SELECT right_row FROM read_parquet(${literal(verdictsPath)})`, recordsPath);
    open.push({ source: leg.source.source, recordsPath, verdictsPath });
  }
  for (const { tables } of plan.legs) {
    await engine.run(`DELETE FROM ${tables.joined} WHERE state <> ${state.matched} OR left_row IN (FROM ${openRows})`);
    await engine.run(`DELETE FROM ${tables.resolved}`);
  }
  await engine.run(`DROP TABLE ${openRows}`);
  const { matchesPath, summary } = await settleOutcome(engine, plan, { yields: new Map(), notes, directory });
  const passes = [...summary.passes, ...all.later.map(({ name }) => emptyYield(name))];
  return { matchesPath, summary: { ...summary, passes }, open };
}

async function writeVerdicts(engine: Engine, leg: Leg, path: string): Promise<void> {
  await engine.run(`COPY (SELECT key, left_row, right_row, state FROM ${leg.tables.joined}
      WHERE state = ${state.matched} AND left_row IN (FROM ${openRows}) UNION ALL FROM ${leftByExact(leg)})
    TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`);
}

async function writeRecords(engine: Engine, source: LoadedSource, rows: string, path: string): Promise<void> {
  const columns = [row, identifier(keyColumn), ...source.fields.map(({ name }) => identifier(name))].join(', ');
  await engine.run(`COPY (SELECT ${columns} FROM ${source.relation} WHERE ${row} IN (${rows}))
    TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`);
}
