// What the real engine wrote for a run, by content: for comparing a run with faults to one without.
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Run, RunInputs } from '../../shared/domain/run.ts';
import { openEngine } from '../../shared/matching/engine.ts';
import { readRecords } from '../../shared/matching/load/read-records.ts';
import { canonicalOutcome } from '../../shared/matching/match/canonical-outcome.ts';
import type { World } from './world.ts';

/** The SHA-256 of the canonical outcome: by record content, without row numbers, ids and times. */
export async function readDuckdbResults(world: World, run: Run): Promise<unknown> {
  const directory = join(tmpdir(), `tieout-results-${process.pid}-${world.deps.ids.uuid()}`);
  mkdirSync(directory, { recursive: true });
  const engine = await openEngine({ directory, memoryMb: 512, threads: 2 });
  let files = 0;
  const fetchAll = async (keys: string[]): Promise<string[]> => {
    const paths = [];
    for (const key of keys) {
      files += 1;
      const path = join(directory, `file-${files}.parquet`);
      if (!(await world.deps.objects.download(key, path))) throw new Error(`object ${key} is missing`);
      paths.push(path);
    }
    return paths;
  };
  try {
    const inputs = JSON.parse(new TextDecoder().decode(await world.deps.objects.get(run.inputsKey!))) as RunInputs;
    const definition = run.definition!;
    const sources = [];
    for (const { source, parts } of inputs.sources) {
      const paths = await fetchAll(parts.map((part) => part.key));
      sources.push(await readRecords(engine, { definition, source, paths }));
    }
    return await canonicalOutcome(engine, {
      definition,
      sources,
      matchesPaths: await fetchAll(run.results!.matchesKeys),
      breaksPaths: await fetchAll([run.results!.breaksKey]),
      outputPath: join(directory, 'outcome.ndjson'),
    });
  } finally {
    engine.close();
    rmSync(directory, { recursive: true, force: true });
  }
}
