// All passes over loaded sources: pairs each leg's records with the anchor's and writes matches and breaks.
// A pure function of record content: reads no file names, clocks or row order. It loads nothing and stores no state.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkConservation } from '../../domain/conservation.ts';
import { FailureError, ok, type Result } from '../../domain/result.ts';
import type { Engine } from '../engine.ts';
import { openSearchMemory } from '../grouping/search-memory.ts';
import { openDecided, openDecisions, withoutTogether } from '../passes/decisions.ts';
import { laterPasses } from '../passes/waterfall.ts';
import { identifier, literal } from '../sql.ts';
import { joinLeg, joinNothing } from './join-leg.ts';
import {
  anchorRecords,
  hasEvidence,
  type Leg,
  legName,
  type MatchPlan,
  planMatch,
  slotsTable,
  state,
} from './match-plan.ts';
import type { Matched, MatchRequest } from './matched.ts';
import { leftByExact, openRecords, openTables } from './open-records.ts';
import { openSlots } from './open-slots.ts';
import { pairRepeatedKeys } from './pair-repeated-keys.ts';
import { type PassYields, summarise } from './summarise.ts';
import { writeBreaks } from './write-breaks.ts';

/**
 * Matches the sources, the anchor first. Fails with CONSERVATION_FAILED where the outcomes do not add up to what was
 * loaded, and with DEFINITION_INVALID where a pass does not fit how the values were read; throws what DuckDB throws. One
 * call at a time per engine: its working tables have fixed names.
 */
export async function matchSources(engine: Engine, request: MatchRequest): Promise<Result<Matched>> {
  try {
    return await matchAll(engine, request);
  } catch (error) {
    if (error instanceof FailureError) return error.failure;
    throw error;
  }
}

async function matchAll(engine: Engine, request: MatchRequest): Promise<Result<Matched>> {
  const { definition, sources, directory, onProgress } = request;
  mkdirSync(directory, { recursive: true });
  const plan = planMatch(definition, sources, request.decisions !== undefined, request.learned);
  if (request.decisions) await openDecisions(engine, plan, request.decisions);
  if (request.verdicts) await takeVerdicts(engine, plan, request.verdicts);
  const notes = request.verdicts ? [] : await joinLegs(engine, plan, onProgress);
  const yields: PassYields = new Map();
  const memory = openSearchMemory(request.searchedPath);
  if (plan.later.length > 0) {
    await openTables(engine, plan);
    await openRecords(engine, plan);
    for (const leg of plan.legs) {
      const onPass = (pass: string) => onProgress?.({ stage: 'pass', leg: leg.source.source, pass });
      yields.set(leg, await laterPasses(engine, plan, leg, { found: leftByExact(leg), memory, onPass }));
    }
  }
  const matched = await settleOutcome(engine, plan, { yields, notes, directory, ...(onProgress && { onProgress }) });
  const totals = sources.map(({ source, rows, sums }) => ({ source, records: rows.records, sums }));
  const conserved = checkConservation(totals, matched.summary);
  if (!conserved.ok) return conserved;
  const searchedPath = join(directory, 'searched.ndjson');
  return ok(memory.write(searchedPath) ? { ...matched, searchedPath } : matched);
}

/** The exact pass: fills `joined` and `resolved` of every leg. Gives its notes. */
export async function joinLegs(
  engine: Engine,
  plan: MatchPlan,
  onProgress: MatchRequest['onProgress'],
): Promise<string[]> {
  const notes = new Set<string>();
  for (const leg of plan.legs) {
    onProgress?.({ stage: 'join', leg: leg.source.source });
    const of = plan.decided ? await withoutTogether(engine, plan, leg) : { plan, leg };
    const repeats = plan.exact ? await joinLeg(engine, of.plan, of.leg) : await joinNothing(engine, of.plan, of.leg);
    onProgress?.({ stage: 'duplicates', leg: leg.source.source });
    if (repeats) for (const note of await pairRepeatedKeys(engine, of.plan, of.leg)) notes.add(note);
    if (!repeats) await engine.run(noRepeats(leg));
    if (plan.decided) await openDecided(engine, plan, leg);
  }
  return [...notes];
}

/** In place of the exact pass: what it said of these records in their chunks. */
async function takeVerdicts(engine: Engine, plan: MatchPlan, verdicts: string[][]): Promise<void> {
  for (const [index, leg] of plan.legs.entries()) {
    await joinNothing(engine, plan, leg, 'LIMIT 0');
    const files = verdicts[index]!.map(literal).join(', ');
    await engine.run(`CREATE OR REPLACE TABLE ${leg.tables.resolved} AS
      SELECT key, left_row, right_row, state FROM read_parquet([${files}])`);
  }
}

/** Writes down what the passes decided, and sums it up. Drops the working tables. */
export async function settleOutcome(
  engine: Engine,
  plan: MatchPlan,
  request: { yields: PassYields; notes: string[]; directory: string; onProgress?: MatchRequest['onProgress'] },
): Promise<Matched> {
  const { yields, notes, directory, onProgress } = request;
  onProgress?.({ stage: 'breaks' });
  const [matchesPath, breaksPath] = [join(directory, 'matches.parquet'), join(directory, 'breaks.parquet')];
  if (plan.later.length === 0) await openTables(engine, plan);
  // One query of few rows keeps one core busy: what does not wait for it runs beside it.
  await beside(
    engine,
    (other) => writeMatches(other, plan, matchesPath),
    async () => {
      if (plan.later.length === 0) await openRecords(engine, plan);
      await openSlots(engine, plan);
    },
  );
  const summary = await beside(
    engine,
    (other) => writeBreaks(other, plan, breaksPath),
    () => summarise(engine, plan, yields, notes),
  );
  for (const table of workingTables(plan)) await engine.run(`DROP TABLE IF EXISTS ${identifier(table)}`);
  return { matchesPath, breaksPath, summary };
}

