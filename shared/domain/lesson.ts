// A version of what a reconciliation has learned from reviews, as it is kept: made by the first run that is planned after new verdicts,
// or by a person who makes it forget. Versions are never changed, and a run names the one that it goes by.
import type { LearnedPasses } from './learned.ts';
import type { ReconciliationRef } from './reconciliation.ts';

export type Lesson = ReconciliationRef & {
  /** From 1. */
  version: number;
  kind: 'lesson' | 'reset';
  at: string;
  /** Of a reset. */
  by?: string;
  /** Hash of what was learned from: equal means that there is nothing new. */
  basis: string;
  /** Verdicts given until then teach nothing: the time of the last reset. */
  forgottenUntil?: string;
  passes: LearnedPasses;
};
