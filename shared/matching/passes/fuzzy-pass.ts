// One fuzzy pass over one leg: what is left is linked by how likely it is the same thing, and each pair, tie and near miss
// says why. `linkRecords` learns and decides; here are the records it gets and what becomes of its decisions.
import { lackingCurrency } from '../../domain/check-fuzzy-pass.ts';
import type { FuzzyPass } from '../../domain/definition.ts';
import type { Learned } from '../../domain/learned.ts';
import { emptyYield, type PassYield } from '../../domain/outcome.ts';
import { FailureError, fail } from '../../domain/result.ts';
import type { Engine } from '../engine.ts';
import { evidenceSql } from '../linking/evidence.ts';
import { dropLinkage, type Linkage, linkRecords } from '../linking/link-records.ts';
import type { LinkRequest } from '../linking/link-request.ts';
import { pairedTable, weighedTable } from '../linking/pair-exclusively.ts';
import { decimalShape } from '../match/exact-decimal.ts';
import { find } from '../match/field-comparison.ts';
import { type Leg, type MatchPlan, type PlannedPass, state } from '../match/match-plan.ts';
import type { Side } from '../match/value-column.ts';
import { identifier, literal } from '../sql.ts';
import { blockOf } from './cells.ts';
import { equalTexts, judgedElsewhere } from './condition-sql.ts';
import { contentsTable, gatherContents, withColumns } from './contents.ts';
import { candidateColumns, closePass, pairColumns, shownMax, takeable } from './residue.ts';

const sides = [
  { side: 'left', other: 'right', own: 'l', theirs: 'r' },
  { side: 'right', other: 'left', own: 'r', theirs: 'l' },
] as const;
const apartTable = 'match_apart_contents';
/** Beside the fields of a record: what it must be equal in. */
const equalColumn = '$equal';
/** A factor that verdicts raised is no larger than one that a person may give. */
const weightMax = 100;
const working = ['linked', 'left_over', 'shown', 'evidence'];

export async function fuzzyPass(
  engine: Engine,
  plan: MatchPlan,
  leg: Leg,
  planned: PlannedPass<FuzzyPass>,
): Promise<PassYield> {
  const found = emptyYield(planned.name);
  const { pass } = planned;
  const unmapped = judgedFields(pass).filter(
    (name) => !find(plan.anchor.fields, name) || !find(leg.source.fields, name),
  );
  if (unmapped.length > 0) return { ...found, notes: [`${leg.source.source} has no ${unmapped.join(', ')}`] };
  requireCurrency(plan, leg, pass);
  const counts = await gather(engine, plan, leg, pass);
  if (counts.left > 0 && counts.right > 0) {
    // What records are like is learned from some of the first relation: of the smaller side more of them have a partner.
    const [first, second]: [Side, Side] = counts.right < counts.left ? ['right', 'left'] : ['left', 'right'];
    if (plan.decided) await putApart(engine, leg, first, second);
    const linkage = await linkRecords(engine, {
      left: contentsTable(first),
      right: contentsTable(second),
      ...requestOf(pass, plan.learned?.[planned.name]),
      ...(plan.decided && { apart: apartTable }),
    });
    found.notes.push(...linkage.notes, ...thresholdNote(pass, linkage));
    await explain(engine, linkage, first === 'right');
    await dropLinkage(engine);
    await record(engine, leg, planned, found);
    for (const table of working) await engine.run(`DROP TABLE match_${table}`);
    if (plan.decided) await engine.run(`DROP TABLE ${apartTable}`);
  } else found.notes.push(...(await silentNote(engine, leg, pass)));
  for (const { side } of sides) await engine.run(`DROP TABLE ${contentsTable(side)}`);
  return found;
}

/** The fields that are judged by the pass alone. */
export function judgedFields({ fields, equal = [] }: FuzzyPass): string[] {
  return [...fields.map(({ field }) => field), ...equal];
}

