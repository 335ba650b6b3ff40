// Reads the words after a command into options. Node's own parser: nothing to load, nothing to install, and strict.
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { UsageError } from './usage-error.ts';

/** Throws a UsageError on an unknown option, with the one that was probably meant, and on a value that is missing. */
export function readOptions<const Options extends NonNullable<ParseArgsConfig['options']>>(
  words: string[],
  options: Options,
) {
  try {
    return parseArgs({ args: words, options, allowPositionals: true, strict: true });
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (!code?.startsWith('ERR_PARSE_ARGS')) throw error;
    const [, unknown] =
      code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? (/'(--?[^' ]+)'/.exec((error as Error).message) ?? []) : [];
    if (unknown === undefined) throw new UsageError(reasonOf(error as Error, words));
    const meant = nearest(unknown.replace(/^-+/, ''), Object.keys(options));
    throw new UsageError(`there is no option ${unknown}${meant ? `; did you mean --${meant}?` : ''}`);
  }
}

function reasonOf(error: Error, words: string[]): string {
  const [reason = ''] = error.message.split('\n');
  const [, option] = /'(--[^' ]+)' argument is ambiguous/.exec(reason) ?? [];
  if (option === undefined) return reason;
  return `${option} takes a value; one that begins with - is given as ${option}=${words[words.indexOf(option) + 1]}`;
}

/** The name at most two edits away, if there is one. */
export function nearest(word: string, names: string[]): string | undefined {
  const ranked = names.map((name) => ({ name, edits: editsBetween(word, name) })).sort((a, b) => a.edits - b.edits);
  return ranked[0] && ranked[0].edits <= 2 ? ranked[0].name : undefined;
}

/** Levenshtein distance. */
function editsBetween(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1)
      row[j] = Math.min(row[j - 1]! + 1, above[j]! + 1, above[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    above = row;
  }
  return above[b.length]!;
}
