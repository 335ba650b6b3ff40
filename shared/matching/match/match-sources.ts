// The exact-key pass over loaded sources: pairs each leg's records with the anchor's and writes matches and breaks.
// A pure function of record content: reads no file names, clocks or row order. It loads nothing and stores no state.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkConservation } from '../../domain/conservation.ts';
import { ok, type Result } from '../../domain/result.ts';
import type { Engine } from '../engine.ts';
import { identifier, literal } from '../sql.ts';
import { joinLeg } from './join-leg.ts';
import { anchorRecords, type Leg, legName, type MatchPlan, planMatch, slotsTable, state } from './match-plan.ts';
import type { Matched, MatchRequest } from './matched.ts';
import { openSlots } from './open-slots.ts';
import { pairRepeatedKeys } from './pair-repeated-keys.ts';
import { summarise } from './summarise.ts';
import { writeBreaks } from './write-breaks.ts';

/**
 * Matches the sources, the anchor first. Fails with CONSERVATION_FAILED where the outcomes do not add up to what was
 * loaded; throws what DuckDB throws. One call at a time per engine: its working tables have fixed names.
 */
export async function matchSources(engine: Engine, request: MatchRequest): Promise<Result<Matched>> {
  const { definition, sources, directory, onProgress } = request;
  mkdirSync(directory, { recursive: true });
  const plan = planMatch(definition, sources);
  for (const leg of plan.legs) {
    onProgress?.({ stage: 'join', leg: leg.source.source });
    const repeats = await joinLeg(engine, plan, leg);
    onProgress?.({ stage: 'duplicates', leg: leg.source.source });
    if (repeats) await pairRepeatedKeys(engine, plan, leg);
    else await engine.run(noRepeats(leg));
  }
  onProgress?.({ stage: 'breaks' });
  const [matchesPath, breaksPath] = [join(directory, 'matches.parquet'), join(directory, 'breaks.parquet')];
  // The matches are many and simple, the breaks few and involved: one is written while the other is worked out.
  await beside(
    engine,
    (other) => writeMatches(other, plan, matchesPath),
    async () => {
      await openSlots(engine, plan);
      await writeBreaks(engine, plan, breaksPath);
    },
  );
  onProgress?.({ stage: 'conservation' });
  const summary = await summarise(engine, plan);
  for (const table of workingTables(plan)) await engine.run(`DROP TABLE ${identifier(table)}`);
  const totals = sources.map(({ source, rows, sums }) => ({ source, records: rows.records, sums }));
  const conserved = checkConservation(totals, summary);
  return conserved.ok ? ok({ matchesPath, breaksPath, summary }) : conserved;
}

/** Waits for both, whichever fails: nothing may still run when the engine is closed. */
async function beside(
  engine: Engine,
  first: (other: Engine) => Promise<void>,
  second: () => Promise<void>,
): Promise<void> {
  const other = await engine.fork();
  const results = await Promise.allSettled([first(other), second()]);
  other.close();
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

function noRepeats(leg: Leg): string {
  return `CREATE OR REPLACE TABLE ${leg.tables.resolved} (key VARCHAR, left_row BIGINT, right_row BIGINT, state UTINYINT)`;
}

/** Delta encodings and no dictionaries: half the time and half the size for keys and row numbers, which hardly repeat. */
async function writeMatches(engine: Engine, plan: MatchPlan, path: string): Promise<void> {
  const ofLegs = plan.legs.map((leg) => {
    const source = plan.legs.length > 1 ? `${legName(leg)} AS source, ` : '';
    const columns = `key, ${source}left_row, right_row, ${literal(plan.passName)} AS pass, 1.0::DOUBLE AS confidence`;
    return [leg.tables.joined, leg.tables.resolved].map(
      (table) => `SELECT ${columns} FROM ${table} WHERE state = ${state.matched}`,
    );
  });
  await engine.run(`COPY (${ofLegs.flat().join(' UNION ALL ')}) TO ${literal(path)}
    (FORMAT parquet, COMPRESSION uncompressed, PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 10)`);
}

function workingTables(plan: MatchPlan): string[] {
  return [slotsTable, anchorRecords, ...plan.legs.flatMap((leg) => Object.values(leg.tables))];
}
