// Parts that the summaries of comparing and of de-duplicating have in common.
import { relative } from 'node:path';
import { oneLine } from '../failures.ts';
import { aligned, grouped } from './aligned.ts';
import type { FirstReject } from './rejected-rows.ts';

const valueCharactersMax = 32;
const reasonCharactersMax = 48;

export function shortPath(path: string): string {
  const here = relative(process.cwd(), path);
  return here.length < path.length ? here : path;
}

export function shortened(text: string, charactersMax = valueCharactersMax): string {
  const line = oneLine(text);
  return [...line].length <= charactersMax ? line : `${[...line].slice(0, charactersMax - 1).join('')}…`;
}

export function rejectList(firstRejects: FirstReject[], rejected: number): string[] {
  if (firstRejects.length === 0) return [];
  const rows = firstRejects.map(({ source, line, column, value, reason }) => [
    source,
    line === null ? '' : `line ${line}`,
    [column && shortened(column), value && shortened(value)].filter(Boolean).join(' '),
    shortened(reason, reasonCharactersMax),
  ]);
  return [`first ${rows.length} of ${grouped(rejected)} rejected rows`, ...aligned(rows, []), ''];
}

export function resultList(results: Record<string, { file: string; rows: number }>, directory: string): string[] {
  return aligned(
    Object.values(results).map(({ file, rows }) => [
      `${directory}/${file}`,
      grouped(rows),
      rows === 1 ? 'row' : 'rows',
    ]),
    [1],
  );
}
