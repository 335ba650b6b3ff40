// `tieout explain`: the way of a key, or of one row, through a comparison: records, how they were paired, how each field compared.
// Loads and matches the files again, which is exact and takes a second per million rows; changes no result.
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anchorOf, type Definition } from '../../shared/domain/definition.ts';
import { fail, ok, type Result } from '../../shared/domain/result.ts';
import { loadSources } from '../../shared/matching/load/load-sources.ts';
import { explainKey } from '../../shared/matching/match/explain-key.ts';
import { matchSources } from '../../shared/matching/match/match-sources.ts';
import { splitEscaped, unescapeName } from '../arguments/split-escaped.ts';
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
  row: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

export const explain: Command = async (words, onInterrupt) => {
  const { values, positionals: key } = readOptions(words, options);
  if (key.length === 0 && values.row === undefined)
    throw new UsageError('give the key, one word for each of its fields, or --row N: tieout explain KEY --results DIR');
  if (key.length > 0 && values.row !== undefined)
    throw new UsageError('give the key or --row, not both: either names the record');
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
  const anchor = anchorOf(definition).name;
  const record = values.row === undefined ? undefined : readRow(definition, values.row);
  if (!record) checkKey(key, keyFields);

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
      ...(record ? { record } : { key }),
    });
    if (explained.records.length === 0) {
      const rejected = loaded.value.reduce((sum, source) => sum + source.rows.rejected, 0);
      const where = rejected > 0 ? `; ${rejected} rows were rejected and may hold it, see the rejects` : '';
      const what = record
        ? `${record.source} has no record in row ${record.row}`
        : `No record of any source has the key ${key.join(' | ')}`;
      return fail('NOT_FOUND', `${what}${where}`);
    }
    return ok({
      output: values.json ? `${JSON.stringify(explained)}\n` : readableExplanation(explained, { keyFields, anchor }),
      notes,
      code: explained.breaks.length === 0 ? 0 : 1,
    });
  } finally {
    progress.done();
    clean();
  }
};

/** `N` of the anchor, `SOURCE=N` of another. */
function readRow(definition: Definition, text: string): { source: string; row: number } {
  const parts = splitEscaped(text, '=', 2);
  const source = parts.length === 1 ? anchorOf(definition).name : unescapeName(parts[0]!);
  const number = parts.at(-1)!;
  if (!/^[1-9]\d{0,14}$/.test(number))
    throw new UsageError(`--row ${text}: a row is a whole number from 1, or SOURCE=N`);
  const known = definition.sources.map(({ name }) => name);
  if (!known.includes(source))
    throw new UsageError(`--row ${text}: no source '${source}'; there is ${known.join(', ')}`);
  return { source, row: Number(number) };
}

function checkKey(key: string[], keyFields: string[]): void {
  if (keyFields.length === 0)
    throw new UsageError('the records were linked without a key: name one by its row, --row N or --row SOURCE=N');
  if (key.length !== keyFields.length)
    throw new UsageError(
      `the key has ${keyFields.length} ${keyFields.length === 1 ? 'field' : 'fields'} (${keyFields.join(', ')}), ${key.length} given`,
    );
}

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
