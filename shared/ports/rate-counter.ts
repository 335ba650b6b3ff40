// Counts per fixed window: requests of a caller, failed sign-ins of an account. A count is never lowered but by its window's end
// or `clear`.
export type RateCounter = {
  /** Adds to the count of the window that holds `now` and answers with it; an amount of 0 only looks. */
  add(
    key: string,
    window: { now: number; windowMs: number },
    amount: number,
  ): Promise<{ count: number; resetAt: number }>;
  clear(key: string, window: { now: number; windowMs: number }): Promise<void>;
};
