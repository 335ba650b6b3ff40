// `tieout match --dedupe FILE`: which rows of one file are the same thing. Exit 0: none; 1: there are duplicates or rejected
// rows; 2: bad use.
import { join } from 'node:path';
import type { Definition } from '../../shared/domain/definition.ts';
import { fail, ok, type Result } from '../../shared/domain/result.ts';
import { type ChosenColumns, chooseColumns } from '../../shared/matching/dedupe/choose-columns.ts';
import { deduplicate } from '../../shared/matching/dedupe/deduplicate.ts';
import { describeFile, fileSource, loadOneFile, type OneFile } from '../../shared/matching/dedupe/load-one-file.ts';
import type { Engine } from '../../shared/matching/engine.ts';
import { type ExportFormat, exportRows } from '../../shared/matching/export/export-rows.ts';
import type { LinkField } from '../../shared/matching/linking/fields.ts';
import type { LoadedSource } from '../../shared/matching/records.ts';
import { identifier } from '../../shared/matching/sql.ts';
import { type LinkedPair, parseLinkedPair } from '../arguments/column-pair.ts';
import { type LinkingValues, readLinkingOptions } from '../arguments/linking.ts';
import { applyFieldSettings, applyInputSettings, type Settings } from '../arguments/settings.ts';
import { oneLine } from '../failures.ts';
import { openCommandEngine } from '../open-engine.ts';
import { showProgress } from '../progress.ts';
import { type DedupeSummary, dedupeSummary, readFirstClusters } from '../report/dedupe-summary.ts';
import { readableDuplicates } from '../report/readable-duplicates.ts';
import { readFirstRejects, rejectsRelation } from '../report/rejected-rows.ts';
import { openResultDirectory } from '../result-directory.ts';
import { UsageError } from '../usage-error.ts';
import type { Command, CommandOutput } from './command.ts';

export type DedupeValues = Settings & LinkingValues & { fuzzy?: string[]; json: boolean };

const firstClustersMax = 5;
const firstRejectsMax = 5;
/** Names of the columns that say where a row belongs: none of the file's may have them. */
const ownColumns = ['cluster', 'row', 'confidence'];

/** `path` is the file; the directory and the format are checked already. */
export async function dedupe(
  path: string,
  values: DedupeValues,
  { out, format }: { out: string; format: ExportFormat },
  onInterrupt: Parameters<Command>[1],
): Promise<Result<CommandOutput>> {
  const linked = (values.fuzzy ?? []).map(parseLinkedPair);
  refuseTwoFiles(linked);
  const linking = readLinkingOptions(values);
  const [source] = applyInputSettings([{ name: fileSource, anchor: true }], values);
  const directory = openResultDirectory(out, [path]);
  onInterrupt(directory.discard);
  const progress = showProgress();
  let opened: Promise<Engine> | undefined;
  try {
    progress.step('looking at the file');
    const described = await describeFile(path, source!.input, ownColumns);
    if (!described.ok) return described;
    const { repeated } = described.value;
    const known = findColumns(path, linked, described.value);
    if (!known.ok) return known;
    const definition = applyFieldSettings(asShown(described.value.definition, known.value), values);
    opened = openCommandEngine(directory.work, [path]);
    const engine = await opened;
    const loaded = await loadOneFile(engine, { definition, path, onProgress: ({ step }) => progress.step(step) });
    if (!loaded.ok) return loaded;
    const file = loaded.value.source;
    if (file.rows.records < 2)
      throw new UsageError(
        `${path} has ${file.rows.records === 0 ? 'no row' : 'one row'} that can be read: nothing can be there twice`,
      );
    const chosen = known.value.length > 0 ? { fields: known.value, leftOut: [] } : await chooseFields(engine, file);
    await refuseEmpty(engine, path, file, chosen.fields);
    progress.step('linking');
    const found = await deduplicate(engine, { source: file, fields: chosen.fields, ...linking });
    progress.step(`writing ${format}`);
    const made: { from: string; name: string }[] = [];
    const write = async (name: string, relation: string, orderBy: string[]) => {
      const result = `${name}.${format}`;
      const outputPath = join(directory.work, result);
      const rows = await exportRows(engine, { from: { relation }, format, outputPath, orderBy });
      made.push({ from: outputPath, name: result });
      return { file: result, rows };
    };
    const summary: DedupeSummary = dedupeSummary({
      path,
      file,
      found,
      leftOut: chosen.leftOut,
      firstClusters: await readFirstClusters(engine, found, firstClustersMax),
      firstRejects: await readFirstRejects(engine, [file], firstRejectsMax),
      results: {
        duplicates: await write('duplicates', found.duplicates, ['cluster', 'row']),
        pairs: await write('pairs', found.pairs, ['row', 'other_row']),
        rejects: await write('rejects', rejectsRelation([file]), ['line']),
      },
      notes: [
        ...repeated.map((column) => `${column} is in the header more than once: it is left out`),
        ...loaded.value.notes,
        ...found.notes,
      ],
      elapsedMs: performance.now(),
    });
    directory.publish(made, `${JSON.stringify(summary, null, 2)}\n`);
    progress.done();
    return ok({
      output: values.json ? `${JSON.stringify(summary)}\n` : readableDuplicates(summary, out),
      code: summary.clusters === 0 && summary.rejected === 0 ? 0 : 1,
    });
  } finally {
    progress.done();
    await opened?.catch(() => {});
    directory.discard();
  }
}

