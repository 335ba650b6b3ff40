// Remembers what a request with an Idempotency-Key was answered, so that a repeat does nothing and is answered alike.
/** `headers`: those of the reply itself, such as where work that goes on is found. `body` null: too large to be kept. */
export type RememberedReply = { status: number; headers: Record<string, string>; body: string | null };

export type IdempotencyStore = {
  /**
   * Takes the key for a request of this fingerprint until `pendingUntil`. `pending`: another one holds it; `differs`: it was
   * used for another request; `done`: it was answered.
   */
  begin(
    key: string,
    request: { fingerprint: string; owner: string; now: number; pendingUntil: number },
  ): Promise<{ state: 'begun' | 'pending' | 'differs' } | { state: 'done'; reply: RememberedReply }>;
  /** Remembers the reply until `expiresAt`, where this owner still holds the key. Throws DOCUMENT_TOO_LARGE as a failure. */
  finish(key: string, owner: string, reply: RememberedReply, expiresAt: number): Promise<void>;
  /** Gives the key back, where this owner still holds it: the request had no effect. */
  release(key: string, owner: string): Promise<void>;
};
