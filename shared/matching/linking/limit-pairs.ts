// Takes pairs out of link_scored that may not be, whatever they weigh: values that are less alike than is asked, and what
// somebody put apart.
import type { Engine } from '../engine.ts';
import { type Comparison, similaritySql } from './comparisons.ts';
import { comparedColumns } from './evidence.ts';
import type { LinkRequest } from './link-request.ts';
import type { Prepared } from './prepare-records.ts';
import { scoredTable } from './score-pairs.ts';

export async function limitPairs(
  engine: Engine,
  prepared: Prepared,
  comparisons: Comparison[],
  { fields, apart }: Pick<LinkRequest, 'fields' | 'apart'>,
): Promise<void> {
  if (apart !== undefined) await engine.run(`DELETE FROM ${scoredTable} WHERE (l, r) IN (SELECT (l, r) FROM ${apart})`);
  const limited = comparisons.filter((_, at) => fields[at]!.similarityMin !== undefined);
  if (limited.length === 0) return;
  const tooFar = limited.map((one) => {
    const least = fields[comparisons.indexOf(one)]!.similarityMin!;
    return `coalesce(${similaritySql(one)} < ${least}, true)`;
  });
  await engine.run(`DELETE FROM ${scoredTable} WHERE (l, r) IN (SELECT (l, r) FROM (
      SELECT s.l, s.r, ${limited.map(comparedColumns).join(', ')} FROM ${scoredTable} s
      JOIN ${prepared.left} a ON a.id = s.l JOIN ${prepared.right} b ON b.id = s.r) WHERE ${tooFar.join(' OR ')})`);
}
