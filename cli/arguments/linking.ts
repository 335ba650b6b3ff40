// How sure a link has to be, and which spellings are one: --threshold, --target-precision and --equivalences.
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import papa from 'papaparse';
import type { FuzzyPass } from '../../shared/domain/definition.ts';
import { UsageError } from '../usage-error.ts';

export type LinkingOptions = Pick<FuzzyPass, 'threshold' | 'targetPrecision' | 'equivalences'>;

export const linkingOptions = {
  threshold: { type: 'string' },
  'target-precision': { type: 'string' },
  equivalences: { type: 'string' },
} as const;

export type LinkingValues = { [Option in keyof typeof linkingOptions]?: string };

/** Throws a UsageError on what is no probability, on two that contradict each other, and on a file that is no list of groups. */
export function readLinkingOptions(values: LinkingValues): LinkingOptions {
  const { threshold, 'target-precision': targetPrecision, equivalences } = values;
  if (threshold !== undefined && targetPrecision !== undefined)
    throw new UsageError('--threshold and --target-precision cannot both be given: one of them decides');
  return {
    ...(threshold !== undefined && { threshold: probability('--threshold', threshold) }),
    ...(targetPrecision !== undefined && { targetPrecision: probability('--target-precision', targetPrecision) }),
    ...(equivalences !== undefined && { equivalences: readEquivalences(equivalences) }),
  };
}

function probability(option: string, text: string): number {
  const value = /^(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 0 && value <= 1))
    throw new UsageError(`${option} ${text}: a probability is a number from 0 to 1, such as 0.9`);
  return value;
}

/** JSON: a list of lists of texts. Anything else is read as CSV: a line is a group, its first cell what the others are read as. */
function readEquivalences(path: string): string[][] {
  const where = `--equivalences ${path}`;
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`${where}: ${code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`}`);
  }
  const groups = /^\s*\[/.test(text) ? jsonGroups(where, text) : csvGroups(where, text);
  if (groups.length === 0) throw new UsageError(`${where}: ${basename(path)} holds no group of spellings`);
  const alone = groups.findIndex((group) => group.length < 2);
  if (alone >= 0)
    throw new UsageError(`${where}: group ${alone + 1} has fewer than two spellings: '${groups[alone]!.join('')}'`);
  return groups;
}

function jsonGroups(where: string, text: string): string[][] {
  let groups: unknown;
  try {
    groups = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${where}: not JSON: ${(error as Error).message}`);
  }
  const isGroup = (group: unknown): group is string[] =>
    Array.isArray(group) && group.every((one) => typeof one === 'string');
  if (!Array.isArray(groups) || !groups.every(isGroup))
    throw new UsageError(`${where}: not a list of lists of texts, such as [["Bill", "William"]]`);
  return groups.map((group) => group.map((one) => one.trim()).filter((one) => one !== ''));
}

function csvGroups(where: string, text: string): string[][] {
  const { data, errors } = papa.parse<string[]>(text, {
    delimitersToGuess: [',', ';', '\t'],
    skipEmptyLines: 'greedy',
  });
  const fault = errors.find(({ type }) => type === 'Quotes');
  if (fault) throw new UsageError(`${where}: line ${(fault.row ?? 0) + 1}: ${fault.message}`);
  return data.map((cells) => cells.map((cell) => cell.trim()).filter((cell) => cell !== ''));
}
