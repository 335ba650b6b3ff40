// What every generator of the matching bench leaves behind: two CSV files, the definition that compares them, and the
// groups that its last pass must find, told by row numbers that no pass ever sees.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DecimalText, fromScaled } from '../../shared/domain/decimal.ts';
import type { Definition } from '../../shared/domain/definition.ts';
import type { Draws } from './draws.ts';

/** 1-based data rows, ascending. */
export type Group = { left: number[]; right: number[] };

export type MadeCase = {
  left: string;
  right: string;
  definition: string;
  /** What the pass of that name must find, and nothing else. */
  truth: { pass: string; groups: Group[]; exactPairs: number };
};

/** A record that belongs to a group carries its number; the file does not. */
export type Item = { group?: number; values: string[] };

export type CaseContent = {
  columns: { left: string[]; right: string[] };
  left: Item[];
  right: Item[];
  definition: Definition;
};

/** Writes a case without exact pairs, its rows shuffled, so that no order tells what belongs together. */
export function writeCase(directory: string, content: CaseContent, draws: Draws): MadeCase {
  mkdirSync(directory, { recursive: true });
  const groups = new Map<number, Group>();
  for (const side of ['left', 'right'] as const) {
    const items = draws.shuffled(content[side], side);
    for (const [index, { group }] of items.entries()) {
      if (group === undefined) continue;
      const known = groups.get(group) ?? { left: [], right: [] };
      known[side].push(index + 1);
      groups.set(group, known);
    }
    const lines = [content.columns[side], ...items.map((item) => item.values)].map((values) => values.join(','));
    writeFileSync(join(directory, `${side}.csv`), `${lines.join('\n')}\n`);
  }
  return writeTruth(directory, content.definition, [...groups.values()], 0);
}

/** For files that are there already. */
export function writeTruth(directory: string, definition: Definition, groups: Group[], exactPairs: number): MadeCase {
  const pass = definition.passes.at(-1)?.name;
  if (pass === undefined) throw new Error('the last pass of a case needs a name');
  const truth = { pass, groups, exactPairs };
  writeFileSync(join(directory, 'definition.json'), `${JSON.stringify(definition, null, 2)}\n`);
  writeFileSync(join(directory, 'truth.json'), `${JSON.stringify(truth)}\n`);
  return {
    left: join(directory, 'left.csv'),
    right: join(directory, 'right.csv'),
    definition: join(directory, 'definition.json'),
    truth,
  };
}

export function money(cents: number): DecimalText {
  return fromScaled(BigInt(cents), 2);
}