function refuseTwoFiles(linked: LinkedPair[]): void {
  for (const [index, { left, right }] of linked.entries()) {
    if (left !== right)
      throw new UsageError(`--fuzzy ${left}=${right}: there is one file; write \\= for one that is in a name`);
    if (linked.findIndex((one) => one.left === left) < index) throw new UsageError(`--fuzzy ${left} is given twice`);
  }
}

/** The fields of the columns that were named. */
function findColumns(
  path: string,
  linked: LinkedPair[],
  { columns, repeated }: Pick<OneFile, 'columns' | 'repeated'>,
): Result<LinkField[]> {
  const fields: LinkField[] = [];
  for (const { left, as } of linked) {
    const found = columns.find(({ column }) => column === left);
    if (repeated.includes(left))
      return fail('COLUMN_DUPLICATED', oneLine(`${path} has more than one column "${left}"`));
    if (!found) {
      const names = columns.map(({ column }) => `"${column}"`).join(', ');
      return fail('COLUMN_MISSING', oneLine(`${path} has no column "${left}"; it has ${names}`));
    }
    fields.push({ name: found.field, ...(as && { kind: as }) });
  }
  return ok(fields);
}

/** What records are not linked by is shown as it is written, and cannot be the reason to reject a row. */
function asShown(definition: Definition, linked: LinkField[]): Definition {
  if (linked.length === 0) return definition;
  const fields = definition.fields.map((field) =>
    linked.some(({ name }) => name === field.name) ? field : { ...field, role: 'DISPLAY' as const },
  );
  return { ...definition, fields };
}

async function chooseFields(
  engine: Engine,
  file: LoadedSource,
): Promise<{ fields: LinkField[]; leftOut: ChosenColumns['leftOut'] }> {
  const { fields, leftOut } = await chooseColumns(engine, file);
  if (fields.length > 0) return { fields: fields.map((name) => ({ name })), leftOut };
  const why = leftOut.map((one) => `${one.field}: ${one.why}`).join('; ');
  throw new UsageError(`no column says which rows are the same (${why}); name those to look at with --fuzzy`);
}

async function refuseEmpty(engine: Engine, path: string, file: LoadedSource, fields: LinkField[]): Promise<void> {
  const names = fields.map(({ name }) => identifier(name));
  const [some] = await engine.rows(
    `SELECT 1 FROM ${file.relation} WHERE ${names.map((name) => `trim(${name}::VARCHAR) <> ''`).join(' OR ')} LIMIT 1`,
  );
  if (!some) throw new UsageError(`${path}: no row has a value in ${fields.map(({ name }) => name).join(', ')}`);
}
