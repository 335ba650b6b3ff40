// What persons decided, as the twin engine goes by it.
import { join } from 'node:path';
import { canonicalJson } from '../../shared/app/batches/load-hash.ts';
import type { JoinRequest, MatchRequest, PickRequest } from '../../shared/app/pipeline-engine.ts';
import { fieldsOf, readAll, readJson, sumsOf, type TwinRecord, writeJson } from './twin-records.ts';

export type TwinMatch = {
  key: string;
  source: string;
  leftRow: number | null;
  rightRow: number | null;
  pass: string;
  groupId?: string;
};
/** A row of an undone match, as results have it. */
export type TwinMember = { source: string; match: string; leftRow: number | null; rightRow: number | null };

/** Whether two records were in one match that was undone, and all rows of such. */
export async function apartOf(decisions: MatchRequest['decisions']) {
  const members = decisions?.apartPath === undefined ? [] : await readJson<TwinMember[]>(decisions.apartPath);
  const of = (source: string, side: 'leftRow' | 'rightRow', row: number): string[] =>
    members.filter((one) => one.source === source && one[side] === row).map(({ match }) => match);
  return {
    rows: members.flatMap(({ leftRow, rightRow }) => [leftRow, rightRow]).filter((row) => row !== null),
    meets(source: string, left: number, right: number): boolean {
      const matches = of(source, 'leftRow', left);
      return of(source, 'rightRow', right).some((match) => matches.includes(match));
    },
  };
}

/** Takes the records that were put together out of those of a leg and its anchor. */
export function takeTogether(
  decisions: MatchRequest['decisions'],
  source: string,
  anchor: TwinRecord[],
  leg: TwinRecord[],
) {
  const taken = new Set<number>();
  const found = (decisions?.together ?? []).flatMap((one) => {
    const left = anchor.filter(({ row }) => one.left.includes(row));
    const right = leg.filter(({ row }) => one.right.includes(row));
    if (one.source !== source || left.length < one.left.length || right.length < one.right.length) return [];
    for (const { row } of [...left, ...right]) taken.add(row);
    const row = (leftRow: number | null, rightRow: number | null): TwinMatch => {
      return { key: (left[0] ?? right[0])!.key ?? '', source, leftRow, rightRow, pass: 'manual', groupId: one.id };
    };
    const match =
      left.length === 1
        ? right.map((record) => row(left[0]!.row, record.row))
        : right.length === 1
          ? left.map((record) => row(record.row, right[0]!.row))
          : [...left.map((record) => row(record.row, null)), ...right.map((record) => row(null, record.row))];
    return [{ match, left, right }];
  });
  const rest = (records: TwinRecord[]) => records.filter(({ row }) => !taken.has(row));
  return { found, left: rest(anchor), right: rest(leg) };
}

/** Moves partners to the front of both lists, in order; gives how many there are. */
export function pairUp(
  left: TwinRecord[],
  right: TwinRecord[],
  undone: (a: TwinRecord, b: TwinRecord) => boolean,
): number {
  let paired = 0;
  for (let index = paired; index < left.length; index += 1) {
    const partner = right.findIndex((record, at) => at >= paired && !undone(left[index]!, record));
    if (partner === -1) continue;
    left.splice(paired, 0, ...left.splice(index, 1));
    right.splice(paired, 0, ...right.splice(partner, 1));
    paired += 1;
  }
  return paired;
}

export async function joinMembers({ directory, name, paths, members }: JoinRequest) {
  const all = new Map<string, TwinMember>();
  for (const { source, match, left, right } of members)
    all.set(`${match} ${source}`, { source, match, leftRow: left, rightRow: right });
  for (const path of paths) for (const one of await readJson<TwinMember[]>(path)) all.set(canonicalJson(one), one);
  const path = join(directory, name);
  await writeJson(path, [...all.values()]);
  return path;
}

export async function present({ paths, rows }: { paths: string[]; rows: number[] }) {
  const there = new Set((await readAll(paths)).map(({ row }) => row));
  return rows.filter((row) => there.has(row));
}

export async function pick({ path, definition, records, side, rows, undone, notIn }: PickRequest) {
  const wanted = new Set(rows);
  for (const { path: of, except } of undone) {
    const others = new Set<string>();
    for (const other of except) for (const { match } of await readJson<TwinMember[]>(other)) others.add(match);
    for (const { match, leftRow, rightRow } of await readJson<TwinMember[]>(of)) {
      const row = side === 'left' ? leftRow : rightRow;
      if (row !== null && !others.has(match)) wanted.add(row);
    }
  }
  for (const { row } of await readAll(notIn)) wanted.delete(row);
  const picked = (await readAll(records.paths)).filter(({ row }) => wanted.has(row));
  await writeJson(path, picked);
  const { source } = records;
  return { path, rows: picked.length, sums: sumsOf(definition, picked), fields: fieldsOf(definition, source) };
}