/** Whether values of a field are amounts may be known only now that they have been read. */
function requireCurrency(plan: MatchPlan, leg: Leg, pass: FuzzyPass): void {
  const isAmount = (name: string) =>
    [plan.anchor, leg.source].every(({ fields }) => decimalShape(find(fields, name)!.sqlType) !== undefined);
  const currency = lackingCurrency(plan.definition, pass, isAmount);
  if (currency === undefined) return;
  const message = `a fuzzy pass compares amounts, and does not name "${currency}": amounts of different currencies are not near each other`;
  throw new FailureError(fail('DEFINITION_INVALID', message, { field: currency }));
}

/** What was learned from verdicts corrects what the records say. */
function requestOf(pass: FuzzyPass, learned: Learned | undefined): Omit<LinkRequest, 'left' | 'right'> {
  const { equal = [], blocks, threshold, targetPrecision, tieMargin } = pass;
  return {
    copies: true,
    fields: pass.fields.map(({ field, as, weight = 1, similarityMin }) => ({
      name: field,
      ...(as && { kind: as }),
      weight: Math.min(weightMax, weight * (learned?.factors[field] ?? 1)),
      ...(similarityMin !== undefined && { similarityMin }),
    })),
    ...(equal.length > 0 && { equal: { column: equalColumn, name: equal.join(' and ') } }),
    // What all pairs are equal in divides them no further.
    ...(blocks && { blocks: blocks.map((block) => block.filter((name) => !equal.includes(name))) }),
    ...(threshold !== undefined && { threshold }),
    ...(targetPrecision !== undefined && { targetPrecision }),
    ...(tieMargin !== undefined && { tieMargin }),
    equivalences: [...(pass.equivalences ?? []), ...(learned?.equivalences ?? [])],
    ...(learned && { shift: learned.shift }),
  };
}

/** Where records are left on both sides, and none of them say anything to each other. */
async function silentNote(engine: Engine, { tables }: Leg, { fields, equal = [] }: FuzzyPass): Promise<string[]> {
  const [open] = await engine.rows<{ both: boolean }>(
    `SELECT EXISTS (FROM ${tables.rest.left}) AND EXISTS (FROM ${tables.rest.right}) AS "both"`,
  );
  if (!open!.both) return [];
  const named = fields.map(({ field }) => field).join(', ');
  const also = equal.length === 0 ? '' : ` and are equal in ${equal.join(', ')}`;
  return [`no records of both sides have a value in ${named}${also}: nothing was compared`];
}

/** Only records are gathered that could be in a pair. Gives how many contents each side has of them. */
async function gather(
  engine: Engine,
  plan: MatchPlan,
  leg: Leg,
  { fields, equal = [] }: FuzzyPass,
): Promise<Record<Side, number>> {
  const said = fields.map(({ field }) => `s.${identifier(field)} IS NOT NULL`).join(' OR ');
  const present = [`(${said})`, ...equal.map((name) => `s.${identifier(name)} IS NOT NULL`)];
  const sources = { left: plan.anchor, right: leg.source };
  const equals = equal.map((field) => equalTexts(field, plan.definition.fields, sources));
  const numbered = (side: Side) =>
    equal.length === 0 ? [] : [{ name: equalColumn, value: blockOf(equals.map((one) => one[side])) }];
  const blocked = (side: Side) => withColumns(takeable(leg, side, present), numbered(side));
  for (const { side, other } of sides) {
    const column = identifier(equalColumn);
    const reached = equal.length === 0 ? 'true' : `${column} IN (SELECT ${column} FROM ${blocked(other)})`;
    const relation = `(FROM ${blocked(side)} WHERE ${reached})`;
    await gatherContents(engine, contentsTable(side), sources[side], relation, numbered(side));
  }
  const count = (side: Side) => `(SELECT count(*)::INTEGER FROM ${contentsTable(side)}) AS "${side}"`;
  const [counts] = await engine.rows<Record<Side, number>>(`SELECT ${count('left')}, ${count('right')}`);
  return counts!;
}

