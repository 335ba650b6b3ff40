// Reads `LEFT[=RIGHT][~TOLERANCE]` of --key and --compare.
import type { Tolerance } from '../../shared/domain/definition.ts';
import { UsageError } from '../usage-error.ts';
import { splitEscaped, unescapeName } from './split-escaped.ts';

export type ColumnPair = { left: string; right: string };
export type ComparedPair = ColumnPair & { tolerance?: Tolerance };

/** Throws a UsageError on an empty name, a second mark, or a tolerance that is none. */
export function parseComparedPair(option: string, text: string): ComparedPair {
  const [names = '', tolerance, ...more] = splitEscaped(text, '~');
  if (more.length > 0) throw new UsageError(`${option} ${text}: more than one ~; write \\~ for one that is in a name`);
  const sides = splitEscaped(names, '=');
  if (sides.length > 2) throw new UsageError(`${option} ${text}: more than one =; write \\= for one that is in a name`);
  const left = unescapeName(sides[0]!);
  const right = unescapeName(sides[1] ?? sides[0]!);
  if (left === '' || right === '') throw new UsageError(`${option} ${text}: a column name is empty`);
  return { left, right, ...(tolerance !== undefined && { tolerance: parseTolerance(`${option} ${text}`, tolerance) }) };
}

export function parseKeyPair(text: string): ColumnPair {
  const { tolerance, ...pair } = parseComparedPair('--key', text);
  if (tolerance) throw new UsageError(`--key ${text}: a key has no tolerance; write \\~ for one that is in a name`);
  return pair;
}

function parseTolerance(where: string, text: string): Tolerance {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([%d]?)$/.exec(text) ?? [];
  if (number === undefined || (unit === 'd' && number.includes('.')))
    throw new UsageError(`${where}: the tolerance is an amount (0.01), a percentage (1%) or days (2d), not '${text}'`);
  if (unit === '%') return { percent: number };
  return unit === 'd' ? { days: Number(number) } : { absolute: number };
}
