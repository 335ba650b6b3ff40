// `tieout explain`: one key's way through a comparison: its records, how they were paired, how each field compared.
// Loads and matches the files again, which is exact and takes a second per million rows; changes no result.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Definition } from '../../shared/domain/definition.ts';
import { fail, ok, type Result } from '../../shared/domain/result.ts';
import { loadSources } from '../../shared/matching/load/load-sources.ts';
import { explainKey } from '../../shared/matching/match/explain-key.ts';
import { matchSources } from '../../shared/matching/match/match-sources.ts';
import { openCommandEngine } from '../open-engine.ts';
import { readOptions } from '../options.ts';
import { showProgress } from '../progress.ts';
import { readableExplanation } from '../report/readable-explanation.ts';
import type { RunSummary } from '../report/run-summary.ts';
import { UsageError } from '../usage-error.ts';
import type { Command } from './command.ts';
import { filesFor, readDefinition } from './given-files.ts';

const options = {
  results: { type: 'string' },
  definition: { type: 'string' },
  file: { type: 'string', multiple: true },
  json: { type: 'boolean', default: false },
} as const;

export const explain: Command = async (words, onInterrupt) => {
  const { values, positionals: key } = readOptions(words, options);
  if (key.length === 0)
    throw new UsageError('give the key, one word for each of its fields: tieout explain KEY --results DIR');
  if ((values.results === undefined) === (values.definition === undefined))
    throw new UsageError('give --results DIR of a comparison, or --definition FILE with --file SOURCE=PATH');
  if (values.results !== undefined && values.file)
    throw new UsageError('--file goes with --definition; --results knows its files');
  const asked = await (values.results !== undefined
    ? fromResults(values.results)
    : fromDefinition(values.definition!, values.file ?? []));
  if (!asked.ok) return asked;
  const { definition, files, notes } = asked.value;
  const keyFields = definition.fields.filter((field) => field.role === 'KEY').map((field) => field.name);
  if (key.length !== keyFields.length)
    throw new UsageError(
      `the key has ${keyFields.length} ${keyFields.length === 1 ? 'field' : 'fields'} (${keyFields.join(', ')}), ${key.length} given`,
    );

  const work = mkdtempSync(join(tmpdir(), 'tieout-'));
  const clean = () => rmSync(work, { recursive: true, force: true });
  onInterrupt(clean);
  const progress = showProgress();
  try {
    progress.step('loading');
    const engine = await openCommandEngine(
      work,
      Object.values(files).map((file) => file.path),
    );
    const loaded = await loadSources(engine, { definition, files });
    if (!loaded.ok) return loaded;
    progress.step('matching');
    const matched = await matchSources(engine, { definition, sources: loaded.value, directory: join(work, 'matched') });
    if (!matched.ok) return matched;
    const explained = await explainKey(engine, {
      definition,
      sources: loaded.value,
      matchesPaths: [matched.value.matchesPath],
      breaksPaths: [matched.value.breaksPath],
      key,
    });
    if (explained.records.length === 0) {
      const rejected = loaded.value.reduce((sum, source) => sum + source.rows.rejected, 0);
      const where = rejected > 0 ? `; ${rejected} rows were rejected and may hold it, see the rejects` : '';
      return fail('NOT_FOUND', `No record of any source has the key ${key.join(' | ')}${where}`);
    }
    return ok({
      output: values.json ? `${JSON.stringify(explained)}\n` : readableExplanation(explained, keyFields),
      notes,
      code: explained.breaks.length === 0 ? 0 : 1,
    });
  } finally {
    progress.done();
    clean();
  }
};

type Asked = { definition: Definition; files: Record<string, { path: string }>; notes: string[] };

async function fromDefinition(path: string, named: string[]): Promise<Result<Asked>> {
  const definition = await readDefinition(path);
  if (!definition.ok) return definition;
  const names = definition.value.sources.map((source) => source.name);
  return ok({ definition: definition.value, files: filesFor(names, [], named), notes: [] });
}

/** The definition and the files that a comparison left in its result directory. */
async function fromResults(directory: string): Promise<Result<Asked>> {
  const summaryPath = join(directory, 'summary.json');
  let sides: RunSummary['left'][];
  try {
    const { left, right, further } = JSON.parse(readFileSync(summaryPath, 'utf8')) as RunSummary;
    sides = [left, right, ...further];
  } catch {
    throw new UsageError(`--results ${directory}: no finished comparison is there (summary.json)`);
  }
  const definition = await readDefinition(join(directory, 'definition.json'));
  if (!definition.ok) return definition;
  const written = statSync(summaryPath).mtimeMs;
  const notes = sides
    .filter((side) => (statSync(side.file, { throwIfNoEntry: false })?.mtimeMs ?? 0) > written)
    .map((side) => `${side.file} has changed since: this explains it as it is now`);
  return ok({
    definition: definition.value,
    files: Object.fromEntries(sides.map((side) => [side.source, { path: side.file }])),
    notes,
  });
}