/** Gives what the second gives. Waits for both, whichever fails: nothing may still run when the engine is closed. */
async function beside<Given>(
  engine: Engine,
  first: (other: Engine) => Promise<void>,
  second: () => Promise<Given>,
): Promise<Given> {
  const other = await engine.fork();
  const [one, two] = await Promise.allSettled([first(other), second()]);
  other.close();
  if (one.status === 'rejected') throw one.reason;
  if (two.status === 'rejected') throw two.reason;
  return two.value;
}

function noRepeats(leg: Leg): string {
  return `CREATE OR REPLACE TABLE ${leg.tables.resolved} (key VARCHAR, left_row BIGINT, right_row BIGINT, state UTINYINT)`;
}

/**
 * Delta encodings and no dictionaries: half the time and half the size for keys and row numbers, which hardly repeat. Evidence does.
 */
async function writeMatches(engine: Engine, plan: MatchPlan, path: string): Promise<void> {
  const compression = hasEvidence(plan) ? 'zstd' : 'uncompressed';
  await engine.run(`COPY (${matchesSql(plan)}) TO ${literal(path)}
    (FORMAT parquet, COMPRESSION ${compression}, PARQUET_VERSION V2, DICTIONARY_SIZE_LIMIT 10)`);
}

/** Groups have an id, and pairs evidence, only where a pass can find some: else the column would be empty in every row. */
function matchesSql(plan: MatchPlan): string {
  const grouped = plan.later.some(({ pass }) => pass.kind === 'grouped' || pass.kind === 'manual');
  const explained = hasEvidence(plan);
  const columns = (leg: Leg, of: { pass: string; confidence: string; group: string; evidence?: string }) =>
    [
      'key',
      ...(plan.legs.length > 1 ? [`${legName(leg)} AS source`] : []),
      'left_row',
      'right_row',
      `${of.pass} AS pass`,
      `${of.confidence}::DOUBLE AS confidence`,
      ...(grouped ? [`${of.group}::VARCHAR AS group_id`] : []),
      ...(explained ? [`${of.evidence ?? 'NULL'}::VARCHAR AS evidence`] : []),
    ].join(', ');
  const exact = { pass: literal(plan.exact?.name ?? ''), confidence: '1.0', group: 'NULL' };
  const pass = `CASE pass ${plan.later.map(({ number, name }) => `WHEN ${number} THEN ${literal(name)}`).join(' ')} END`;
  return plan.legs
    .flatMap((leg) => [
      ...[leg.tables.joined, leg.tables.resolved].map(
        (table) => `SELECT ${columns(leg, exact)} FROM ${table} WHERE state = ${state.matched}`,
      ),
      ...(plan.later.length > 0
        ? [
            `SELECT ${columns(leg, { pass, confidence: 'confidence', group: 'NULL', evidence: 'evidence' })} FROM ${leg.tables.pairs} WHERE state = ${state.matched}`,
          ]
        : []),
      ...(grouped
        ? [`SELECT ${columns(leg, { pass, confidence: 'confidence', group: 'group_id' })} FROM ${membersSql(leg)}`]
        : []),
    ])
    .join(' UNION ALL ');
}

/** One row per member; where a side of the group is one record, that record stands beside each of the other side. */
function membersSql(leg: Leg): string {
  const alone = (side: 'left' | 'right') =>
    `CASE WHEN count(*) FILTER (side = '${side}') = 1 THEN any_value("row") FILTER (side = '${side}') END`;
  return `(SELECT m.key, m.pass, group_id, m.confidence,
      CASE WHEN m.side = 'left' THEN m."row" ELSE g.one_left END AS left_row,
      CASE WHEN m.side = 'right' THEN m."row" ELSE g.one_right END AS right_row
    FROM ${leg.tables.members} m
    JOIN (SELECT group_id, ${alone('left')} AS one_left, ${alone('right')} AS one_right,
        count(*) FILTER (side = 'left') AS lefts, count(*) FILTER (side = 'right') AS rights
      FROM ${leg.tables.members} GROUP BY group_id) g USING (group_id)
    WHERE NOT (m.side = 'left' AND g.lefts = 1 AND g.rights > 0) AND NOT (m.side = 'right' AND g.rights = 1 AND g.lefts > 1))`;
}

function workingTables(plan: MatchPlan): string[] {
  const later = plan.later.length > 0;
  const ofLeg = ({ tables }: Leg) => [
    ...[tables.joined, tables.open, tables.resolved, tables.records, tables.repeats.left, tables.repeats.right],
    ...(plan.decided ? [tables.apart] : []),
    ...(later
      ? [tables.outcome, tables.rest.left, tables.rest.right, tables.pairs, tables.members, tables.candidates]
      : []),
  ];
  return [slotsTable, anchorRecords, ...(plan.decided ? ['match_together'] : []), ...plan.legs.flatMap(ofLeg)];
}