/** Fills match_apart_contents (l, r): contents of which a pair was undone, as they are linked. */
async function putApart(engine: Engine, leg: Leg, first: Side, second: Side): Promise<void> {
  const undone = (
    side: Side,
  ) => `(SELECT DISTINCT s."$id" AS id, a.match FROM (SELECT "$id", unnest("$rows") AS "row" FROM ${contentsTable(side)}) s
    JOIN ${leg.tables.apart} a ON a.side = ${literal(side)} AND a."row" = s."row")`;
  await engine.run(`CREATE OR REPLACE TABLE ${apartTable} AS SELECT DISTINCT l.id AS l, r.id AS r
    FROM ${undone(first)} l JOIN ${undone(second)} r USING (match)`);
}

function thresholdNote({ targetPrecision }: FuzzyPass, { threshold }: Linkage): string[] {
  if (targetPrecision === undefined) return [];
  return [
    `pairs are taken from a probability of ${threshold} on, so that ${Number((100 * targetPrecision).toFixed(6))} % of them are right`,
  ];
}

/**
 * Fills match_linked (l, r, n, probability, and the first copy of either side), match_left_over (side, id, rows, tied: the copies that
 * have no partner), match_shown (side, id, other, rank, kind, probability) and match_evidence (l, r, evidence) of all of these pairs.
 * `turned`: they were linked with the sides exchanged.
 */
async function explain(engine: Engine, linkage: Linkage, turned: boolean): Promise<void> {
  if (turned) for (const table of [pairedTable, weighedTable]) await turnBack(engine, table);
  const from = (own: string, other: string) => `(sum(n) OVER (PARTITION BY ${own} ORDER BY ${other}) - n)::INTEGER`;
  await engine.run(`CREATE OR REPLACE TABLE match_linked AS
    SELECT l, r, n, probability, ${from('l', 'r')} AS left_from, ${from('r', 'l')} AS right_from FROM ${pairedTable} WHERE state = 'linked'`);
  const tied = `(FROM ${pairedTable} WHERE state = 'tied')`;
  const leftOver = sides.map(
    ({ side, own }) => `SELECT ${literal(side)} AS side, s."$id" AS id, s."$rows"[coalesce(c.used, 0) + 1:] AS rows,
        s."$id" IN (SELECT ${own} FROM ${tied}) AS tied
      FROM ${contentsTable(side)} s LEFT JOIN (SELECT ${own} AS id, sum(n)::BIGINT AS used FROM match_linked GROUP BY 1) c ON c.id = s."$id"
      WHERE s."$n" > coalesce(c.used, 0)`,
  );
  await engine.run(`CREATE OR REPLACE TABLE match_left_over AS ${leftOver.join(' UNION ALL ')}`);
  const open = (side: Side) => `(SELECT id FROM match_left_over WHERE side = ${literal(side)})`;
  const shown = sides.flatMap(({ side, other, own, theirs }) => {
    const rank = `row_number() OVER (PARTITION BY ${own} ORDER BY probability DESC, weight DESC, ${theirs})::INTEGER`;
    const columns = `${literal(side)} AS side, ${own} AS id, ${theirs} AS other, ${rank} AS rank`;
    return [
      `SELECT ${columns}, 'tied' AS kind, probability FROM ${tied} QUALIFY rank <= ${shownMax}`,
      `SELECT ${columns}, 'nearest', probability FROM ${weighedTable}
       WHERE ${own} IN ${open(side)} AND ${own} NOT IN (SELECT ${own} FROM ${tied}) AND ${theirs} IN ${open(other)} QUALIFY rank = 1`,
    ];
  });
  await engine.run(`CREATE OR REPLACE TABLE match_shown AS ${shown.join(' UNION ALL ')}`);
  const explained = `(SELECT l, r, probability FROM match_linked
    UNION SELECT id, other, probability FROM match_shown WHERE side = 'left' UNION SELECT other, id, probability FROM match_shown WHERE side = 'right')`;
  const asLinked = turned ? `(SELECT r AS l, l AS r, probability FROM ${explained})` : explained;
  await engine.run(`CREATE OR REPLACE TABLE match_evidence AS ${evidenceSql(linkage, asLinked)}`);
  if (turned) await turnBack(engine, 'match_evidence');
}

