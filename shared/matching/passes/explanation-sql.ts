// Why a break is one, for a person: the candidates that a pass weighed, or the nearest record and what it failed by.
import { type Leg, legName, type MatchPlan, state } from '../match/match-plan.ts';
import { identifier, literal } from '../sql.ts';

const sides = ['left', 'right'] as const;

/** Per record: a list of candidates, the best first. */
export function explanationJoins(legs: Leg[]): string {
  return legs
    .flatMap((leg) =>
      sides.map((side) => {
        const row = side === 'left' ? 's.left_row' : `s.right_row_${leg.number}`;
        const other = side === 'left' ? 'right' : 'left';
        return `LEFT JOIN (SELECT c."row", list(c ORDER BY c.pass, c.rank) AS list FROM (
            SELECT c.*, o.key FROM ${leg.tables.candidates} c LEFT JOIN ${leg.tables.rest[other]} o ON o."row" = c.others[1]
            WHERE c.side = ${literal(side)}) c GROUP BY c."row") ${alias(leg, side)} ON ${alias(leg, side)}."row" = ${row}`;
      }),
    )
    .join(' ');
}

export function explanationColumns(legs: Leg[]): string {
  return legs.flatMap((leg) => sides.map((side) => `, ${alias(leg, side)}.list AS ${alias(leg, side)}`)).join('');
}

/**
 * JSON text, or null for a break that compares a pair: `candidates`, each with source, pass, kind (`tied`, `suggested`,
 * `nearest`), rows, key of the first, cost in millionths, and the fields that it fails by.
 */
export function explanationSql(plan: MatchPlan): string {
  const passes = plan.later.map(({ number, name }) => `WHEN ${number} THEN ${literal(name)}`).join(' ');
  const lists = plan.legs.flatMap((leg) =>
    sides.map(
      (side) => `list_transform(coalesce(${alias(leg, side)}, []), lambda c: {
        source: ${side === 'left' ? legName(leg) : literal(plan.anchor.source)}, pass: CASE c.pass ${passes} END,
        kind: c.kind, rows: c.others, key: c.key, cost: c.cost, failed: c.failed})`,
    ),
  );
  const paired = `s.state IN (${state.matched}, ${state.mismatched})`;
  return `CASE WHEN ${paired} THEN NULL ELSE to_json({candidates: ${lists.length > 1 ? `list_concat(${lists.join(', ')})` : lists[0]}})::VARCHAR END`;
}

function alias(leg: Leg, side: 'left' | 'right'): string {
  return identifier(`candidates_${side}_${leg.number}`);
}
