// Why a pair is one: for each field how near its values are and what that weighs. Nothing else is in a pair's weight.
import { literal } from '../sql.ts';
import {
  type Comparison,
  digitsColumn,
  levelColumn,
  levelNames,
  numberColumn,
  pairColumn,
  rarityColumn,
  similarityColumn,
  similaritySql,
  valueColumn,
} from './comparisons.ts';
import type { Linkage } from './link-records.ts';
import { fieldWeightSql, probabilitySql } from './model-weights.ts';
import { bit } from './prepare-records.ts';
import { scoredTable } from './score-pairs.ts';

/**
 * A query of l, r and evidence (JSON, a `MatchEvidence`) of the pairs of a relation with l, r and probability that are in link_scored,
 * each once. Whole millionths are printed as they are, so the weights of the fields and the prior add up to the pair's.
 */
export function evidenceSql(
  { prepared, comparisons, weights }: Pick<Linkage, 'prepared' | 'comparisons' | 'weights'>,
  pairs: string,
): string {
  const compared = comparisons.map(comparedColumns).join(', ');
  const joined = `SELECT s.l, s.r, p.probability, s.weight, ${compared} FROM ${pairs} p JOIN ${scoredTable} s ON s.l = p.l AND s.r = p.r
    JOIN ${prepared.left} a ON a.id = s.l JOIN ${prepared.right} b ON b.id = s.r`;
  const fields = comparisons.map((comparison, at) => {
    const { name, kind, index } = comparison.field;
    const levels = `[${levelNames(comparison).map(literal).join(', ')}]`;
    const head = `{"field":${JSON.stringify(name)},"as":"${kind}","level":"`;
    return `${literal(head)} || ${levels}[${levelColumn(index)} + 1] || '","similarity":' || coalesce(${similaritySql(comparison)}::VARCHAR, 'null')
      || ',"weight":' || ${bitsSql(fieldWeightSql(comparisons, weights, at))} || '}'`;
  });
  return `SELECT l, r, ${literal(`{"prior":${weights.base / bit},"fields":[`)} || ${fields.join(` || ',' || `)} || '],"weight":' || ${bitsSql('weight')}
    || ',"alone":' || ${probabilitySql('weight')}::VARCHAR || ',"probability":' || probability::DOUBLE::VARCHAR || '}' AS evidence FROM (${joined})`;
}

/** What similarity and weight are made of, of the pair `s` of link_scored and its records `a` and `b`. */
export function comparedColumns({ field: { index, kind } }: Comparison): string {
  const columns = [
    valueColumn(index),
    ...(kind === 'number' || kind === 'date' ? [numberColumn(index)] : []),
    ...(kind === 'date' ? [digitsColumn(index)] : []),
  ];
  return [
    ...columns.flatMap((column) => [
      `a.${column} AS ${pairColumn('l', column)}`,
      `b.${column} AS ${pairColumn('r', column)}`,
    ]),
    `a.${rarityColumn(index)}`,
    `s.${levelColumn(index)}`,
    ...(kind === 'text' ? [`s.${similarityColumn(index)}`] : []),
  ].join(', ');
}

/** A whole number of millionths as text, in bits. */
function bitsSql(millionths: string): string {
  return `((${millionths}) / ${bit}.0)::DOUBLE::VARCHAR`;
}
