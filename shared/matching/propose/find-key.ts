// Finds the smallest set of paired columns whose values tell the rows of each side apart. The work is bounded by counts,
// never by a clock, so that the same files give the same key on every machine.
import type { Engine } from '../engine.ts';
import { identifier, literal } from '../sql.ts';
import { type PairedColumn, plainName } from './pair-columns.ts';
import { type ColumnProfile, comparableText, type Profile, type ProfiledSide, type Side } from './profile-columns.ts';

export type FoundKey = {
  pairs: PairedColumn[];
  /** Different keys ÷ different rows, per side; 1 is unique. */
  uniqueness: { left: number; right: number };
  /** Keys of both sides ÷ keys of the side that has fewer. */
  overlap: number;
};

const columnsInKeyMax = 4;
/** Sets of four of 16 are 1,820: milliseconds on the sample. */
const candidatesMax = 16;
const sampleRows = 4_000;
/** Sets of one size that are checked on all rows, and of those the ones whose overlap is measured. */
const checkedMax = 24;
const rankedMax = 8;
/** A key that is not quite unique still serves when the files hold duplicates; below this it is no key. */
const nearlyUnique = 0.95;
/** Rows that are equal in all columns count as one, but when most rows are such there is nothing to tell apart. */
const keysPerRowMin = 0.5;

type Candidate = { pair: PairedColumn; left: ColumnProfile; right: ColumnProfile; rank: number };

/**
 * Prefers, in this order: unique sets without amounts, nearly unique ones without amounts, then the same with them (an
 * amount is what a reconciliation compares; as a key it turns each difference into two missing rows); of these the
 * fewest columns; then overlap to a tenth, names that look like identifiers, overlap, name order.
 */
export async function findKey(
  engine: Engine,
  profile: Profile,
  pairs: PairedColumn[],
  /** Pairs that are no key, but by which rows differ all the same. */
  others: PairedColumn[] = [],
): Promise<FoundKey | undefined> {
  const candidates = candidatesOf(profile, pairs);
  const plain = candidates.filter((candidate) => !isAmount(candidate));
  const distinctRows = {
    left: await countDistinctRows(
      engine,
      profile.left,
      [...pairs, ...others].map((pair) => pair.left),
    ),
    right: await countDistinctRows(
      engine,
      profile.right,
      [...pairs, ...others].map((pair) => pair.right),
    ),
  };
  for (const all of plain.length < candidates.length ? [plain, candidates] : [candidates]) {
    const pool = all.slice(0, candidatesMax);
    const sample = {
      left: await sampleOf(engine, profile.left, pool, 'left'),
      right: await sampleOf(engine, profile.right, pool, 'right'),
    };
    for (const atLeast of [1, nearlyUnique]) {
      const found = await smallestSet(engine, profile, { pool, sample, distinctRows, atLeast });
      if (found) return found;
    }
  }
  return undefined;
}

function candidatesOf(profile: Profile, pairs: PairedColumn[]): Candidate[] {
  // A column of one value tells nothing apart, unless there is only one row.
  const several = profile.left.rows > 1 || profile.right.rows > 1;
  return pairs
    .flatMap((pair): Candidate[] => {
      const left = profile.left.columns.find((column) => column.name === pair.left);
      const right = profile.right.columns.find((column) => column.name === pair.right);
      if (!left || !right || left.type === 'boolean') return [];
      if (several && left.distinct < 2 && right.distinct < 2) return [];
      const distinct = Math.min(left.distinct / profile.left.rows, right.distinct / profile.right.rows);
      return [{ pair, left, right, rank: distinct + identifierLikeness(pair.left) }];
    })
    .sort((a, b) => b.rank - a.rank || byName(a.pair.left, b.pair.left));
}

/** Every number, but for whole ones whose name says identifier. */
function isAmount({ pair, left, right }: Candidate): boolean {
  if (left.type !== 'decimal' && right.type !== 'decimal') return false;
  return left.scale > 0 || right.scale > 0 || identifierLikeness(pair.left) + identifierLikeness(pair.right) === 0;
}

async function countDistinctRows(engine: Engine, side: ProfiledSide, names: string[]): Promise<number> {
  const columns = side.columns.filter((column) => names.includes(column.name));
  if (columns.length === 0) return 0;
  const [row] = await engine.rows<{ n: string }>(
    `SELECT count(DISTINCT hash(${columns.map((column) => identifier(column.field)).join(', ')})) AS n FROM ${side.relation}`,
  );
  return Number(row?.n ?? 0);
}

type Search = {
  pool: Candidate[];
  /** Per column of the pool, the numbers of its values in the sampled rows. */
  sample: Record<Side, number[][]>;
  distinctRows: Record<Side, number>;
  atLeast: number;
};

async function smallestSet(
  engine: Engine,
  profile: Profile,
  { pool, sample, distinctRows, atLeast }: Search,
): Promise<FoundKey | undefined> {
  for (let size = 1; size <= Math.min(columnsInKeyMax, pool.length); size += 1) {
    const sets = combinations(pool.length, size).filter(
      (set) => mayBeUnique(sample.left, set, atLeast) && mayBeUnique(sample.right, set, atLeast),
    );
    const unique: FoundKey[] = [];
    for (const set of sets.slice(0, checkedMax)) {
      if (unique.length >= rankedMax) break;
      const columns = set.map((index) => pool[index]!);
      const left = await uniquenessOf(
        engine,
        profile.left,
        columns.map((column) => column.left),
        distinctRows.left,
      );
      if (left < atLeast) continue;
      const right = await uniquenessOf(
        engine,
        profile.right,
        columns.map((column) => column.right),
        distinctRows.right,
      );
      if (right < atLeast) continue;
      unique.push({
        pairs: columns.map((column) => column.pair),
        uniqueness: { left, right },
        overlap: await overlapOf(engine, profile, columns),
      });
    }
    const [best] = unique.filter((key) => key.overlap > 0).sort(byPreference);
    if (best) return { ...best, pairs: best.pairs.toSorted((a, b) => byName(a.left, b.left)) };
  }
  return undefined;
}

