// Reads `LEFT[=RIGHT][~MORE]` of --key, --compare and --fuzzy.
import type { FuzzyComparison, Tolerance } from '../../shared/domain/definition.ts';
import { UsageError } from '../usage-error.ts';
import { splitEscaped, unescapeName } from './split-escaped.ts';

export type ColumnPair = { left: string; right: string };
export type ComparedPair = ColumnPair & { tolerance?: Tolerance };
/** `as`: how values are compared; chosen from the values when absent. */
export type LinkedPair = ColumnPair & { as?: FuzzyComparison };

const fuzzyComparisons: readonly FuzzyComparison[] = ['name', 'text', 'code', 'number', 'date'];

/** Throws a UsageError on an empty name, a second mark, or a tolerance that is none. */
export function parseComparedPair(option: string, text: string): ComparedPair {
  const { after, ...pair } = parsePair(option, text);
  return { ...pair, ...(after !== undefined && { tolerance: parseTolerance(`${option} ${text}`, after) }) };
}

export function parseKeyPair(text: string): ColumnPair {
  const { after, ...pair } = parsePair('--key', text);
  if (after !== undefined)
    throw new UsageError(`--key ${text}: a key has no tolerance; write \\~ for one that is in a name`);
  return pair;
}

export function parseLinkedPair(text: string): LinkedPair {
  const { after, ...pair } = parsePair('--fuzzy', text);
  if (after === undefined) return pair;
  const as = fuzzyComparisons.find((known) => known === after.toLowerCase());
  if (!as)
    throw new UsageError(
      `--fuzzy ${text}: values are compared as ${fuzzyComparisons.join(', ')}, not '${after}'; write \\~ for one that is in a name`,
    );
  return { ...pair, as };
}

export function samePair(a: ColumnPair, b: ColumnPair): boolean {
  return a.left === b.left && a.right === b.right;
}

function parsePair(option: string, text: string): ColumnPair & { after?: string } {
  const [names = '', after, ...more] = splitEscaped(text, '~');
  if (more.length > 0) throw new UsageError(`${option} ${text}: more than one ~; write \\~ for one that is in a name`);
  const sides = splitEscaped(names, '=');
  if (sides.length > 2) throw new UsageError(`${option} ${text}: more than one =; write \\= for one that is in a name`);
  const left = unescapeName(sides[0]!);
  const right = unescapeName(sides[1] ?? sides[0]!);
  if (left === '' || right === '') throw new UsageError(`${option} ${text}: a column name is empty`);
  return { left, right, ...(after !== undefined && { after }) };
}

function parseTolerance(where: string, text: string): Tolerance {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([%d]?)$/.exec(text) ?? [];
  if (number === undefined || (unit === 'd' && number.includes('.')))
    throw new UsageError(`${where}: the tolerance is an amount (0.01), a percentage (1%) or days (2d), not '${text}'`);
  if (unit === '%') return { percent: number };
  return unit === 'd' ? { days: Number(number) } : { absolute: number };
}
