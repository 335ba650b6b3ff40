// The pipeline's functions in this process, one call at a time, as a worker makes them: each in a directory of its own
// with its inputs in it, under the limits of a deployed function. There is no store: nothing is sent or fetched.
import { linkSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { engineMemoryMb, engineThreads, outsideEngineMb } from '../infra/functions.ts';
import { createDuckdbEngine } from '../shared/app/duckdb-engine.ts';
import type { LoadedBatch, MatchedChunk, PipelineEngine } from '../shared/app/pipeline-engine.ts';
import type { Definition } from '../shared/domain/definition.ts';
import type { Result } from '../shared/domain/result.ts';

export const engineLimits = { memoryMb: engineMemoryMb - outsideEngineMb, threads: engineThreads };

/** `cpuMs`: of all cores together. `diskBytes`: inputs and results that lie in the step's directory when it has ended. */
export type Step = { ms: number; cpuMs: number; diskBytes: number };
export type Done<T> = Step & { value: T };

/** `fetch` puts a file into the step's own directory, the only one that its engine may read, and gives its path there. */
export type StepWork<T> = (engine: PipelineEngine, directory: string, fetch: (path: string) => string) => Promise<T>;
export type Steps = <T>(work: StepWork<T>) => Promise<Done<T>>;

/** What steps leave stays in `directory`, which is emptied first. */
export function openSteps(directory: string): Steps {
  rmSync(directory, { recursive: true, force: true });
  const engine = createDuckdbEngine(engineLimits);
  let count = 0;
  return async (work) => {
    count += 1;
    const own = join(directory, `step-${count}`);
    mkdirSync(own, { recursive: true });
    let fetched = 0;
    const fetch = (path: string): string => {
      fetched += 1;
      const to = join(own, `fetched-${fetched}`);
      // A link takes no time, so that it may be made within the time that is measured.
      linkSync(path, to);
      return to;
    };
    const [cpuBefore, before] = [process.cpuUsage(), performance.now()];
    const value = await work(engine, own, fetch);
    const ms = performance.now() - before;
    const { user, system } = process.cpuUsage(cpuBefore);
    return { value, ms, cpuMs: (user + system) / 1_000, diskBytes: bytesIn(own) };
  };
}

export function loadStep(
  steps: Steps,
  definition: Definition,
  batch: { source: string; path: string; batchNumber: number },
): Promise<Done<LoadedBatch>> {
  return steps(async (engine, directory, fetch) =>
    expectOk(
      await engine.load({
        ...{ directory, definition, fileName: 'input.csv', readings: undefined },
        ...batch,
        path: fetch(batch.path),
      }),
    ),
  );
}

/** The first run when there is no ledger yet. */
export function compareStep(
  steps: Steps,
  of: { breaksPaths: string[]; ledgerPath: string | undefined; breaksOpened: number; breakItemsMax: number },
) {
  return steps((engine, directory, fetch) =>
    engine.compare({
      directory,
      ...of,
      openedAt: 0,
      breaksPaths: of.breaksPaths.map(fetch),
      ledgerPath: of.ledgerPath && fetch(of.ledgerPath),
      closedAmong: async () => new Set(),
    }),
  );
}

export function matchStep(
  steps: Steps,
  definition: Definition,
  of: {
    records: { source: string; paths: string[] }[];
    carry: 'nothing' | 'open';
    verdicts?: string[][];
  },
): Promise<Done<MatchedChunk>> {
  const carry =
    of.carry === 'open'
      ? { what: 'open' as const, sources: definition.sources.map(({ name }) => name) }
      : { what: 'nothing' as const, sources: [] };
  return steps(async (engine, directory, fetch) =>
    expectOk(
      await engine.match({
        directory,
        definition,
        records: of.records.map(({ source, paths }) => ({ source, paths: paths.map(fetch) })),
        carry,
        ...(of.verdicts && { verdicts: of.verdicts.map((paths) => paths.map(fetch)) }),
      }),
    ),
  );
}

export function expectOk<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`${result.code}: ${result.detail}`);
  return result.value;
}

function bytesIn(directory: string): number {
  const files = readdirSync(directory, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  return files.reduce((bytes, file) => bytes + statSync(join(file.parentPath, file.name)).size, 0);
}
