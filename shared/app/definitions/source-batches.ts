// The batches of a source, as administrators see them: by the numbers that the surface gives, with the earlier batch that one
// repeats.
import type { Batch } from '../../domain/batch.ts';
import type { BreaksActor } from '../../domain/breaks-actor.ts';
import { joinNumber, splitNumber } from '../../domain/composite-number.ts';
import { type Failure, fail, ok, type Result } from '../../domain/result.ts';
import { releaseBatch } from '../batches/release-batch.ts';
import type { Deps } from '../deps.ts';
import { everyItem } from '../every-item.ts';
import { type Defined, definitionByNumber } from './definition-deps.ts';

type ReadDeps = Pick<Deps, 'reconciliations' | 'batches'>;

export type UploadedBatch = { reconciliation: Defined; batch: Batch; sameAs: Batch | undefined };
export type SourceRef = { number: number; source: string };

/** Newest first. */
export async function sourceBatches(
  deps: ReadDeps,
  actor: BreaksActor,
  { number, source }: SourceRef,
): Promise<Result<UploadedBatch[]>> {
  const found = await sourceOf(deps, actor, { number, source });
  if (!found.ok) return found;
  const reconciliation = found.value;
  const all = await everyItem((cursor) => deps.batches.list(reconciliation, cursor, 1_000));
  const byId = new Map(all.map((batch) => [batch.batchId, batch]));
  return ok(
    all
      .filter((batch) => batch.source === source)
      .map((batch) => ({ reconciliation, batch, sameAs: byId.get(batch.sameAs ?? '') })),
  );
}

async function sourceOf(deps: ReadDeps, actor: BreaksActor, { number, source }: SourceRef): Promise<Result<Defined>> {
  const found = await definitionByNumber(deps, actor.tenant, number);
  if (!found.ok || found.value.graph.sources.some(({ code }) => code === source)) return found;
  return fail('NOT_FOUND', `Definition ${number} has no source ${JSON.stringify(source)}`);
}

export async function uploadedBatch(
  deps: ReadDeps,
  actor: BreaksActor,
  { batchId, ...ref }: SourceRef & { batchId: number },
): Promise<Result<UploadedBatch>> {
  const parts = splitNumber(batchId);
  if (parts?.number !== ref.number) return fail('NOT_FOUND', `There is no batch ${batchId}`);
  const found = await sourceOf(deps, actor, ref);
  if (!found.ok) return found;
  const [batch] = (await deps.batches.list(found.value, undefined, 1, parts.sequence)).items;
  if (batch?.number !== parts.sequence || batch.source !== ref.source)
    return fail('NOT_FOUND', `There is no batch ${batchId}`);
  return ok({ reconciliation: found.value, batch, sameAs: await sameAsOf(deps, batch) });
}

/** Lets a held batch count. */
export async function releaseUploaded(
  deps: ReadDeps & Pick<Deps, 'queue'>,
  actor: BreaksActor,
  ref: SourceRef & { batchId: number },
): Promise<Result<UploadedBatch>> {
  const found = await uploadedBatch(deps, actor, ref);
  if (!found.ok) return found;
  const released = await releaseBatch(deps, actor, found.value.batch);
  return released.ok ? ok({ ...found.value, batch: released.value }) : released;
}

export function batchNumber({ graph }: Defined, { number }: Batch): number {
  return joinNumber({ number: graph.number, sequence: number });
}

export function isUnderWay({ status }: Batch): boolean {
  return status === 'RECEIVED' || status === 'PROCESSING';
}

/** Why it could not be loaded: the core's reason, whose code is kept as text. */
export function loadFailure({ reason }: Batch): Failure {
  return fail('BATCH_FAILED', reason?.detail, { reason: reason?.code });
}

export async function sameAsOf(deps: Pick<Deps, 'batches'>, batch: Batch): Promise<Batch | undefined> {
  const { tenant, reconciliationId, sameAs } = batch;
  return sameAs === undefined ? undefined : deps.batches.get({ tenant, reconciliationId, batchId: sameAs });
}
