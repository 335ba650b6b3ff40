// `tieout match`: compares the files and answers for every row. Exit 0: all agree; 1: breaks or rejects; 2: bad use.
// With --dedupe it looks at one file instead (dedupe.ts).
import { ok, type Result } from '../../shared/domain/result.ts';
import type { Engine } from '../../shared/matching/engine.ts';
import { exportFormats } from '../../shared/matching/export/export-rows.ts';
import { parseComparedPair, parseKeyPair, parseLinkedPair } from '../arguments/column-pair.ts';
import { linkingOptions, readLinkingOptions } from '../arguments/linking.ts';
import { applyFieldSettings, applyInputSettings, settingOptions } from '../arguments/settings.ts';
import { definitionFromOptions, type MadeDefinition } from '../definition-from-options.ts';
import { openCommandEngine } from '../open-engine.ts';
import { readOptions } from '../options.ts';
import { showProgress } from '../progress.ts';
import { readableSummary } from '../report/readable-summary.ts';
import { type RunSummary, runSummary } from '../report/run-summary.ts';
import { openResultDirectory } from '../result-directory.ts';
import { UsageError } from '../usage-error.ts';
import type { Command } from './command.ts';
import { dedupe } from './dedupe.ts';
import { checked, filesFor, readDefinition } from './given-files.ts';
import { runMatch } from './run-match.ts';

const options = {
  key: { type: 'string', multiple: true },
  compare: { type: 'string', multiple: true },
  currency: { type: 'string' },
  fuzzy: { type: 'string', multiple: true },
  ...linkingOptions,
  dedupe: { type: 'string' },
  definition: { type: 'string' },
  file: { type: 'string', multiple: true },
  ...settingOptions,
  out: { type: 'string' },
  format: { type: 'string', default: 'csv' },
  json: { type: 'boolean', default: false },
} as const;

export const match: Command = async (words, onInterrupt) => {
  const { values, positionals } = readOptions(words, options);
  const format = exportFormats.find((known) => known === values.format);
  if (!format) throw new UsageError(`--format ${values.format}: one of ${exportFormats.join(', ')}`);
  if (values.out === undefined) throw new UsageError('--out DIR is missing: it says where the results go');
  if (values.dedupe !== undefined) {
    if (positionals.length > 0) throw new UsageError(`--dedupe takes one file, its own: ${positionals[0]} is not read`);
    refuseGiven(
      values,
      ['key', 'compare', 'currency', 'definition', 'file'],
      'does not go with --dedupe, which looks at one file',
    );
    return dedupe(values.dedupe, values, { out: values.out, format }, onInterrupt);
  }
  const request = await readRequest(values, positionals);
  if (!request.ok) return request;
  const { files } = request.value;

  const inputs = Object.values(files).map((file) => file.path);
  const directory = openResultDirectory(values.out, inputs);
  onInterrupt(directory.discard);
  const progress = showProgress();
  let opened: Promise<Engine> | undefined;
  try {
    const engine = () => (opened ??= openCommandEngine(directory.work, inputs));
    // Opening takes as long as looking at the files: both at once.
    void engine().catch(() => {});
    progress.step('looking at the files');
    const made = await request.value.define(engine);
    if (!made.ok) return made;
    const { definition, notes } = made.value;
    const ran = await runMatch(await engine(), { definition, files, format, work: directory.work, progress });
    if (!ran.ok) return ran;
    const summary = runSummary({ ...ran.value, notes }, performance.now());
    directory.publish(ran.value.made, `${JSON.stringify(summary, null, 2)}\n`);
    progress.done();
    return ok({
      output: values.json ? `${JSON.stringify(summary)}\n` : readableSummary(summary, values.out),
      code: exitCode(summary),
    });
  } finally {
    progress.done();
    // An engine that is still being opened would make its directory again.
    await opened?.catch(() => {});
    directory.discard();
  }
};

function exitCode(summary: RunSummary): 0 | 1 {
  return summary.agrees ? 0 : 1;
}

type Values = ReturnType<typeof readOptions<typeof options>>['values'];
type MatchRequest = {
  files: Record<string, { path: string }>;
  define: (engine: () => Promise<Engine>) => Promise<Result<MadeDefinition>>;
};

async function readRequest(values: Values, positionals: string[]): Promise<Result<MatchRequest>> {
  if (values.definition !== undefined) return requestFromDefinition(values.definition, values, positionals);
  const sources = applyInputSettings([{ name: 'left', anchor: true }, { name: 'right' }], values);
  const files = filesFor(['left', 'right'], positionals, values.file ?? []);
  const keys = (values.key ?? []).map(parseKeyPair);
  const compares = (values.compare ?? []).map((text) => parseComparedPair('--compare', text));
  const linked = (values.fuzzy ?? []).map(parseLinkedPair);
  const linking = readLinkingOptions(values);
  if (linked.length === 0)
    refuseGiven(
      values,
      linkingNames,
      'goes with --fuzzy, or --dedupe: it is about records that are linked without a key',
    );
  return ok({
    files,
    define: async (engine) => {
      const made = await definitionFromOptions(engine, {
        left: files.left!.path,
        right: files.right!.path,
        sources,
        keys,
        compares,
        linked,
        linking,
        ...(values.currency !== undefined && { currency: values.currency }),
      });
      if (!made.ok) return made;
      const definition = checked('these options', applyFieldSettings(made.value.definition, values));
      return definition.ok ? ok({ ...made.value, definition: definition.value }) : definition;
    },
  });
}

const linkingNames = Object.keys(linkingOptions) as (keyof typeof linkingOptions)[];

function refuseGiven(values: Values, options: (keyof Values)[], why: string): void {
  for (const option of options) if (values[option] !== undefined) throw new UsageError(`--${option} ${why}`);
}

async function requestFromDefinition(
  path: string,
  values: Values,
  positionals: string[],
): Promise<Result<MatchRequest>> {
  refuseGiven(
    values,
    ['key', 'compare', 'currency', 'fuzzy', ...linkingNames],
    'cannot be given with --definition: change the definition',
  );
  const read = await readDefinition(path);
  if (!read.ok) return read;
  const sources = applyInputSettings(read.value.sources, values);
  const definition = checked(path, applyFieldSettings({ ...read.value, sources }, values));
  if (!definition.ok) return definition;
  const names = sources.map((source) => source.name);
  return ok({
    files: filesFor(names, positionals, values.file ?? []),
    define: async () => ok({ definition: definition.value, notes: [] }),
  });
}
