// Why a break is one, for a person: the candidates that a pass weighed, or the nearest record and what it failed by.
import { firstLeg, hasEvidence, type Leg, legName, type MatchPlan, state } from '../match/match-plan.ts';
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
  const weighed = hasEvidence(plan) ? ', probability: c.probability, evidence: c.evidence::JSON' : '';
  return plan.legs
    .flatMap((leg) => [
      ...evidenceJoins(plan, leg),
      ...sides.map((side) => {
        const row = side === 'left' ? 's.left_row' : `s.right_row_${leg.number}`;
        const other = side === 'left' ? 'right' : 'left';
        const names = { left: literal(plan.anchor.source), right: legName(leg) };
        const source = `CASE WHEN ${own} THEN ${names[side]} ELSE ${names[other]} END`;
        const keysOf = (of: 'left' | 'right') => `SELECT ${of === side} AS own, "row", key FROM ${leg.tables.rest[of]}`;
        const keys = netting.length > 0 ? `${keysOf(other)} UNION ALL ${keysOf(side)}` : keysOf(other);
        const shown = `(SELECT c."row", c.pass, c.rank, c.kind, to_json({source: ${source}, pass: CASE c.pass ${passes} END,
            kind: c.kind, rows: c.others, records: c.records, key: o.key, cost: c.cost, failed: c.failed${weighed}})::VARCHAR AS shown
          FROM ${leg.tables.candidates} c LEFT JOIN (${keys}) o ON o."row" = c.others[1] AND o.own = (${own})
          WHERE c.side = ${literal(side)})`;
        const sorted = `list_sort(list({pass: pass, rank: rank, shown: shown}))`;
        return `LEFT JOIN (SELECT "row", shown FROM ${shown} WHERE kind = 'nearest'
            UNION ALL SELECT "row", array_to_string(list_transform(${sorted}, lambda one: one.shown), ',')
            FROM ${shown} WHERE kind <> 'nearest' GROUP BY "row") ${alias(leg, side)} ON ${alias(leg, side)}."row" = ${row}`;
      }),
    ])
    .join(' ');
}

/** Per pair of a fuzzy pass, why it is one. */
function evidenceJoins(plan: MatchPlan, leg: Leg): string[] {
  if (!hasEvidence(plan)) return [];
  const [name, row] = [evidenceOf(leg), `right_row_${leg.number}`];
  return [
    `LEFT JOIN (SELECT left_row, right_row, evidence FROM ${leg.tables.pairs} WHERE evidence IS NOT NULL) ${name}
      ON ${name}.left_row = s.left_row AND ${name}.right_row = s.${row}`,
  ];
}

export function explanationColumns(plan: MatchPlan): string {
  const evidence = hasEvidence(plan)
    ? plan.legs.map((leg) => `, ${evidenceOf(leg)}.evidence AS ${evidenceOf(leg)}`)
    : [];
  const shown = plan.legs.flatMap((leg) => sides.map((side) => `, ${alias(leg, side)}.shown AS ${alias(leg, side)}`));
  return [...evidence, ...shown].join('');
}

/**
 * JSON text, or null for a break that compares a pair: `candidates`, each with source, pass, kind (`tied`, `suggested`,
 * `nearest`), rows, records (how many it has), key of the first, cost in millionths, and the fields that it fails by. With a fuzzy
 * pass also probability and evidence; a pair of that pass that differs has none but its own `evidence`.
 */
export function explanationSql(plan: MatchPlan): string {
  const { legs } = plan;
  const shown = legs.flatMap((leg) => sides.map((side) => alias(leg, side)));
  const paired = `s.state IN (${state.matched}, ${state.mismatched})`;
  const open = `WHEN NOT ${paired} THEN '{"candidates":[' || concat_ws(',', ${shown.join(', ')}) || ']}'`;
  if (!hasEvidence(plan)) return `CASE ${open} END`;
  // As `pass` is that of the first leg that differs.
  const evidence = firstLeg(legs, (leg) => `s.state_${leg.number} = ${state.mismatched}`, evidenceOf);
  return `CASE ${open} WHEN s.state = ${state.mismatched} THEN '{"candidates":[],"evidence":' || (${evidence}) || '}' END`;
}

/** The column of a leg's evidence, JSON text. */
export function evidenceOf(leg: Leg): string {
  return identifier(`evidence_${leg.number}`);
}

function alias(leg: Leg, side: 'left' | 'right'): string {
  return identifier(`candidates_${side}_${leg.number}`);
}
