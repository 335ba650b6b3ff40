// `tieout generate`: two files of the same transactions with known differences, and the counts a comparison must find.
import { ok } from '../../shared/domain/result.ts';
import { differingPpm, generateFiles } from '../generate/generate-files.ts';
import { openGeneratedDirectory } from '../generate/generated-directory.ts';
import { openCommandEngine } from '../open-engine.ts';
import { readOptions } from '../options.ts';
import { showProgress } from '../progress.ts';
import { UsageError } from '../usage-error.ts';
import type { Command } from './command.ts';

const options = {
  rows: { type: 'string' },
  seed: { type: 'string', default: '1' },
  out: { type: 'string' },
  breaks: { type: 'string', default: '1%' },
  duplicates: { type: 'string', default: '0%' },
} as const;

/** Numbers in the rows have ten digits for the transaction. */
const rowsMax = 1_000_000_000;

export const generate: Command = async (words, onInterrupt) => {
  const { values, positionals } = readOptions(words, options);
  if (positionals.length > 0) throw new UsageError(`generate takes no files: ${positionals[0]}`);
  if (values.out === undefined) throw new UsageError('--out DIR is missing: it says where the files go');
  const rows = wholeNumber('--rows', values.rows ?? '', rowsMax);
  if (rows === 0) throw new UsageError('--rows 0: at least one row');
  const seed = wholeNumber('--seed', values.seed, Number.MAX_SAFE_INTEGER);
  const shares = {
    breaksPpm: perMillion('--breaks', values.breaks),
    duplicatesPpm: perMillion('--duplicates', values.duplicates),
  };
  if (differingPpm(shares) > 1_000_000)
    throw new UsageError('--breaks (of each of 7 kinds) and --duplicates are more than all rows together');
  const directory = openGeneratedDirectory(values.out);
  onInterrupt(directory.discard);
  const progress = showProgress();
  try {
    progress.step(`generating ${rows} rows`);
    const engine = await openCommandEngine(directory.work, []);
    const truth = await generateFiles(engine, { rows, seed, directory: directory.work, ...shares });
    directory.publish();
    const text = [
      `left.csv ${truth.left.rows} rows, right.csv ${truth.right.rows} rows, truth.json in ${values.out}`,
      `pairs: ${truth.pairs.matched} agree, ${truth.pairs.mismatched} differ`,
      `compare them: tieout match ${values.out}/left.csv ${values.out}/right.csv ${truth.arguments.join(' ')} --out DIR`,
    ];
    return ok({ output: `${text.join('\n')}\n`, code: 0 });
  } finally {
    progress.done();
    directory.discard();
  }
};

function wholeNumber(option: string, text: string, max: number): number {
  const plain = text.replaceAll('_', '');
  if (!/^\d+$/.test(plain) || Number(plain) > max)
    throw new UsageError(`${option} ${text}: a whole number up to ${max}`);
  return Number(plain);
}

/** `1%` or `0.5%`, as rows per million. */
function perMillion(option: string, text: string): number {
  const [, number] = /^(\d+(?:\.\d{1,4})?)%$/.exec(text) ?? [];
  if (number === undefined || Number(number) > 100)
    throw new UsageError(`${option} ${text}: a percentage like 1% or 0.5%`);
  return Math.round(Number(number) * 10_000);
}
