// Finds the parts of a pass that have nothing to do with each other, before any candidate is made: records lie in cells
// of block, amount and day, and only those of neighbouring cells can be a pair. A part that would give more candidates
// than the bound is left alone as a whole, and said to be; that never depends on what else is in the run.
import type { Engine } from '../engine.ts';
import type { ComputedColumn } from './contents.ts';

/** Candidates of one part, before conditions are looked at: more are neither kept in memory nor worth a person's time. */
export const candidatesMax = 2_000_000;

/** `$block`, `$number_cell`, `$day_cell` are columns of both content tables; a record with a null there has no candidates. */
export async function connectCells(engine: Engine): Promise<{ crowdedParts: number; crowdedRecords: number }> {
  const columns = '"$block" AS block, "$number_cell" AS number_cell, "$day_cell" AS day_cell';
  await engine.run(`CREATE OR REPLACE TABLE match_cells AS
    SELECT (row_number() OVER () - 1)::INTEGER AS cell, block, number_cell, day_cell,
      count(*) FILTER (side = 'left')::BIGINT AS lefts, count(*) FILTER (side = 'right')::BIGINT AS rights
    FROM (SELECT 'left' AS side, ${columns} FROM match_contents_left UNION ALL SELECT 'right', ${columns} FROM match_contents_right)
    GROUP BY block, number_cell, day_cell`);
  await engine.run(`CREATE OR REPLACE TABLE match_cell_edges AS
    SELECT a.cell AS left_cell, b.cell AS right_cell, a.lefts * b.rights AS candidates
    FROM (SELECT cell, block, lefts, number_near, day_cell + unnest([-1, 0, 1]) AS day_near FROM (
      SELECT *, number_cell + unnest([-1, 0, 1]) AS number_near FROM match_cells WHERE lefts > 0)) a
    JOIN match_cells b ON b.rights > 0 AND b.block = a.block AND b.number_cell = a.number_near AND b.day_cell = a.day_near`);
  const [count] = await engine.rows<{ cells: string }>('SELECT count(*) AS cells FROM match_cells');
  const parts = createParts(Number(count!.cells));
  const edges = await engine.connection.runAndReadAll('SELECT left_cell, right_cell, candidates FROM match_cell_edges');
  // Without rows there are no columns either.
  const [lefts = [], rights = [], candidates = []] = edges.getColumns() as (number | bigint)[][];
  for (let index = 0; index < lefts.length; index += 1) parts.join(Number(lefts[index]), Number(rights[index]));
  const total = new Map<number, bigint>();
  for (let index = 0; index < lefts.length; index += 1) {
    const part = parts.of(Number(lefts[index]));
    total.set(part, (total.get(part) ?? 0n) + BigInt(candidates[index]!));
  }
  await engine.run('CREATE OR REPLACE TABLE match_parts (cell INTEGER, part INTEGER, crowded BOOLEAN)');
  const appender = await engine.connection.createAppender('match_parts');
  for (let cell = 0; cell < Number(count!.cells); cell += 1) {
    const part = parts.of(cell);
    const sum = total.get(part);
    if (sum === undefined) continue;
    appender.appendInteger(cell);
    appender.appendInteger(part);
    appender.appendBoolean(sum > BigInt(candidatesMax));
    appender.endRow();
  }
  appender.closeSync();
  for (const side of ['left', 'right'] as const)
    await engine.run(`CREATE OR REPLACE TABLE match_placed_${side} AS SELECT s.*, c.cell AS "$cell", p.part AS "$part", p.crowded AS "$crowded"
      FROM match_contents_${side} s
      JOIN match_cells c ON c.block = s."$block" AND c.number_cell = s."$number_cell" AND c.day_cell = s."$day_cell"
      JOIN match_parts p ON p.cell = c.cell`);
  const [crowded] = await engine.rows<{ parts: string; records: string }>(
    `SELECT count(DISTINCT "$part") AS parts, coalesce(sum("$n"), 0)::BIGINT AS records FROM (
      SELECT "$part", "$n" FROM match_placed_left WHERE "$crowded" UNION ALL SELECT "$part", "$n" FROM match_placed_right WHERE "$crowded")`,
  );
  return { crowdedParts: Number(crowded!.parts), crowdedRecords: Number(crowded!.records) };
}

/** Disjoint sets with path halving (Tarjan, van Leeuwen, 1984). */
function createParts(count: number): { join(a: number, b: number): void; of(node: number): number } {
  const parent = Int32Array.from({ length: count }, (_, index) => index);
  const of = (node: number): number => {
    let at = node;
    while (parent[at] !== at) at = parent[at] = parent[parent[at]!]!;
    return at;
  };
  return {
    of,
    join(a, b) {
      const [one, other] = [of(a), of(b)];
      if (one !== other) parent[Math.max(one, other)] = Math.min(one, other);
    },
  };
}

/** One number of a cell, without the text of its block; two cells may share it, and then more is looked at than need be. */
export function cellHash(equals: string[]): string {
  return `hash(${[...equals, '"$number_cell"', '"$day_cell"'].join(', ')})`;
}

/** The cells, by that number, in which a record of the relation could be in a pair. */
export function cellsReached(relation: string, equals: string[]): string {
  const near = `SELECT * REPLACE ("$day_cell" + unnest([-1, 0, 1]) AS "$day_cell") FROM (
    SELECT * REPLACE ("$number_cell" + unnest([-1, 0, 1]) AS "$number_cell") FROM ${relation})`;
  return `SELECT DISTINCT ${cellHash(equals)} FROM (${near})`;
}

/** The columns of a content table that cells are made of. */
export function cellColumns(
  equals: string[],
  numberCell: string | undefined,
  dayCell: string | undefined,
): ComputedColumn[] {
  return [
    { name: '$block', value: blockOf(equals) },
    { name: '$number_cell', value: numberCell ?? '0::HUGEINT' },
    { name: '$day_cell', value: dayCell ?? '0::BIGINT' },
  ];
}

/** One text of several, with their lengths: a text that holds a separator cannot pass for two. */
export function blockOf(equals: string[]): string {
  if (equals.length <= 1) return equals[0] ?? `''`;
  return equals.map((value) => `length(${value}) || ':' || ${value}`).join(' || ');
}
