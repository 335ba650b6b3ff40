// What is kept back of the many: percent / 100 × amount + fixed, rounded half away from zero to whole units. Nothing is
// kept back of an amount that is not positive: a refund costs no fee here, and has one only as a leg of its own.
import { toScaled } from '../../domain/decimal.ts';
import type { Fee } from '../../domain/definition.ts';
import { magnitude } from './units.ts';

export type FeeOf = (amount: bigint) => bigint;

/** `scale`: decimals of the units. A RangeError for a percentage above 100, of which more would come to less. */
export function feeOf(fee: Fee, scale: number): FeeOf {
  const percent = toScaled(fee.percent ?? '0');
  const fixed = toScaled(fee.fixed ?? '0');
  const percentDivisor = 100n * 10n ** BigInt(percent.scale);
  const fixedDivisor = 10n ** BigInt(fixed.scale);
  if (percent.units > percentDivisor) throw new RangeError(`a fee of more than 100 percent: ${fee.percent}`);
  const perAmount = percent.units * fixedDivisor;
  const always = fixed.units * 10n ** BigInt(scale) * percentDivisor;
  return (amount) => (amount > 0n ? roundHalfAway(amount * perAmount + always, percentDivisor * fixedDivisor) : 0n);
}

export type Interval = { from: bigint; to: bigint };

/**
 * The sums up to `most` of which, less the fee of the sum, something between `net.from` and `net.to` is left: one run of
 * sums that are not positive, which have no fee, and one of positive sums, of which more never leaves less.
 */
export function sumsBeforeFee(feeOfSum: FeeOf, net: Interval, most: bigint): Interval[] {
  const left = (sum: bigint): bigint => sum - feeOfSum(sum);
  const without = { from: net.from, to: net.to < 0n ? net.to : 0n };
  const first = firstWhere(1n, most, (sum) => left(sum) >= net.from);
  const past = firstWhere(1n, most, (sum) => left(sum) > net.to);
  return [without, { from: first, to: past - 1n }].filter(({ from, to }) => from <= to);
}

/** The least of `from` to `to` that holds, when all above one that holds do too; `to + 1` when none does. */
function firstWhere(from: bigint, to: bigint, holds: (value: bigint) => boolean): bigint {
  let [low, high] = [from, to + 1n];
  while (low < high) {
    const middle = (low + high) / 2n;
    if (holds(middle)) high = middle;
    else low = middle + 1n;
  }
  return low;
}

function roundHalfAway(numerator: bigint, denominator: bigint): bigint {
  const rounded = (2n * magnitude(numerator) + denominator) / (2n * denominator);
  return numerator < 0n ? -rounded : rounded;
}
