// What reviewers' verdicts have taught a reconciliation about one fuzzy pass. It corrects what the pass learns from the records
// themselves, and is an input of a run like its files.

export type Learned = {
  /** Rises by one with each lesson and each reset, per reconciliation. */
  version: number;
  /** Bits added to what every pair weighs. */
  shift: number;
  /** field → factor of what it says for or against a pair; 1 for those not named. */
  factors: Record<string, number>;
  /** Groups of spellings that confirmed matches have shown to be the same thing. */
  equivalences: string[][];
  from: { approvals: number; rejections: number };
};

/** By the name of the pass. */
export type LearnedPasses = Record<string, Learned>;
