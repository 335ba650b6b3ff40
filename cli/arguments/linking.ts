// How sure a link has to be, and which spellings are one: --threshold, --target-precision and --equivalences.
import { readFileSync } from 'node:fs';
import type { FuzzyPass } from '../../shared/domain/definition.ts';
import { readEquivalences } from '../../shared/matching/linking/read-equivalences.ts';
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
    ...(equivalences !== undefined && { equivalences: equivalencesIn(equivalences) }),
  };
}

function probability(option: string, text: string): number {
  const value = /^(?:\d+\.?\d*|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 0 && value <= 1))
    throw new UsageError(`${option} ${text}: a probability is a number from 0 to 1, such as 0.9`);
  return value;
}

function equivalencesIn(path: string): string[][] {
  const where = `--equivalences ${path}`;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`${where}: ${code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`}`);
  }
  const read = readEquivalences(text);
  if ('fault' in read) throw new UsageError(`${where}: ${read.fault}`);
  return read.groups;
}
