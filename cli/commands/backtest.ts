// `tieout backtest`: what a changed definition would do to the matches of the same files, before it is put to use.
// Exit 0: nothing is lost or changed, or no more than is allowed; 1: something is; 2: bad use.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Definition } from '../../shared/domain/definition.ts';
import { ok } from '../../shared/domain/result.ts';
import { type Backtest, backtest as runBacktest } from '../../shared/matching/backtest/backtest.ts';
import { changesOrder, changesSql, gainedSql } from '../../shared/matching/backtest/changes.ts';
import type { Engine } from '../../shared/matching/engine.ts';
import { type ExportFormat, exportFormats, exportRows } from '../../shared/matching/export/export-rows.ts';
import { openCommandEngine } from '../open-engine.ts';
import { readOptions } from '../options.ts';
import { showProgress } from '../progress.ts';
import { type BacktestReport, backtestReport, changed, harmful } from '../report/backtest-report.ts';
import { readableBacktest } from '../report/readable-backtest.ts';
import { openResultDirectory, type ResultFiles } from '../result-directory.ts';
import { UsageError } from '../usage-error.ts';
import type { Command } from './command.ts';
import { filesFor, readDefinition } from './given-files.ts';

const options = {
  on: { type: 'string', multiple: true },
  file: { type: 'string', multiple: true },
  confirmed: { type: 'string' },
  'allow-lost': { type: 'string', default: '0' },
  out: { type: 'string' },
  format: { type: 'string', default: 'csv' },
  json: { type: 'boolean', default: false },
} as const;

const own: ResultFiles = {
  summary: 'backtest.json',
  results: /^(?:gained|lost|changed|confirmed-lost)\.(?:csv|json|parquet|xlsx)$/,
};

export const backtest: Command = async (words, onInterrupt) => {
  const { values, positionals } = readOptions(words, options);
  const [oldFile, newFile, ...inOrder] = positionals;
  if (oldFile === undefined || newFile === undefined)
    throw new UsageError('give two definitions and the files: tieout backtest OLD NEW LEFT RIGHT');
  if (values.on && inOrder.length > 0)
    throw new UsageError('give the files after the definitions or with --on, not both');
  const format = exportFormats.find((known) => known === values.format);
  if (!format) throw new UsageError(`--format ${values.format}: one of ${exportFormats.join(', ')}`);
  const allowLost = allowed(values['allow-lost']);
  const old = await readDefinition(oldFile);
  if (!old.ok) return old;
  const next = await readDefinition(newFile);
  if (!next.ok) return next;
  const files = filesOf(old.value, next.value, values.on ?? inOrder, values.file ?? []);

  const paths = Object.values(files).map((file) => file.path);
  const inputs = values.confirmed === undefined ? paths : [...paths, values.confirmed];
  const directory = openDirectory(values.out, inputs);
  onInterrupt(directory.discard);
  const progress = showProgress();
  try {
    const engine = await openCommandEngine(directory.work, inputs);
    const tested = await runBacktest(engine, {
      old: old.value,
      next: next.value,
      files,
      ...(values.confirmed !== undefined && { confirmedPath: values.confirmed }),
      onProgress: progress.step,
    });
    if (!tested.ok) return tested;
    progress.step('writing');
    const results = values.out === undefined ? null : await writeChanges(engine, tested.value, format, directory.work);
    const found = await backtestReport(engine, {
      tested: tested.value,
      oldFile,
      newFile,
      files,
      ...(values.confirmed !== undefined && { confirmedFile: values.confirmed }),
      allowLost,
      results,
    });
    const report: BacktestReport = { ...found, elapsedMs: Math.round(performance.now()) };
    directory.publish(
      Object.values(results ?? {}).map(({ file }) => ({ from: join(directory.work, file), name: file })),
      `${JSON.stringify(report, null, 2)}\n`,
    );
    progress.done();
    return ok({
      output: values.json ? `${JSON.stringify(report)}\n` : readableBacktest(report, values.out),
      code: report.holds ? 0 : 1,
    });
  } finally {
    progress.done();
    directory.discard();
  }
};

/** The files in the order of the sources, where both definitions have one order; else by name. */
function filesOf(
  old: Definition,
  next: Definition,
  inOrder: string[],
  named: string[],
): Record<string, { path: string }> {
  const [names, others] = [old, next].map((definition) => definition.sources.map((source) => source.name)) as [
    string[],
    string[],
  ];
  const sameNames = [...names].sort().join('\n') === [...others].sort().join('\n');
  if (inOrder.length > 0 && sameNames && names.join('\n') !== others.join('\n'))
    throw new UsageError(
      `OLD has its sources in the order ${names.join(', ')} and NEW ${others.join(', ')}: give the files with --file SOURCE=PATH`,
    );
  return filesFor(names, inOrder, named);
}

function allowed(text: string): number | 'all' {
  if (text === 'all') return 'all';
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`--allow-lost ${text}: a whole number, or all`);
  return Number(text);
}

type Directory = Pick<ReturnType<typeof openResultDirectory>, 'work' | 'publish' | 'discard'>;

function openDirectory(out: string | undefined, inputs: string[]): Directory {
  if (out !== undefined) return openResultDirectory(out, inputs, own);
  const work = mkdtempSync(join(tmpdir(), 'tieout-'));
  return { work, publish: () => {}, discard: () => rmSync(work, { recursive: true, force: true }) };
}

async function writeChanges(
  engine: Engine,
  { changes, confirmed }: Backtest,
  format: ExportFormat,
  work: string,
): Promise<NonNullable<BacktestReport['results']>> {
  const relations = {
    gained: gainedSql(changes),
    lost: changesSql(changes, ['lost']),
    changed: changesSql(changes, [...changed]),
    ...(confirmed && { 'confirmed-lost': changesSql(confirmed.changes, [...harmful]) }),
  };
  const written: NonNullable<BacktestReport['results']> = {};
  for (const [name, relation] of Object.entries(relations)) {
    const file = `${name}.${format}`;
    const rows = await exportRows(engine, {
      from: { relation },
      format,
      outputPath: join(work, file),
      orderBy: changesOrder,
    });
    written[name] = { file, rows };
  }
  return written;
}
