// Exact integers of a block in the fastest form that holds all of its sums: numbers below 2^53, bigints beyond.

/**
 * Typed as bigint so that the compiler refuses to mix it with plain numbers. At run time all of a block are numbers or
 * all are bigints: adding, subtracting and comparing them with each other is all that may be done.
 */
export type Units = bigint;

/** How to read the amounts of a block of which no more than `addedMax` are ever added. */
export function unitsReader(amounts: Iterable<bigint>, addedMax: number): (amount: bigint) => Units {
  let most = 1n;
  for (const amount of amounts) {
    const size = magnitude(amount);
    if (size > most) most = size;
  }
  const fits = most * BigInt(addedMax) <= BigInt(Number.MAX_SAFE_INTEGER);
  return fits ? (amount) => Number(amount) as unknown as Units : (amount) => amount;
}

export function compareUnits(a: Units, b: Units): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export function magnitude(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}

/** Of a denominator above zero. */
export function floorDivide(numerator: bigint, denominator: bigint): bigint {
  const quotient = numerator / denominator;
  return numerator < 0n && quotient * denominator !== numerator ? quotient - 1n : quotient;
}