/** Rows of the sample as numbers: equal values have equal numbers, −1 is empty. */
async function sampleOf(
  engine: Engine,
  side: ProfiledSide,
  pool: Candidate[],
  which: 'left' | 'right',
): Promise<number[][]> {
  if (pool.length === 0) return [];
  const select = pool.map(
    (candidate) => `${comparableText(candidate[which])} AS ${identifier(candidate[which].field)}`,
  );
  const rows = await engine.rows<Record<string, string | null>>(
    `SELECT DISTINCT ${select.join(', ')} FROM (FROM ${side.relation} ORDER BY "$row" LIMIT ${sampleRows})`,
  );
  return pool.map((candidate) => {
    const numbers = new Map<string, number>();
    return rows.map((row) => {
      const value = row[candidate[which].field];
      if (value === null || value === undefined || value === '') return -1;
      if (!numbers.has(value)) numbers.set(value, numbers.size);
      return numbers.get(value)!;
    });
  });
}

/**
 * Whether the set may be unique enough in the whole file, judged by the sample, whose rows are different ones: rows that
 * collide here collide there. A key in which every column is empty is none.
 */
function mayBeUnique(sample: number[][], set: number[], atLeast: number): boolean {
  const rows = sample[0]?.length ?? 0;
  const collisionsMax = Math.floor(rows * (1 - atLeast));
  const keys = new Set<number>();
  for (let row = 0; row < rows; row += 1) {
    // Four numbers below 4,001 in one: exact, as 4,001⁴ is below 2⁵³.
    let key = 0;
    for (const column of set) key = key * (sampleRows + 1) + sample[column]![row]! + 1;
    if (key > 0) keys.add(key);
    if (row + 1 - keys.size > collisionsMax) return false;
  }
  return true;
}

async function uniquenessOf(
  engine: Engine,
  side: ProfiledSide,
  columns: ColumnProfile[],
  distinctRows: number,
): Promise<number> {
  const names = columns.map((column) => identifier(column.field));
  const [row] = await engine.rows<{ n: string }>(
    `SELECT count(DISTINCT hash(${names.join(', ')})) AS n FROM ${side.relation} WHERE coalesce(${names.map((name) => `${name}::VARCHAR`).join(', ')}) IS NOT NULL`,
  );
  const keys = Number(row?.n ?? 0);
  return keys < keysPerRowMin * side.rows ? 0 : keys / distinctRows;
}

async function overlapOf(engine: Engine, profile: Profile, columns: Candidate[]): Promise<number> {
  const keysOf = (which: 'left' | 'right') =>
    `SELECT DISTINCT hash(${columns.map((column) => `coalesce(${comparableText(column[which])}, ${literal('')})`).join(', ')}) AS h FROM ${profile[which].relation}`;
  const [row] = await engine.rows<{ l: string; r: string; both: string }>(
    `WITH l AS MATERIALIZED (${keysOf('left')}), r AS MATERIALIZED (${keysOf('right')})
     SELECT (SELECT count(*) FROM l) AS l, (SELECT count(*) FROM r) AS r, (SELECT count(*) FROM l JOIN r USING (h)) AS both`,
  );
  const fewer = Math.min(Number(row?.l ?? 0), Number(row?.r ?? 0));
  return fewer === 0 ? 0 : Number(row!.both) / fewer;
}

function byPreference(a: FoundKey, b: FoundKey): number {
  const likeness = (key: FoundKey) => key.pairs.reduce((sum, pair) => sum + identifierLikeness(pair.left), 0);
  return (
    Math.round(b.overlap * 10) - Math.round(a.overlap * 10) ||
    likeness(b) - likeness(a) ||
    b.overlap - a.overlap ||
    byName(namesOf(a), namesOf(b))
  );
}

function namesOf(key: FoundKey): string {
  return key.pairs
    .map((pair) => pair.left)
    .sort(byName)
    .join('\n');
}

/** By code unit: the same on every machine, whatever its language. */
function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** 2: the whole name says identifier; 1: a part of it does. */
function identifierLikeness(column: string): number {
  if (/^(id|key|ref|reference|uuid|guid)$/.test(plainName(column))) return 2;
  const words = column
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
  return words.some((word) =>
    ['id', 'key', 'ref', 'reference', 'number', 'no', 'nr', 'uuid', 'guid', 'code'].includes(word),
  )
    ? 1
    : 0;
}

/** All sets of `size` numbers below `count`, in order. */
function combinations(count: number, size: number): number[][] {
  if (size === 0) return [[]];
  return combinations(count, size - 1).flatMap((set) => {
    const from = set.length === 0 ? 0 : set[set.length - 1]! + 1;
    return Array.from({ length: Math.max(0, count - from) }, (_, index) => [...set, from + index]);
  });
}
