// Matches what the chunks of a run left open, together: the passes after the exact key look beyond the key that the
// chunks were made by. One task, because what stays open is a small part of a run.
import { join } from 'node:path';
import { anchorOf, legsOf } from '../../domain/definition.ts';
import { ok } from '../../domain/result.ts';
import { fetchObject } from '../fetch-object.ts';
import { chunkResults } from './chunk-results.ts';
import { carryOf, decisionsOf, learnedBefore, searchedBefore, storeChunk } from './match-chunk.ts';
import type { TaskWork } from './run-task.ts';

export const matchResidue: TaskWork = async (deps, run, task, directory) => {
  const definition = run.definition!;
  const chunks = await chunkResults(deps, run, 'match');
  const records = [anchorOf(definition), ...legsOf(definition)].map(({ name }) => ({
    source: name,
    paths: [] as string[],
  }));
  const verdicts = legsOf(definition).map((): string[] => []);
  for (const [number, { open }] of chunks.entries())
    for (const [index, { recordsKey, verdictsKey }] of open!.entries()) {
      const path = (name: string) => join(directory, `${name}-${number}-${index}.parquet`);
      records[index]!.paths.push(await fetchObject(deps, recordsKey, path('open')));
      // The anchor is the first, and has no verdicts of its own.
      if (verdictsKey !== undefined) verdicts[index - 1]!.push(await fetchObject(deps, verdictsKey, path('verdicts')));
    }
  const carry = carryOf(run);
  const matched = await deps.engine.match({
    directory,
    definition,
    records,
    verdicts,
    ...(await decisionsOf(deps, run, directory)),
    ...(await learnedBefore(deps, run)),
    ...(await searchedBefore(deps, run, directory)),
    carry: carry.what === 'open' ? carry : { what: 'nothing', sources: [] },
  });
  return matched.ok ? ok({ resultKey: await storeChunk(deps, task, matched.value) }) : matched;
};
