// A pipeline with persons who propose and decide, over either engine.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { approve } from '../../../shared/app/decisions/decide.ts';
import type { DecisionDeps } from '../../../shared/app/decisions/decision-deps.ts';
import { createMatchQuery } from '../../../shared/app/decisions/look-at-matches.ts';
import { proposeMatch } from '../../../shared/app/decisions/propose-match.ts';
import { proposeReversal } from '../../../shared/app/decisions/propose-reversal.ts';
import { proposeUndo } from '../../../shared/app/decisions/propose-undo.ts';
import type { Deps } from '../../../shared/app/deps.ts';
import { createDuckdbEngine } from '../../../shared/app/duckdb-engine.ts';
import type { PipelineEngine } from '../../../shared/app/pipeline-engine.ts';
import { createObjectCache } from '../../../shared/app/results/object-cache.ts';
import type { UndoScope } from '../../../shared/domain/decision.ts';
import { rowReference } from '../../../shared/domain/outcome.ts';
import { expectOk, person, reconciliationId, ref } from '../../fault/scenario.ts';
import { twinEngine } from '../../fault/twin-engine.ts';
import { createTwinMatchQuery } from '../../fault/twin-match-query.ts';
import { openPipeline, type Pipeline } from './pipeline-fixture.ts';

export const limits = { memoryMb: 512, threads: 1 };
export const engines: [string, PipelineEngine][] = [
  ['twin', twinEngine],
  ['duckdb', createDuckdbEngine(limits)],
];
export const checker = { ...person, userId: 'checker', name: 'Checker' };
export const reason = 'the payer wrote another reference';
export const codeOf = (result: { ok: boolean; code?: string }): string => (result.ok ? 'ok' : result.code!);

export type Desk = Pipeline & { decisions: DecisionDeps & Pick<Deps, 'reviews'> };

export async function openDesk(
  engine: PipelineEngine,
  load: 'snapshot' | 'increment',
  chunksForced?: number,
): Promise<Desk> {
  const pipeline = await openPipeline(load, engine);
  if (chunksForced !== undefined) pipeline.deps.settings.chunksForced = chunksForced;
  const directory = mkdtempSync(join(tmpdir(), 'tieout-look-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const cache = createObjectCache(pipeline.deps, join(directory, 'cache'), 10_000_000);
  const matches =
    engine === twinEngine
      ? createTwinMatchQuery(pipeline.deps)
      : createMatchQuery({ ...pipeline.deps, cache, engineLimits: limits });
  return { ...pipeline, decisions: { ...pipeline.deps, matches } };
}

export async function settle(desk: Desk, bank: string, ledger: string): Promise<void> {
  await desk.drop('bank', bank);
  await desk.drop('ledger', ledger);
  await desk.drain();
}

/** The reference of a data row of the n-th batch that was received. */
export const at = (batch: number, row: number): number => rowReference(batch, row);

export async function breaksOf(desk: Desk): Promise<string[]> {
  const { items } = await desk.deps.breaks.list(ref, undefined, 1_000);
  return items
    .map((item) => {
      const end = item.status === 'CLOSED' ? ` closed in ${item.lastRunNumber} as ${item.closedReason}` : '';
      return `${item.key} ${item.type} since ${item.firstRunNumber}${end}`;
    })
    .sort();
}

export async function countsOf(desk: Desk, number: number): Promise<string[]> {
  const { summary, reason: failure } = await desk.run(number);
  if (!summary) throw new Error(`${failure?.detail} ${String(desk.bugs.at(-1))}`);
  return summary!.sides.map(({ source, counts }) => `${source}: ${counts.rows} rows, ${counts.matched} matched`);
}

export async function undo(desk: Desk, scope: UndoScope, more: { runId?: string; acceptDependents?: boolean } = {}) {
  const { decision } = expectOk(
    await proposeUndo(desk.decisions, person, { reconciliationId, scope, reason, ...more }),
  );
  const approved = expectOk(
    await approve(desk.decisions, checker, { reconciliationId, decisionId: decision.decisionId }),
  );
  await desk.drain();
  return approved;
}

export async function together(desk: Desk, left: number[], right: number[]) {
  const decision = expectOk(await proposeMatch(desk.decisions, person, { reconciliationId, left, right, reason }));
  const approved = expectOk(
    await approve(desk.decisions, checker, { reconciliationId, decisionId: decision.decisionId }),
  );
  await desk.drain();
  return approved.decision;
}

export async function reverse(desk: Desk, decisionId: string) {
  const reversal = expectOk(await proposeReversal(desk.decisions, person, { reconciliationId, decisionId, reason }));
  expectOk(await approve(desk.decisions, checker, { reconciliationId, decisionId: reversal.decisionId }));
  await desk.drain();
}

export const run1 = (desk: Desk) => desk.run(1).then(({ runId }) => ({ runId }));
