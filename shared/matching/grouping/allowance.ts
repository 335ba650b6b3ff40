// How far the two sums of a group may lie apart, exactly, and how much of that a group uses up.
import { toScaled } from '../../domain/decimal.ts';
import { magnitude } from './units.ts';

/** `one` and `many`: the sums that the percentage is of, the many less the fee. Larger: by magnitude. */
export type GroupTolerance = { absolute: string } | { percent: string; base: 'one' | 'many' | 'larger' };

/** One condition at its limit. */
export const costAtLimit = 1_000_000;

export type Allowance = {
  /** Whether the sums agree. */
  allows(one: bigint, many: bigint): boolean;
  /** Millionths of what is allowed: 0 for equal sums, `costAtLimit` at the limit. Only for sums that agree. */
  costOf(one: bigint, many: bigint): number;
  /** A sum of the many that agrees with that of the one lies no further from it; `most` is the largest magnitude of any. */
  reach(one: bigint, most: bigint): bigint;
};

/** `scale`: decimals of the units. */
export function allowanceOf(tolerance: GroupTolerance | undefined, scale: number): Allowance {
  // |one − many| × divisor ≤ limit(one, many)
  const { limit, divisor, reach } = limitOf(tolerance, scale);
  return {
    allows: (one, many) => one === many || magnitude(one - many) * divisor <= limit(one, many),
    costOf: (one, many) =>
      one === many ? 0 : Number((magnitude(one - many) * divisor * BigInt(costAtLimit)) / limit(one, many)),
    reach,
  };
}

type Limit = {
  limit: (one: bigint, many: bigint) => bigint;
  divisor: bigint;
  reach: Allowance['reach'];
};

function limitOf(tolerance: GroupTolerance | undefined, scale: number): Limit {
  if (!tolerance) return { limit: () => 0n, divisor: 1n, reach: () => 0n };
  if ('absolute' in tolerance) {
    const { units, scale: decimals } = toScaled(tolerance.absolute);
    const divisor = 10n ** BigInt(decimals);
    const allowed = units * 10n ** BigInt(scale);
    return { limit: () => allowed, divisor, reach: () => allowed / divisor };
  }
  const { units: share, scale: decimals } = toScaled(tolerance.percent);
  const divisor = 100n * 10n ** BigInt(decimals);
  const { base } = tolerance;
  if (base === 'one') {
    const limit = (one: bigint): bigint => magnitude(one) * share;
    return { limit, divisor, reach: (one) => limit(one) / divisor };
  }
  const baseOf = (one: bigint, many: bigint): bigint => {
    const [ofOne, ofMany] = [magnitude(one), magnitude(many)];
    return base === 'many' || ofMany > ofOne ? ofMany : ofOne;
  };
  return {
    limit: (one, many) => baseOf(one, many) * share,
    divisor,
    // From |one − many| ≤ p |base| and |base| ≤ |one| + |one − many|: no further than p / (1 − p) × |one|.
    reach: (one, most) => (share < divisor ? (magnitude(one) * share) / (divisor - share) : magnitude(one) + most),
  };
}
