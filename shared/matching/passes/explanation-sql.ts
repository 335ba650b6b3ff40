// Why a break is one, for a person: the candidates that a pass weighed, or the nearest record and what it failed by.
import { type Leg, legName, type MatchPlan, state } from '../match/match-plan.ts';
import { identifier, literal } from '../sql.ts';

const sides = ['left', 'right'] as const;

/**
 * Per record: its candidates as JSON objects, the best first, with commas between. A record of kind `nearest` has that one
 * alone; sorting is left to the few that have more, because an aggregate that sorts costs more than all else here.
 */
export function explanationJoins(plan: MatchPlan): string {
  const passes = plan.later.map(({ number, name }) => `WHEN ${number} THEN ${literal(name)}`).join(' ');
  // What is netted is of the record's own side.
  const netting = plan.later.filter(({ pass }) => pass.kind === 'grouped' && pass.cardinality === 'netting');
  const own = netting.length > 0 ? `c.pass IN (${netting.map(({ number }) => number).join(', ')})` : 'false';
  return plan.legs
    .flatMap((leg) =>
      sides.map((side) => {
        const row = side === 'left' ? 's.left_row' : `s.right_row_${leg.number}`;
        const other = side === 'left' ? 'right' : 'left';
        const names = { left: literal(plan.anchor.source), right: legName(leg) };
        const source = `CASE WHEN ${own} THEN ${names[side]} ELSE ${names[other]} END`;
        const keysOf = (of: 'left' | 'right') => `SELECT ${of === side} AS own, "row", key FROM ${leg.tables.rest[of]}`;
        const keys = netting.length > 0 ? `${keysOf(other)} UNION ALL ${keysOf(side)}` : keysOf(other);
        const shown = `(SELECT c."row", c.pass, c.rank, c.kind, to_json({source: ${source}, pass: CASE c.pass ${passes} END,
            kind: c.kind, rows: c.others, records: c.records, key: o.key, cost: c.cost, failed: c.failed})::VARCHAR AS shown
          FROM ${leg.tables.candidates} c LEFT JOIN (${keys}) o ON o."row" = c.others[1] AND o.own = (${own})
          WHERE c.side = ${literal(side)})`;
        const sorted = `list_sort(list({pass: pass, rank: rank, shown: shown}))`;
        return `LEFT JOIN (SELECT "row", shown FROM ${shown} WHERE kind = 'nearest'
            UNION ALL SELECT "row", array_to_string(list_transform(${sorted}, lambda one: one.shown), ',')
            FROM ${shown} WHERE kind <> 'nearest' GROUP BY "row") ${alias(leg, side)} ON ${alias(leg, side)}."row" = ${row}`;
      }),
    )
    .join(' ');
}

export function explanationColumns(legs: Leg[]): string {
  return legs.flatMap((leg) => sides.map((side) => `, ${alias(leg, side)}.shown AS ${alias(leg, side)}`)).join('');
}

/**
 * JSON text, or null for a break that compares a pair: `candidates`, each with source, pass, kind (`tied`, `suggested`,
 * `nearest`), rows, records (how many it has), key of the first, cost in millionths, and the fields that it fails by.
 */
export function explanationSql({ legs }: MatchPlan): string {
  const shown = legs.flatMap((leg) => sides.map((side) => alias(leg, side)));
  const paired = `s.state IN (${state.matched}, ${state.mismatched})`;
  return `CASE WHEN NOT ${paired} THEN '{"candidates":[' || concat_ws(',', ${shown.join(', ')}) || ']}' END`;
}

function alias(leg: Leg, side: 'left' | 'right'): string {
  return identifier(`candidates_${side}_${leg.number}`);
}
