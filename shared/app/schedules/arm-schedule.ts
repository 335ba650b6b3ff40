// A definition as it is to be stored, with the clock set for it: call it on what is about to be written, so that the
// definition and its clock change in one write. Drafts and what is retired are not woken.
import type { Reconciliation } from '../../domain/reconciliation.ts';
import { replanned, type WakePlan, wakePlanOf } from '../../domain/schedule-wake.ts';
import type { Deps } from '../deps.ts';

export function armSchedule(deps: Pick<Deps, 'clock'>, reconciliation: Reconciliation): Reconciliation {
  const { wake, ...rest } = reconciliation;
  const { graph, status } = reconciliation;
  const plan = graph && status === 'PUBLISHED' ? wakePlanOf(graph) : nothing;
  const next = replanned(wake, plan, deps.clock.now());
  return next ? { ...rest, wake: next } : rest;
}

const nothing: WakePlan = { arrivals: {} };