async function turnBack(engine: Engine, table: string): Promise<void> {
  for (const [from, to] of [
    ['l', 'was_l'],
    ['r', 'l'],
    ['was_l', 'r'],
  ])
    await engine.run(`ALTER TABLE ${table} RENAME COLUMN ${from} TO ${to}`);
}

/** Writes down what was decided, record by record, and closes the pass. */
async function record(
  engine: Engine,
  leg: Leg,
  { pass, number, ...planned }: PlannedPass<FuzzyPass>,
  found: PassYield,
): Promise<void> {
  const suggest = pass.accept === 'suggest';
  const { pairs, candidates } = leg.tables;
  const rowsOf = (alias: string, from: string) => `unnest(list_slice(${alias}."$rows", ${from} + 1, ${from} + n))`;
  const differing = judgedElsewhere(
    leg.comparisons,
    judgedFields(pass).map((field) => ({ field })),
  ).map((one) => one.differs(`a.${identifier(one.name)}`, `b.${identifier(one.name)}`));
  const linked = `(SELECT a."$key" AS key, ${rowsOf('a', 'left_from')} AS left_row, ${rowsOf('b', 'right_from')} AS right_row,
      ${differing.join(' OR ') || 'false'} AS differs, probability, evidence
    FROM match_linked JOIN match_evidence USING (l, r)
    JOIN ${contentsTable('left')} a ON a."$id" = l JOIN ${contentsTable('right')} b ON b."$id" = r)`;
  const shownColumns = `${candidateColumns}, probability, evidence`;
  if (suggest)
    for (const { side, other } of sides)
      await engine.run(`INSERT INTO ${candidates} (${shownColumns})
        SELECT ${literal(side)}, ${side}_row, ${number}, 1, 'suggested', [${other}_row], 1, NULL, [], NULL, probability, evidence FROM ${linked}`);
  else
    await engine.run(`INSERT INTO ${pairs} (${pairColumns}, evidence)
      SELECT key, left_row, right_row, CASE WHEN differs THEN ${state.mismatched} ELSE ${state.matched} END, ${number}, probability, evidence FROM ${linked}`);
  for (const { side, other } of sides) {
    const [l, r] = side === 'left' ? ['id', 'other'] : ['other', 'id'];
    await engine.run(`INSERT INTO ${candidates} (${shownColumns})
      SELECT ${literal(side)}, unnest(s.rows), ${number}, c.rank, c.kind, o.rows[:${shownMax}], len(o.rows), NULL, [], NULL, c.probability, e.evidence
      FROM match_shown c JOIN match_evidence e ON e.l = c.${l} AND e.r = c.${r}
      JOIN match_left_over s ON s.side = c.side AND s.id = c.id JOIN match_left_over o ON o.side = ${literal(other)} AND o.id = c.other
      WHERE c.side = ${literal(side)}`);
  }
  // What is only suggested decides nothing, and what could be suggested as well does not either.
  const held = `(SELECT side, unnest(rows) AS "row", ${state.ambiguous}::UTINYINT AS state FROM match_left_over WHERE tied AND ${!suggest})`;
  await closePass(engine, leg, { pass, number, ...planned }, held);
  const [counts] = await engine.rows<{
    linked: string;
    tied: string;
  }>(`SELECT (SELECT coalesce(sum(n), 0)::BIGINT FROM match_linked) AS linked,
    (SELECT coalesce(sum(len(rows)), 0)::BIGINT FROM match_left_over WHERE tied) AS tied`);
  found[suggest ? 'suggested' : 'pairs'] = Number(counts!.linked);
  found.ambiguous = Number(counts!.tied);
}
