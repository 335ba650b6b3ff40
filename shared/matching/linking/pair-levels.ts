// The levels of agreement of pairs, as SQL and as counted patterns.
import type { Engine } from '../engine.ts';
import {
  type Comparison,
  digitsColumn,
  lettersColumn,
  levelColumn,
  levelSql,
  measureColumn,
  numberColumn,
  pairColumn,
  rarityColumn,
  similarityColumn,
  valueColumn,
} from './comparisons.ts';
import type { Patterns } from './expectation-maximisation.ts';
import type { PlannedField } from './fields.ts';
import type { Prepared } from './prepare-records.ts';
import { similaritiesSql } from './terms.ts';

export function textFields(comparisons: Comparison[]): PlannedField[] {
  return comparisons.map(({ field }) => field).filter(({ kind }) => kind === 'text');
}

/** l, r, a level per field, the rarity of the left's value per field, and how alike texts are, of the pairs of a relation with l and r. */
export function levelsSql(prepared: Prepared, comparisons: Comparison[], pairs: string): string {
  const similar = similaritiesSql(pairs, textFields(comparisons), prepared.single);
  const joined = `${similar} p JOIN ${prepared.left} l ON l.id = p.l JOIN ${prepared.right} r ON r.id = p.r`;
  const compared = `SELECT l.id AS l, r.id AS r, ${comparedColumns(comparisons)} FROM ${joined}`;
  const measures = comparisons.map(({ field, measure }) => `${measure} AS ${measureColumn(field.index)}`);
  const levels = comparisons.map((one) => `${levelSql(one)} AS ${levelColumn(one.field.index)}`);
  const rarities = comparisons.map(({ field }) => rarityColumn(field.index));
  const alike = textFields(comparisons).map(({ index }) => similarityColumn(index));
  return `(SELECT l, r, ${[...levels, ...rarities, ...alike].join(', ')} FROM (SELECT *, ${measures.join(', ')} FROM (${compared})))`;
}

/** The columns that comparisons look at, of records `l` and `r`. */
function comparedColumns(comparisons: Comparison[]): string {
  return comparisons
    .flatMap(({ field: { index, kind } }) => {
      const columns = [
        valueColumn(index),
        ...(kind === 'number' || kind === 'date' ? [numberColumn(index)] : []),
        ...(kind === 'name' || kind === 'code' ? [lettersColumn(index)] : []),
        ...(kind === 'date' ? [digitsColumn(index)] : []),
      ];
      const both = columns.flatMap((column) =>
        (['l', 'r'] as const).map((side) => `${side}.${column} AS ${pairColumn(side, column)}`),
      );
      return [...both, `l.${rarityColumn(index)}`, ...(kind === 'text' ? [`p.${similarityColumn(index)}`] : [])];
    })
    .join(', ');
}

/** Pairs of the relation by their levels, in the order of the levels. */
export async function countPatterns(engine: Engine, comparisons: Comparison[], levels: string): Promise<Patterns> {
  const columns = comparisons.map(({ field }) => levelColumn(field.index)).join(', ');
  const found: Patterns = { levels: [], counts: [] };
  for await (const chunk of engine.stream(
    `SELECT ${columns}, count(*)::INTEGER AS n FROM ${levels} GROUP BY ALL ORDER BY ${columns}`,
  )) {
    const counts = chunk.at(-1) as number[];
    for (let at = 0; at < counts.length; at += 1) {
      found.levels.push(Uint8Array.from(comparisons, (_, field) => chunk[field]![at] as number));
      found.counts.push(counts[at]!);
    }
  }
  return found;
}
