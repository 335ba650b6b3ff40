// Counts per fixed window: requests of a caller, sign-ins of an account. A window's end forgets its count.
export type RateCounter = {
  /** Adds to the count of the window that holds `now`, in one step, and answers with it; a negative amount takes back. */
  add(
    key: string,
    window: { now: number; windowMs: number },
    amount: number,
  ): Promise<{ count: number; resetAt: number }>;
};
