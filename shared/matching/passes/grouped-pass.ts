// One grouped pass over one leg: sets of records whose amounts add up. DuckDB makes the blocks, `searchGroups` and
// `groupByKey` say what belongs together.
import type { GroupedPass } from '../../domain/definition.ts';
import { emptyYield, type PassYield } from '../../domain/outcome.ts';
import type { Engine } from '../engine.ts';
import { groupChecker } from '../grouping/group-by-key.ts';
import type { Entry, GroupRule, GroupSearch } from '../grouping/search-groups.ts';
import type { SearchMemory } from '../grouping/search-memory.ts';
import type { Leg, MatchPlan, PlannedPass } from '../match/match-plan.ts';
import type { DayNumber } from './calendar-tables.ts';
import { millionths } from './condition-sql.ts';
import { blocksOf, gatherEntries, leaveCrowded, scaleOf, sidesOf } from './grouped-blocks.ts';
import { openWriters, undoneMatches } from './grouped-writers.ts';
import { closePass } from './residue.ts';

/** About a second for one block, where the definition does not say. */
const stepsMaxDefault = 50_000_000;

export async function groupedPass(
  engine: Engine,
  plan: MatchPlan,
  leg: Leg,
  planned: PlannedPass<GroupedPass>,
  { dayNumber, memory }: { dayNumber: DayNumber; memory: SearchMemory },
): Promise<PassYield> {
  const found = emptyYield(planned.name);
  const { pass } = planned;
  const scale = scaleOf(plan, leg, pass);
  if (sidesOf(plan, leg, pass).length === 0) {
    const names = [...pass.by, pass.amount, ...(pass.window ? [pass.window.field] : [])];
    return { ...found, notes: [`${leg.source.source} lacks one of ${names.join(', ')}`] };
  }
  await gatherEntries(engine, plan, leg, pass, { scale, dayNumber });
  await engine.run('CREATE OR REPLACE TABLE match_held (side VARCHAR, "row" BIGINT, state UTINYINT)');
  await leaveCrowded(engine, pass, found);
  const undone = plan.decided ? await undoneMatches(engine, leg) : undefined;
  const written = await openWriters(engine, leg, planned, undone);
  const decide = decider(pass, ruleOf(pass, scale), memory);
  for await (const block of blocksOf(engine)) {
    if (pass.cardinality === 'netting')
      for (const side of ['left', 'right'] as const)
        written.take(block, decide({ ones: [], many: block[side] }), { ones: side, many: side }, found);
    else {
      const [ones, many] =
        pass.cardinality === 'many-to-one' ? (['right', 'left'] as const) : (['left', 'right'] as const);
      written.take(block, decide({ ones: block[ones], many: block[many] }), { ones, many }, found);
    }
  }
  await written.close();
  await closePass(engine, leg, planned, 'match_held');
  for (const table of ['match_entries', 'match_held']) await engine.run(`DROP TABLE ${table}`);
  return found;
}

/** Seen from the ones: where the anchor has the many, its side of a window and of a percentage is the other one. */
function ruleOf(pass: GroupedPass, scale: number): GroupRule {
  const { cardinality, window, tolerance, fee, search } = pass;
  const turned = cardinality === 'many-to-one';
  const base = tolerance && 'percent' in tolerance ? (tolerance.base ?? 'anchor') : 'anchor';
  // The anchor has the ones, unless it has the many.
  const ofOnes = (base === 'anchor') !== turned ? 'one' : 'many';
  const { daysBefore = 0, daysAfter = 0 } = window ?? {};
  return {
    cardinality: turned ? 'one-to-many' : cardinality,
    scale,
    ...(search?.recordsMax !== undefined && { recordsMax: search.recordsMax }),
    ...(tolerance && {
      tolerance:
        'percent' in tolerance ? { percent: tolerance.percent, base: base === 'larger' ? base : ofOnes } : tolerance,
    }),
    ...(window && {
      window: turned ? { before: daysAfter, after: daysBefore } : { before: daysBefore, after: daysAfter },
    }),
    ...(fee && { fee }),
    tieMargin: Math.round(Number(pass.tieMargin ?? '0') * millionths),
    stepsMax: search?.stepsMax ?? stepsMaxDefault,
  };
}

function decider(
  pass: GroupedPass,
  rule: GroupRule,
  memory: SearchMemory,
): (block: { ones: Entry[]; many: Entry[] }) => GroupSearch {
  const check = groupChecker(rule);
  return (block) => {
    if (block.many.length === 0 || (block.ones.length === 0 && pass.cardinality !== 'netting')) return nothing;
    if (pass.search) return memory.search({ ...block, rule });
    const { group, fault } = check(block);
    return fault ? nothing : { ...nothing, groups: [group] };
  };
}

const nobody = { ones: new Set<number>(), many: new Set<number>() };
const nothing: GroupSearch = { groups: [], tied: { ...nobody, candidates: new Map() }, exhausted: nobody, steps: 0 };
