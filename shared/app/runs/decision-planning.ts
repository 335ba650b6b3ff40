// What planning with decisions goes by, and the objects that it fetches.
import { join } from 'node:path';
import type { Apart, Decision, Together } from '../../domain/decision.ts';
import type { Definition } from '../../domain/definition.ts';
import type { Feed } from '../../domain/feed.ts';
import type { Run, RunDecisions, SourceInputs } from '../../domain/run.ts';
import type { Deps } from '../deps.ts';
import { fetchObject } from '../fetch-object.ts';
import type { Picked } from '../pipeline-engine.ts';

export type Approved = Decision & { order: number };
export type Made<Kind extends Together | Apart> = Approved & { subject: Kind };

export type Planning = {
  deps: Deps;
  run: Run;
  definition: Definition;
  directory: string;
  feed: Feed;
  prefix: string;
  sources: SourceInputs[];
  /** Numbers of the batches that the run takes, of all sources. */
  claimed: Set<number>;
  /** What matched is carried no more, so what is undone has to be brought back. */
  openOnly: boolean;
  before: RunDecisions | undefined;
  fetched: Map<string, string>;
};

/** Records that come back, per source. */
export type Returned = Record<string, Picked & { key: string }>;

export async function carriedPaths(planning: Planning, index: number): Promise<string[]> {
  const keys = planning.sources[index]!.parts.filter((part) => part.batch === undefined).map((part) => part.key);
  const paths: string[] = [];
  for (const key of keys) paths.push(await fetched(planning, key));
  return paths;
}

/** Each object once, whoever asks for it. */
export async function fetched({ deps, directory, fetched: known }: Planning, key: string): Promise<string> {
  const path = known.get(key) ?? join(directory, `decided-${known.size}.parquet`);
  if (!known.has(key)) {
    await fetchObject(deps, key, path);
    known.set(key, path);
  }
  return path;
}

/** A sentence for the run's notes. */
export function aside(decisions: Decision[], why: string): string {
  const numbers = decisions.map(({ number }) => number);
  const shown = numbers.slice(0, numbersShownMax).join(', ');
  const more = numbers.length > numbersShownMax ? ` and ${numbers.length - numbersShownMax} more` : '';
  return `Left aside: decision ${shown}${more}; ${why}`;
}
const numbersShownMax = 20;
