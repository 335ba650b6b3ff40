// The records of a grouped pass by block, in `match_entries`. Sets across sides are looked for only in blocks of both: of
// many open records of one side those alone are gathered whose block the other side has.
import type { GroupedPass } from '../../domain/definition.ts';
import type { PassYield } from '../../domain/outcome.ts';
import { FailureError, fail } from '../../domain/result.ts';
import type { Engine } from '../engine.ts';
import type { Entry } from '../grouping/search-groups.ts';
import { decimalShape } from '../match/exact-decimal.ts';
import { find } from '../match/field-comparison.ts';
import { type Leg, type MatchPlan, state } from '../match/match-plan.ts';
import type { Side } from '../match/value-column.ts';
import { type LoadedSource, rowColumn } from '../records.ts';
import { identifier, literal } from '../sql.ts';
import type { DayNumber } from './calendar-tables.ts';
import { blockOf } from './cells.ts';
import { compileCondition, wholeUnits } from './condition-sql.ts';
import { withColumns } from './contents.ts';
import { takeable } from './residue.ts';

/** Records of one block that are searched for sets: of more, nobody could say that it was this set and no other. */
const blockRecordsMax = 20_000;

const row = identifier(rowColumn);

export type BlockEntry = Entry & { row: bigint; key: string | null };
export type Block = Record<Side, BlockEntry[]>;

type SideOf = { side: Side; source: LoadedSource };

/** The sides that have all fields of the pass: both, unless records are netted against others of their own source. */
export function sidesOf(plan: MatchPlan, leg: Leg, pass: GroupedPass): SideOf[] {
  const needed = [...pass.by, pass.amount, ...(pass.window ? [pass.window.field] : [])];
  const sides: SideOf[] = [
    { side: 'left', source: plan.anchor },
    { side: 'right', source: leg.source },
  ];
  const able = sides.filter(({ source }) => needed.every((name) => find(source.fields, name)));
  return able.length === 2 || pass.cardinality === 'netting' ? able : [];
}

/** Decimals that hold the amounts of both sides. */
export function scaleOf(plan: MatchPlan, leg: Leg, pass: GroupedPass): number {
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

/** Fills `match_entries`: block, side, "row", key, units, day, content (a rank) of the records that the pass may take. */
export async function gatherEntries(
  engine: Engine,
  plan: MatchPlan,
  leg: Leg,
  pass: GroupedPass,
  { scale, dayNumber }: { scale: number; dayNumber: DayNumber },
): Promise<void> {
  await engine.run(`CREATE OR REPLACE TABLE match_entries (block VARCHAR, side VARCHAR, "row" BIGINT, key VARCHAR,
    units HUGEINT, day BIGINT, content BIGINT)`);
  const sides: (SideOf & { count: number; blocked: string })[] = [];
  for (const of of sidesOf(plan, leg, pass)) {
    const [count] = await engine.rows<{ n: string }>(`SELECT count(*) AS n FROM ${leg.tables.rest[of.side]}`);
    sides.push({ ...of, count: Number(count!.n), blocked: blockedSql(plan, leg, pass, of, dayNumber) });
  }
  const gather = ({ side, source, blocked }: (typeof sides)[0], where: string) => {
    const amount = find(source.fields, pass.amount)!;
    const units = wholeUnits(identifier(amount.name), amount.sqlType, scale);
    const day = pass.window ? dayNumber(pass.window, identifier(pass.window.field)) : 'NULL';
    const fields = source.fields.map(({ name }) => identifier(name)).join(', ');
    return engine.run(`INSERT INTO match_entries SELECT "$block", ${literal(side)}, ${row}, "$key",
        ${units}, (${day})::BIGINT, dense_rank() OVER (ORDER BY "$key", ${fields}) FROM ${blocked} ${where}`);
  };
  if (pass.cardinality === 'netting') {
    for (const side of sides) await gather(side, '');
    return;
  }
  const [fewer, more] = sides.sort((a, b) => a.count - b.count);
  await gather(more!, `WHERE "$block" IN (SELECT "$block" FROM ${fewer!.blocked})`);
  await gather(fewer!, 'WHERE "$block" IN (SELECT block FROM match_entries)');
}

/** The records that the pass may take, with `$block`. */
function blockedSql(
  plan: MatchPlan,
  leg: Leg,
  pass: GroupedPass,
  { side, source }: SideOf,
  dayNumber: DayNumber,
): string {
  const present = [...pass.by, pass.amount].map((name) => `s.${identifier(name)} IS NOT NULL`);
  // Records of an undone set of one side are not netted again by themselves.
  const { apart } = leg.tables;
  const other = side === 'left' ? 'right' : 'left';
  if (plan.decided && pass.cardinality === 'netting')
    present.push(`s.${row} NOT IN (SELECT "row" FROM ${apart} WHERE side = ${literal(side)}
      AND match NOT IN (SELECT match FROM ${apart} WHERE side = ${literal(other)}))`);
  // Netting compares a source with itself.
  const sources =
    pass.cardinality === 'netting' ? { left: source, right: source } : { left: plan.anchor, right: leg.source };
  const equals = pass.by.map(
    (field) => compileCondition({ field, equal: true }, plan.definition.fields, sources, dayNumber).equal![side],
  );
  return withColumns(takeable(leg, side, present), [{ name: '$block', value: blockOf(equals) }]);
}

/** Takes out blocks that are too large to be searched, and says so. */
export async function leaveCrowded(engine: Engine, pass: GroupedPass, found: PassYield): Promise<void> {
  if (!pass.search) return;
  await engine.run(`CREATE OR REPLACE TABLE match_crowded_blocks AS SELECT block, count(*) AS records FROM match_entries
    GROUP BY block HAVING count(*) > ${blockRecordsMax}`);
  await engine.run(`INSERT INTO match_held SELECT side, "row", ${state.exhausted} FROM match_entries
    WHERE block IN (SELECT block FROM match_crowded_blocks)`);
  await engine.run('DELETE FROM match_entries WHERE block IN (SELECT block FROM match_crowded_blocks)');
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

/** One block at a time is in memory, its records by content: of identical ones the same are taken in every run. */
export async function* blocksOf(engine: Engine): AsyncGenerator<Block> {
  const entries = `SELECT block, side, "row", key, units, day, content FROM match_entries WHERE units IS NOT NULL
    ORDER BY block, side, content, "row"`;
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
