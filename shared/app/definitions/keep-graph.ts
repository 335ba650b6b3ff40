// What a reconciliation becomes with a new graph: checked, compiled, with the readings that still hold. A draft need not be fit
// to run; what is published must be.
import { checkGraph, type GraphFault } from '../../domain/graph/check-graph.ts';
import { checkRunnable } from '../../domain/graph/check-runnable.ts';
import { compileGraph } from '../../domain/graph/compile-graph.ts';
import type { KeptGraph } from '../../domain/graph/graph.ts';
import type { Readings, Reconciliation } from '../../domain/reconciliation.ts';
import { type Failure, fail, ok, type Result } from '../../domain/result.ts';
import { loadHash } from '../batches/load-hash.ts';
import type { Defined } from './definition-deps.ts';

/** Fails with every fault at once, each with its path in the graph. */
export function withGraph(reconciliation: Reconciliation, graph: KeptGraph): Result<Defined> {
  const { definition: before, readings, ...rest } = reconciliation;
  const faults = checkGraph(graph);
  const unfit = checkRunnable(graph).filter(({ path }) => !faults.some((fault) => fault.path === path));
  if (rest.status === 'PUBLISHED') faults.push(...unfit);
  if (faults.length > 0) return invalidGraph(faults);
  const changed = { ...rest, name: graph.name, description: graph.description ?? '', graph };
  if (unfit.length > 0) return ok(changed);
  const definition = compileGraph(graph);
  const kept: Readings = {};
  for (const { name } of definition.sources) {
    const reading = readings?.[name];
    // What was decided from data goes with the mappings that it was decided for.
    if (reading && before && loadHash(before, name) === loadHash(definition, name)) kept[name] = reading;
  }
  return ok({ ...changed, definition, ...(Object.keys(kept).length > 0 && { readings: kept }) });
}

export function invalidGraph(faults: GraphFault[]): Failure {
  const [first, ...more] = faults;
  const others = more.length > 0 ? ` (and ${more.length} more)` : '';
  return fail('DEFINITION_INVALID', `${first!.path}: ${first!.message}${others}`, { faults });
}
