// Loads, matches and writes the results of one definition and its files. Used by `match`; prints nothing itself.
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Definition } from '../../shared/domain/definition.ts';
import { ok, type Result } from '../../shared/domain/result.ts';
import type { Engine } from '../../shared/matching/engine.ts';
import { type ExportFormat, exportRows } from '../../shared/matching/export/export-rows.ts';
import { loadSources } from '../../shared/matching/load/load-sources.ts';
import { matchSources } from '../../shared/matching/match/match-sources.ts';
import { valueColumn } from '../../shared/matching/match/value-column.ts';
import { type LoadedSource, rowColumn } from '../../shared/matching/records.ts';
import { identifier, literal } from '../../shared/matching/sql.ts';
import type { Progress } from '../progress.ts';
import { readFirstRejects, rejectsRelation } from '../report/rejected-rows.ts';
import { fuzzyPasses, type Outcome, readFirstBreaks } from '../report/run-summary.ts';

const firstBreaksMax = 10;
const firstRejectsMax = 5;

export type RunRequest = {
  definition: Definition;
  files: Record<string, { path: string }>;
  format: ExportFormat;
  /** Where the files are made; the caller moves them. */
  work: string;
  progress: Progress;
};

export type Ran = Omit<Outcome, 'notes'> & { made: { from: string; name: string }[] };

export async function runMatch(engine: Engine, request: RunRequest): Promise<Result<Ran>> {
  const { definition, files, format, work, progress } = request;
  const loaded = await loadSources(engine, {
    definition,
    files,
    onProgress: ({ source, step }) => progress.step(`${source}: ${step}`),
  });
  if (!loaded.ok) return loaded;
  const matched = await matchSources(engine, {
    definition,
    sources: loaded.value,
    directory: join(work, 'matched'),
    onProgress: ({ stage, pass }) => progress.step(pass ?? stage),
  });
  if (!matched.ok) return matched;
  progress.step(`writing ${format}`);
  const { matchesPath, breaksPath, summary } = matched.value;
  const firstBreaks = await readFirstBreaks(engine, { definition, breaksPath }, firstBreaksMax);
  const firstRejects = await readFirstRejects(engine, loaded.value, firstRejectsMax);
  const made: Ran['made'] = [];
  const write = async (
    name: string,
    from: string[] | { relation: string },
    orderBy: string[],
  ): Promise<{ file: string; rows: number }> => {
    const file = `${name}.${format}`;
    const outputPath = join(work, file);
    // Parquet is what matching writes: it is moved as it is.
    const asItIs = format === 'parquet' && Array.isArray(from) && from.length === 1 && existsSync(from[0]!);
    const rows = asItIs
      ? await countRows(engine, from[0]!)
      : await exportRows(engine, { from, format, outputPath, orderBy });
    made.push({ from: asItIs ? from[0]! : outputPath, name: file });
    return { file, rows };
  };
  const results = {
    matches: await write('matches', ...matchesOf(definition, loaded.value, matchesPath)),
    breaks: await write('breaks', [breaksPath], ['key', 'occurrence', 'source']),
    rejects: await write('rejects', { relation: rejectsRelation(loaded.value) }, ['source', 'line']),
  };
  const settled = settledDefinition(definition, loaded.value);
  await writeFile(join(work, 'definition.json'), `${JSON.stringify(settled, null, 2)}\n`);
  made.push({ from: join(work, 'definition.json'), name: 'definition.json' });
  return ok({ definition: settled, files, loaded: loaded.value, summary, firstBreaks, firstRejects, results, made });
}

/** What was linked by its values is shown with them, in the order of the rows; with several legs a row of values has no one layout. */
function matchesOf(
  definition: Definition,
  [left, right, ...further]: LoadedSource[],
  path: string,
): [from: string[] | { relation: string }, orderBy: string[]] {
  const passes = fuzzyPasses(definition);
  if (passes.length === 0 || !left || !right || further.length > 0) return [[path], []];
  const fields = [...new Set(passes.flatMap(({ pass }) => pass.fields.map(({ field }) => field)))];
  const values = fields.flatMap((field) =>
    (['left', 'right'] as const).map(
      (side) => `${side[0]}.${identifier(field)} AS ${identifier(valueColumn(side, field))}`,
    ),
  );
  const row = identifier(rowColumn);
  const relation = `(SELECT m.* EXCLUDE (evidence), ${values.join(', ')}, m.evidence FROM read_parquet(${literal(path)}) m
    LEFT JOIN ${left.relation} l ON l.${row} = m.left_row LEFT JOIN ${right.relation} r ON r.${row} = m.right_row)`;
  return [{ relation }, ['left_row', 'right_row']];
}

async function countRows(engine: Engine, path: string): Promise<number> {
  const [row] = await engine.rows<{ n: string }>(`SELECT count(*) AS n FROM read_parquet(${literal(path)})`);
  return Number(row?.n ?? 0);
}

/** The definition with the types and readings that were decided, so that it reads the next files the same way. */
export function settledDefinition(definition: Definition, loaded: LoadedSource[]): Definition {
  const settled = structuredClone(definition);
  for (const field of settled.fields)
    for (const source of loaded) {
      const decided = source.readings[field.name];
      if (!decided) continue;
      const { type, ...reading } = decided;
      if (field.role !== 'KEY' || type !== 'text') field.type ??= type;
      if (Object.keys(reading).length > 0)
        field.reading = { ...field.reading, [source.source]: { ...reading, ...field.reading?.[source.source] } };
    }
  return settled;
}
