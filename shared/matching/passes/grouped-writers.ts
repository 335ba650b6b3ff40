// What a grouped pass decided of its blocks, written to the tables of leg and pass: members of sets that are accepted, sets
// that are only shown, and records that nobody could decide about.
import { createHash } from 'node:crypto';
import type { GroupedPass } from '../../domain/definition.ts';
import type { PassYield } from '../../domain/outcome.ts';
import type { Engine } from '../engine.ts';
import type { GroupSearch } from '../grouping/search-groups.ts';
import { type Leg, type PlannedPass, state } from '../match/match-plan.ts';
import type { Side } from '../match/value-column.ts';
import { millionths } from './condition-sql.ts';
import type { Block, BlockEntry } from './grouped-blocks.ts';

/** Records of a set that each of its members lists; one member of a side lists all, so that nothing is lost. */
const listedMax = 20;

/** By side and row, of records in the blocks: the undone matches that they were in. */
type UndoneMatches = Record<Side, Map<bigint, string[]>>;

export async function undoneMatches(engine: Engine, leg: Leg): Promise<UndoneMatches> {
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

/** Appends what was decided of a block to the tables of leg and pass. */
export async function openWriters(engine: Engine, leg: Leg, planned: PlannedPass<GroupedPass>, undone?: UndoneMatches) {
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
    // Probability and evidence are a fuzzy pass's.
    for (let more = 0; more < 2; more += 1) shown.appendNull();
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
