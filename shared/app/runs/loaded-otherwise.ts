// What a run finds that was loaded under another definition than its own: then its values mean something else, and they may not
// even have its types.
import type { Definition, Source } from '../../domain/definition.ts';
import type { Feed } from '../../domain/feed.ts';
import type { RunRef } from '../../domain/run.ts';
import { loadHash } from '../batches/load-hash.ts';
import type { Deps } from '../deps.ts';

/** Whether records that the last settled run carries on are of that kind: it took its batches as its own definition loads them. */
export async function carriesOtherwise(
  deps: Pick<Deps, 'runs'>,
  run: RunRef,
  definition: Definition,
  { pending, settled }: Feed,
  increments: readonly Source[],
): Promise<boolean> {
  const last = pending ?? settled;
  if (!last?.carriedKey || increments.length === 0) return false;
  const before = (await deps.runs.get({ ...run, runId: last.runId }))?.definition;
  return before !== undefined && increments.some(({ name }) => loadHash(before, name) !== loadHash(definition, name));
}
