// One grouped pass over one leg: sets of records whose amounts add up. DuckDB makes the blocks, `searchGroups` and
// `groupByKey` say what belongs together.
import { createHash } from 'node:crypto';
import type { GroupedPass } from '../../domain/definition.ts';
import { emptyYield, type PassYield } from '../../domain/outcome.ts';
import { FailureError, fail } from '../../domain/result.ts';
import type { Engine } from '../engine.ts';
import { groupChecker } from '../grouping/group-by-key.ts';
import { type Entry, type GroupRule, type GroupSearch, searchGroups } from '../grouping/search-groups.ts';
import { decimalShape } from '../match/exact-decimal.ts';
import { find } from '../match/field-comparison.ts';
import { type Leg, type MatchPlan, type PlannedPass, state } from '../match/match-plan.ts';
import type { Side } from '../match/value-column.ts';
import { type LoadedSource, rowColumn } from '../records.ts';
import { identifier, literal } from '../sql.ts';
import type { DayNumber } from './calendar-tables.ts';
import { blockOf } from './cells.ts';
import { compileCondition, millionths, wholeUnits } from './condition-sql.ts';
import { closePass, takeable } from './residue.ts';

/** Records of one block that are searched for sets: of more, nobody could say that it was this set and no other. */
const blockRecordsMax = 20_000;
/** About a second for one block, where the definition does not say. */
const stepsMaxDefault = 50_000_000;

/** Records of a set that each of its members lists; one member of a side lists all, so that nothing is lost. */
const listedMax = 20;

const row = identifier(rowColumn);

