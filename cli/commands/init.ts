// `tieout init`: proposes a definition from two files, for a person to edit. Writes nothing but that.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ok } from '../../shared/domain/result.ts';
import { proposeDefinition } from '../../shared/matching/propose/propose-definition.ts';
import { parseKeyPair } from '../arguments/column-pair.ts';
import { applyInputSettings } from '../arguments/settings.ts';
import { nameOfComparison } from '../definition-from-options.ts';
import { openCommandEngine } from '../open-engine.ts';
import { readOptions } from '../options.ts';
import { showProgress } from '../progress.ts';
import { UsageError } from '../usage-error.ts';
import type { Command } from './command.ts';

const options = {
  key: { type: 'string', multiple: true },
  sheet: { type: 'string', multiple: true },
  delimiter: { type: 'string', multiple: true },
  encoding: { type: 'string', multiple: true },
  'input-format': { type: 'string', multiple: true },
  out: { type: 'string' },
} as const;

export const init: Command = async (words, onInterrupt) => {
  const { values, positionals } = readOptions(words, options);
  const [left, right, ...more] = positionals;
  if (left === undefined || right === undefined || more.length > 0)
    throw new UsageError('give two files: tieout init LEFT RIGHT');
  const sources = applyInputSettings([{ name: 'left', anchor: true }, { name: 'right' }], values);
  const keys = values.key?.map(parseKeyPair);
  const work = mkdtempSync(join(tmpdir(), 'tieout-'));
  const clean = () => rmSync(work, { recursive: true, force: true });
  onInterrupt(clean);
  const progress = showProgress();
  try {
    progress.step('looking at the files');
    const engine = await openCommandEngine(work, [left, right]);
    const [leftInput, rightInput] = sources.map((source) => source.input);
    const proposed = await proposeDefinition(engine, {
      left: { path: left, ...(leftInput && { input: leftInput }) },
      right: { path: right, ...(rightInput && { input: rightInput }) },
      ...(keys && { keys }),
    });
    if (!proposed.ok) return proposed;
    const { definition, evidence } = proposed.value;
    const named = { ...definition, name: nameOfComparison(left, right), sources };
    const text = `${JSON.stringify(named, null, 2)}\n`;
    const notes = [...evidence.notes, ...unpairedNotes(evidence.unpaired)];
    if (values.out === undefined) return ok({ output: text, notes, code: 0 });
    try {
      writeFileSync(values.out, text);
    } catch (error) {
      throw new UsageError(`--out ${values.out}: cannot be written (${(error as NodeJS.ErrnoException).code})`);
    }
    return ok({
      output: '',
      notes: [
        ...notes,
        `written to ${values.out}; edit it, then: tieout match ${left} ${right} --definition ${values.out} --out DIR`,
      ],
      code: 0,
    });
  } finally {
    progress.done();
    clean();
  }
};

function unpairedNotes(unpaired: { left: string[]; right: string[] }): string[] {
  return (['left', 'right'] as const)
    .filter((side) => unpaired[side].length > 0)
    .map((side) => `not in the definition, only in ${side}: ${unpaired[side].join(', ')}`);
}
