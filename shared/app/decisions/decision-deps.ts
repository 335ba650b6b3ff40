// What proposing and deciding is given.
import type { DecisionStore } from '../../ports/decision-store.ts';
import type { MatchQuery } from '../../ports/match-query.ts';
import type { Deps } from '../deps.ts';

export type DecisionDeps = Pick<Deps, 'reconciliations' | 'batches' | 'runs' | 'breaks' | 'queue' | 'clock' | 'ids'> & {
  decisions: DecisionStore;
  matches: MatchQuery;
};
