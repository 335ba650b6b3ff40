// Hands the candidates of repeated keys, one key after another, to `assignGroups` and writes down what it decides.
// Reads the tables that `pair-repeated-keys.ts` made; the candidates of one key at a time are in memory.
import type { Engine } from '../engine.ts';
import { type Assignment, assignGroups, type Candidate } from './assign-groups.ts';

/**
 * `candidatesSql` gives key_number, left_group, right_group, differs (0 or 1) and cost, all INTEGER, ordered by key_number.
 * Fills `match_assigned` and `match_tied`.
 */
export async function assignOpenGroups(engine: Engine, candidatesSql: string): Promise<void> {
  await appendAssigned(engine, await assignInMemory(engine, candidatesSql));
}

type Side = 'left' | 'right';
type Found = {
  assigned: { key: number; pair: Assignment; leftFrom: number; rightFrom: number }[];
  tied: { key: number; side: Side; group: number }[];
};
/** One group of an open key: how many of its records are free, and how many went to identical ones before. */
type OpenGroup = { free: number; used: number };
type OpenGroups = Record<Side, Map<number, OpenGroup>>;

/** One key at a time: at most `candidatesPerKeyMax` candidates are in memory, and one entry per group of open keys. */
async function assignInMemory(engine: Engine, candidatesSql: string): Promise<Found> {
  const open = await openGroups(engine);
  const found: Found = { assigned: [], tied: [] };
  let current: { key: number; candidates: Candidate[] } | undefined;
  const finish = () => {
    if (current) assignKey(current.key, current.candidates, open.get(current.key)!, found);
  };
  for await (const chunk of engine.stream(candidatesSql)) {
    // By column: a row at a time takes several times as long, and there may be millions.
    const [keys, lefts, rights, differs, costs] = chunk as number[][];
    for (let index = 0; index < keys!.length; index += 1) {
      const key = keys![index]!;
      if (current?.key !== key) {
        finish();
        current = { key, candidates: [] };
      }
      const [left, right] = [lefts![index]!, rights![index]!];
      const groups = open.get(key)!;
      const [leftCount, rightCount] = [groups.left.get(left)!.free, groups.right.get(right)!.free];
      const candidate = { left, right, leftCount, rightCount, cost: costs![index]!, differs: differs![index] === 1 };
      current.candidates.push(candidate);
    }
  }
  finish();
  return found;
}

async function openGroups(engine: Engine): Promise<Map<number, OpenGroups>> {
  const open = new Map<number, OpenGroups>();
  for (const side of ['left', 'right'] as const) {
    const rows = await engine.rows<{ key: number; group: number; free: number; used: number }>(
      `SELECT key_number AS "key", group_number AS "group", (records - used)::INTEGER AS free, used
       FROM match_open_${side} JOIN match_contested USING (key_number) WHERE NOT too_many`,
    );
    for (const { key, group, free, used } of rows) {
      if (!open.has(key)) open.set(key, { left: new Map(), right: new Map() });
      open.get(key)![side].set(group, { free, used });
    }
  }
  return open;
}

function assignKey(key: number, candidates: Candidate[], groups: OpenGroups, found: Found): void {
  const { pairs, tied } = assignGroups(candidates);
  for (const pair of pairs) {
    // Places are handed out in order, from the first that identical records did not take.
    const [left, right] = [groups.left.get(pair.left)!, groups.right.get(pair.right)!];
    found.assigned.push({ key, pair, leftFrom: left.used, rightFrom: right.used });
    left.used += pair.count;
    right.used += pair.count;
  }
  for (const side of ['left', 'right'] as const) {
    for (const group of tied[side]) found.tied.push({ key, side, group });
  }
}

async function appendAssigned(engine: Engine, { assigned, tied }: Found): Promise<void> {
  const pairs = await engine.connection.createAppender('match_assigned');
  for (const one of assigned) {
    const { left, right, count, differs } = one.pair;
    for (const value of [one.key, left, right, one.leftFrom, one.rightFrom, count]) pairs.appendInteger(value);
    pairs.appendBoolean(differs);
    pairs.endRow();
  }
  pairs.closeSync();
  const groups = await engine.connection.createAppender('match_tied');
  for (const one of tied) {
    groups.appendInteger(one.key);
    groups.appendVarchar(one.side);
    groups.appendInteger(one.group);
    groups.endRow();
  }
  groups.closeSync();
}
