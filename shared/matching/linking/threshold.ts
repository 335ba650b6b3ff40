// The threshold from which on pairs are right as often as is asked, by their own probabilities.
import type { Engine } from '../engine.ts';

/**
 * The lowest probability such that the mean of those at least as high is `precision`; 1 where no pair is sure enough, undefined where
 * nothing is asked. `pairs` has `probability` and `n`, how many pairs it is. Means are of whole millionths: order does not matter.
 */
export async function thresholdForPrecision(
  engine: Engine,
  pairs: string,
  precision: number | undefined,
): Promise<number | undefined> {
  if (precision === undefined) return undefined;
  const [found] = await engine.rows<{ threshold: number | null }>(`
    WITH counted AS (SELECT round(1e6 * probability)::BIGINT AS p, n FROM ${pairs} WHERE probability > 0),
    graded AS (SELECT p, sum(sum(n) * p) OVER (ORDER BY p DESC) AS sure, sum(sum(n)) OVER (ORDER BY p DESC) AS n FROM counted GROUP BY p)
    SELECT min(p) / 1e6 AS threshold FROM graded WHERE sure >= ${precision} * 1e6 * n`);
  return found!.threshold ?? 1;
}
