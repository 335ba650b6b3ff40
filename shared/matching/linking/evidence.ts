// Why a pair is one: for each field how near its values are and what that weighs. Nothing else is in a pair's weight.

import { literal } from '../sql.ts';
import { type Comparison, levelColumn, levelNames, rarityColumn } from './comparisons.ts';
import { fieldWeightSql, type Weights } from './model-weights.ts';
import type { Prepared } from './prepare-records.ts';
import { scoredTable } from './score-pairs.ts';

/**
 * A query of l, r, field, level (in words) and weight (millionths of a bit), for the pairs of a relation with l and r that are in
 * link_scored. The weights of a pair and the model's base add up to the pair's weight.
 */
export function evidenceSql(prepared: Prepared, comparisons: Comparison[], weights: Weights, pairs: string): string {
  const rarities = comparisons.map(({ field }) => `a.${rarityColumn(field.index)}`).join(', ');
  const scored = `(SELECT s.*, ${rarities} FROM ${scoredTable} s SEMI JOIN ${pairs} USING (l, r) JOIN ${prepared.left} a ON a.id = s.l)`;
  return comparisons
    .map((comparison, at) => {
      const names = `[${levelNames(comparison).map(literal).join(', ')}]`;
      return `SELECT l, r, ${literal(comparison.field.name)} AS field, ${names}[${levelColumn(comparison.field.index)} + 1] AS level,
        (${fieldWeightSql(comparisons, weights, at)})::BIGINT AS weight FROM ${scored}`;
    })
    .join(' UNION ALL ');
}
