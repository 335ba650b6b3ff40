// The same work on many things, a few at a time.

/** Throws the first failure once what was under way has ended, and begins nothing after it. */
export async function eachOf<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const waiting = items.values();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const item of waiting) {
      if (failed) return;
      try {
        await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const answers = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
}
