// Pairs columns of different names by the values they share, from samples chosen by hash, so that the same values are
// sampled on both sides. A pair is only made where each column is the other's clear best.
import type { Engine } from '../engine.ts';
import type { PairedColumn } from './pair-columns.ts';
import { type ColumnProfile, comparableText, type ProfiledSide } from './profile-columns.ts';

/** Columns of one side that are compared with those of the other; 40 × 40 samples are a few seconds at 5 million rows. */
const columnsMax = 40;
const sampleSize = 1024;
/** A column's best partner must be better than its second best by this, else it could be either. */
const clearLead = 0.05;

/** What share of the smaller column's values must be in the other, and how many different ones it takes to tell. */
const evidenceFor: Record<string, { shareMin: number; distinctMin: number }> = {
  text: { shareMin: 0.3, distinctMin: 2 },
  number: { shareMin: 0.6, distinctMin: 20 },
  date: { shareMin: 0.5, distinctMin: 3 },
  datetime: { shareMin: 0.5, distinctMin: 3 },
};

type Sample = { column: ColumnProfile; kind: string; values: Set<bigint>; below: bigint };

export async function pairColumnsByValues(
  engine: Engine,
  left: ProfiledSide,
  right: ProfiledSide,
  paired: PairedColumn[],
): Promise<PairedColumn[]> {
  const lefts = await samplesOf(engine, left, new Set(paired.map((pair) => pair.left)));
  const rights = await samplesOf(engine, right, new Set(paired.map((pair) => pair.right)));
  const scores = lefts.map((a) => rights.map((b) => likeness(a, b)));
  return lefts.flatMap((a, i): PairedColumn[] => {
    const row = scores[i]!;
    const j = row.indexOf(Math.max(...row));
    const best = row[j];
    if (best === undefined || best === 0) return [];
    const rivals = [
      ...row.filter((_, other) => other !== j),
      ...scores.filter((_, other) => other !== i).map((r) => r[j]!),
    ];
    return rivals.every((rival) => rival < best - clearLead)
      ? [{ left: a.column.name, right: rights[j]!.column.name, by: 'values' }]
      : [];
  });
}

async function samplesOf(engine: Engine, side: ProfiledSide, taken: Set<string>): Promise<Sample[]> {
  const samples: Sample[] = [];
  const candidates = side.columns.filter((column) => !taken.has(column.name) && kindOf(column) in evidenceFor);
  for (const column of candidates.slice(0, columnsMax)) {
    const { distinctMin } = evidenceFor[kindOf(column)]!;
    if (column.distinct < distinctMin) continue;
    const below = 2n ** 64n / BigInt(Math.max(1, Math.floor(column.distinct / sampleSize)));
    const values = await engine.rows<{ h: string }>(
      `SELECT DISTINCT hash(${comparableText(column)}) AS h FROM ${side.relation}
       WHERE ${comparableText(column)} <> '' AND hash(${comparableText(column)})::UHUGEINT < ${below} LIMIT ${sampleSize * 8}`,
    );
    samples.push({ column, kind: kindOf(column), values: new Set(values.map((row) => BigInt(row.h))), below });
  }
  return samples;
}

function kindOf(column: ColumnProfile): string {
  return column.type === 'integer' || column.type === 'decimal' ? 'number' : column.type;
}

/** Jaccard likeness of the values, 0 where too small a share of them is in both to mean anything. */
function likeness(a: Sample, b: Sample): number {
  if (a.kind !== b.kind) return 0;
  const below = a.below < b.below ? a.below : b.below;
  const [x, y] = [a, b].map((sample) => [...sample.values].filter((value) => value < below));
  const other = new Set(y);
  const shared = x!.filter((value) => other.has(value)).length;
  const smaller = Math.min(x!.length, y!.length);
  if (smaller === 0 || shared / smaller < evidenceFor[a.kind]!.shareMin) return 0;
  return shared / (x!.length + y!.length - shared);
}
