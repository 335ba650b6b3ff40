// Decisions of persons about matches. They are approved together with the run that they start: see RunStore.create.
import type { Decision, DecisionRef, DecisionStatus } from '../domain/decision.ts';
import type { ReconciliationRef } from '../domain/reconciliation.ts';
import type { Page } from './page.ts';

export type DecisionStore = {
  /** Records a proposal; assigns its number, from 1, and version 1. */
  create(decision: Omit<Decision, 'number' | 'version'>): Promise<Decision>;
  get(ref: DecisionRef): Promise<Decision | undefined>;
  /** Writes version + 1 where the stored version is the given one; false on a conflict. */
  save(decision: Decision): Promise<boolean>;
  /** Oldest first. It decides what a run goes by, so it misses nothing that was written before it was asked. */
  list(
    ref: ReconciliationRef,
    filter: { status?: DecisionStatus },
    cursor?: string,
    limit?: number,
  ): Promise<Page<Decision>>;
};