export async function groupedPass(
  engine: Engine,
  plan: MatchPlan,
  leg: Leg,
  planned: PlannedPass<GroupedPass>,
  dayNumber: DayNumber,
): Promise<PassYield> {
  const found = emptyYield(planned.name);
  const { pass } = planned;
  const scale = scaleOf(plan, leg, pass);
  const sides = sidesOf(plan, leg, pass);
  if (sides.length === 0) {
    const names = [...pass.by, pass.amount, ...(pass.window ? [pass.window.field] : [])];
    return { ...found, notes: [`${leg.source.source} lacks one of ${names.join(', ')}`] };
  }
  const blocks = sides.map(({ side, source }) => blocksSql(plan, leg, pass, { side, source, scale, dayNumber }));
  await engine.run(`CREATE OR REPLACE TABLE match_entries AS
    SELECT *, count(*) OVER (PARTITION BY block) AS block_records FROM (${blocks.join(' UNION ALL ')})`);
  await engine.run('CREATE OR REPLACE TABLE match_held (side VARCHAR, "row" BIGINT, state UTINYINT)');
  await leaveCrowded(engine, pass, found);
  const undone = plan.decided ? await undoneMatches(engine, leg) : undefined;
  const written = await openWriters(engine, leg, planned, undone);
  const decide = decider(pass, ruleOf(pass, scale));
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

/** Decimals that hold the amounts of both sides. */
function scaleOf(plan: MatchPlan, leg: Leg, pass: GroupedPass): number {
  const shapes = [plan.anchor, leg.source].flatMap((source) => {
    const field = find(source.fields, pass.amount);
    return field ? [decimalShape(field.sqlType)] : [];
  });
  if (shapes.includes(undefined)) {
    const message = `a pass adds up "${pass.amount}", and its values were not read as numbers: give the field a type`;
    throw new FailureError(fail('DEFINITION_INVALID', message, { field: pass.amount }));
  }
  return Math.max(0, ...shapes.map((shape) => shape!.scale));
}

type SideOf = { side: Side; source: LoadedSource };

/** The sides that have all fields of the pass: both, unless records are netted against others of their own source. */
function sidesOf(plan: MatchPlan, leg: Leg, pass: GroupedPass): SideOf[] {
  const needed = [...pass.by, pass.amount, ...(pass.window ? [pass.window.field] : [])];
  const sides: SideOf[] = [
    { side: 'left', source: plan.anchor },
    { side: 'right', source: leg.source },
  ];
  const able = sides.filter(({ source }) => needed.every((name) => find(source.fields, name)));
  return able.length === 2 || pass.cardinality === 'netting' ? able : [];
}

/** block, side, "row", key, units, day, content (a rank) of the records that the pass may take. */
function blocksSql(
  plan: MatchPlan,
  leg: Leg,
  pass: GroupedPass,
  of: SideOf & { scale: number; dayNumber: DayNumber },
): string {
  const { side, source, scale, dayNumber } = of;
  const amount = find(source.fields, pass.amount)!;
  const present = [...pass.by, pass.amount].map((name) => `s.${identifier(name)} IS NOT NULL`);
  // Records of an undone set of one side are not netted again by themselves.
  const { apart } = leg.tables;
  const other = side === 'left' ? 'right' : 'left';
  if (plan.decided && pass.cardinality === 'netting')
    present.push(`s.${row} NOT IN (SELECT "row" FROM ${apart} WHERE side = ${literal(side)}
      AND match NOT IN (SELECT match FROM ${apart} WHERE side = ${literal(other)}))`);
  // Netting compares a source with itself.
  const netted = side === 'left' ? { left: plan.anchor, right: plan.anchor } : { left: leg.source, right: leg.source };
  const sources = pass.cardinality === 'netting' ? netted : { left: plan.anchor, right: leg.source };
  const equals = pass.by.map(
    (field) => compileCondition({ field, equal: true }, plan.definition.fields, sources, dayNumber).equal![side],
  );
  const day = pass.window ? dayNumber(pass.window, identifier(pass.window.field)) : 'NULL';
  const fields = source.fields.map(({ name }) => identifier(name)).join(', ');
  const units = wholeUnits(identifier(amount.name), amount.sqlType, scale);
  return `SELECT ${blockOf(equals)} AS block, ${literal(side)} AS side, ${row} AS "row", "$key" AS key,
      ${units} AS units, (${day})::BIGINT AS day, dense_rank() OVER (ORDER BY "$key", ${fields}) AS content
    FROM ${takeable(leg, side, present)}`;
}

/** Blocks that are too large to be searched, where there would be something to find. */
async function leaveCrowded(engine: Engine, pass: GroupedPass, found: PassYield): Promise<void> {
  if (!pass.search) return;
  const bothSides = pass.cardinality === 'netting' ? 'true' : 'count(DISTINCT side) = 2';
  await engine.run(`CREATE OR REPLACE TABLE match_crowded_blocks AS SELECT block, count(*) AS records FROM match_entries
    WHERE block_records > ${blockRecordsMax} GROUP BY block HAVING ${bothSides}`);
  await engine.run(`INSERT INTO match_held SELECT side, "row", ${state.exhausted} FROM match_entries
    WHERE block IN (SELECT block FROM match_crowded_blocks)`);
  await engine.run(`DELETE FROM match_entries WHERE block_records > ${blockRecordsMax}`);
  const [crowded] = await engine.rows<{ blocks: string; records: string }>(
    'SELECT count(*) AS blocks, coalesce(sum(records), 0)::BIGINT AS records FROM match_crowded_blocks',
  );
  await engine.run('DROP TABLE match_crowded_blocks');
  if (crowded!.blocks === '0') return;
  found.exhausted += Number(crowded!.records);
  found.notes.push(
    `${crowded!.records} records in ${crowded!.blocks} crowded ${crowded!.blocks === '1' ? 'block' : 'blocks'} were not searched for sets: more than ${blockRecordsMax} records are in each`,
  );
}

type BlockEntry = Entry & { row: bigint; key: string | null };
type Block = Record<Side, BlockEntry[]>;

/** One block at a time is in memory. */
async function* blocksOf(engine: Engine): AsyncGenerator<Block> {
  const entries =
    'SELECT block, side, "row", key, units, day, content FROM match_entries WHERE units IS NOT NULL ORDER BY block';
  let current: { name: string; block: Block } | undefined;
  for await (const chunk of engine.stream(entries)) {
    const [names, sides, rows, keys, units, days, contents] = chunk as [
      string[],
      Side[],
      bigint[],
      (string | null)[],
      bigint[],
      (bigint | null)[],
      bigint[],
    ];
    for (let at = 0; at < names.length; at += 1) {
      if (current?.name !== names[at]!) {
        if (current) yield current.block;
        current = { name: names[at]!, block: { left: [], right: [] } };
      }
      const ofSide = current.block[sides[at]!];
      const day = days[at] ?? undefined;
      ofSide.push({
        id: ofSide.length,
        units: units[at]!,
        content: Number(contents[at]),
        ...(day !== undefined && { date: Number(day) }),
        row: rows[at]!,
        key: keys[at] ?? null,
      });
    }
  }
  if (current) yield current.block;
}

/** By side and row, of records in the blocks: the undone matches that they were in. */
type UndoneMatches = Record<Side, Map<bigint, string[]>>;

async function undoneMatches(engine: Engine, leg: Leg): Promise<UndoneMatches> {
  const undone: UndoneMatches = { left: new Map(), right: new Map() };
  const rows = await engine.rows<{ match: string; side: Side; row: string }>(
    `SELECT match, side, "row" FROM ${leg.tables.apart} JOIN match_entries e USING (side, "row")`,
  );
  for (const { match, side, row: member } of rows) {
    const known = undone[side].get(BigInt(member));
    if (known) known.push(match);
    else undone[side].set(BigInt(member), [match]);
  }
  return undone;
}

/** Whether two of different sides were in one match that somebody undid. */
function holdsUndone(undone: UndoneMatches, left: BlockEntry[], right: BlockEntry[]): boolean {
  if (undone.left.size === 0 || undone.right.size === 0) return false;
  const ofLeft = new Set(left.flatMap((one) => undone.left.get(one.row) ?? []));
  return right.some((one) => undone.right.get(one.row)?.some((match) => ofLeft.has(match)));
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

function decider(pass: GroupedPass, rule: GroupRule): (block: { ones: Entry[]; many: Entry[] }) => GroupSearch {
  const check = groupChecker(rule);
  return (block) => {
    if (block.many.length === 0 || (block.ones.length === 0 && pass.cardinality !== 'netting')) return nothing;
    if (pass.search) return searchGroups({ ...block, rule });
    const { group, fault } = check(block);
    return fault ? nothing : { ...nothing, groups: [group] };
  };
}

const nobody = { ones: new Set<number>(), many: new Set<number>() };
const nothing: GroupSearch = { groups: [], tied: { ...nobody, candidates: new Map() }, exhausted: nobody, steps: 0 };

/** Appends what was decided of a block to the tables of leg and pass. */
async function openWriters(engine: Engine, leg: Leg, planned: PlannedPass<GroupedPass>, undone?: UndoneMatches) {
  const { pass, number, name } = planned;
  const suggests = pass.accept === 'suggest';
  const conditions = Math.max(1, (pass.tolerance ? 1 : 0) + (pass.window ? 1 : 0));
  const members = await engine.connection.createAppender(leg.tables.members);
  const held = await engine.connection.createAppender('match_held');
  const shown = await engine.connection.createAppender(leg.tables.candidates);
  const { BIGINT, LIST, VARCHAR } = await import('@duckdb/node-api');
  type Shown = { rank: number; kind: 'suggested' | 'tied'; records: number; cost: number; set?: number };
  const show = (side: Side, own: BlockEntry, others: BlockEntry[], { rank, kind, records, cost, set }: Shown) => {
    shown.appendVarchar(side);
    shown.appendBigInt(own.row);
    shown.appendUTinyInt(number);
    shown.appendInteger(rank);
    shown.appendVarchar(kind);
    shown.appendList(
      others.map((other) => other.row),
      LIST(BIGINT),
    );
    for (const value of [records, cost]) shown.appendBigInt(BigInt(value));
    shown.appendList([], LIST(VARCHAR));
    if (set === undefined) shown.appendNull();
    else shown.appendInteger(set);
    shown.endRow();
  };
  /** Each of `own` lists those of `others`: the first of them all, the rest no more than a person reads. */
  const suggest = (side: Side, own: BlockEntry[], others: BlockEntry[], of: { cost: number; set: number }) => {
    const records = others.length - (own === others ? 1 : 0);
    const how = { rank: 1, kind: 'suggested', records, ...of } as const;
    const some = others.slice(0, listedMax + 1);
    for (const [at, one] of own.entries()) {
      const listed = (at === 0 ? others : some).filter((other) => other !== one);
      show(side, one, at === 0 ? listed : listed.slice(0, listedMax), how);
    }
  };
  const take = (block: Block, search: GroupSearch, sides: { ones: Side; many: Side }, found: PassYield): void => {
    const entriesOf = (group: { ones: number[]; many: number[] }) => ({
      ones: group.ones.map((id) => block[sides.ones][id]!),
      many: group.many.map((id) => block[sides.many][id]!),
    });
    for (const group of search.groups) {
      const { ones, many } = entriesOf(group);
      const [left, right] = sides.ones === 'left' ? [ones, many] : [many, ones];
      // What somebody undid stays open, until somebody says what it is.
      if (undone && holdsUndone(undone, left, right)) continue;
      found[suggests ? 'suggested' : 'groups'] += 1;
      if (suggests) {
        for (const list of [ones, many]) list.sort(byContent);
        const of = { cost: group.cost, set: found.suggested };
        suggest(sides.ones, ones, many, of);
        suggest(sides.many, many, ones.length > 0 ? ones : many, of);
        continue;
      }
      const rows = [...ones.map((one) => `${sides.ones}:${one.row}`), ...many.map((one) => `${sides.many}:${one.row}`)];
      const id = createHash('sha256')
        .update([name, ...rows.sort()].join('\n'))
        .digest('hex')
        .slice(0, 32);
      const confidence = Math.round((1 - (0.5 * group.cost) / (millionths * conditions)) * 1e6) / 1e6;
      for (const [side, list] of [
        [sides.ones, ones],
        [sides.many, many],
      ] as const)
        for (const member of list) {
          members.appendVarchar(side);
          members.appendBigInt(member.row);
          if (member.key === null) members.appendNull();
          else members.appendVarchar(member.key);
          members.appendUTinyInt(number);
          members.appendVarchar(id);
          members.appendDouble(confidence);
          members.endRow();
        }
    }
    for (const [unsettled, as, count] of [
      [search.tied, state.ambiguous, 'ambiguous'],
      [search.exhausted, state.exhausted, 'exhausted'],
    ] as const)
      for (const part of ['ones', 'many'] as const)
        for (const id of unsettled[part]) {
          held.appendVarchar(sides[part]);
          held.appendBigInt(block[sides[part]][id]!.row);
          held.appendUTinyInt(as);
          held.endRow();
          found[count] += 1;
        }
    for (const [id, sets] of search.tied.candidates)
      for (const [rank, set] of sets.entries()) {
        const own = block[sides.ones][id]!;
        const others = entriesOf(set).many.filter((other) => other !== own);
        const how = { rank: rank + 1, kind: 'tied', records: others.length, cost: set.cost } as const;
        show(sides.ones, own, others.sort(byContent), how);
      }
  };
  return {
    take,
    close: async () => {
      for (const appender of [members, held, shown]) appender.closeSync();
    },
  };
}

/** Of identical records the one with the smaller row. */
function byContent(a: BlockEntry, b: BlockEntry): number {
  return a.content - b.content || (a.row < b.row ? -1 : 1);
}
