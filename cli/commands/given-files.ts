// Which file belongs to which source: in the order of the definition's sources, or by --file SOURCE=PATH.
import { readFileSync } from 'node:fs';
import { checkDefinition } from '../../shared/domain/check-definition.ts';
import type { Definition } from '../../shared/domain/definition.ts';
import { fail, ok, type Result } from '../../shared/domain/result.ts';
import { splitEscaped, unescapeName } from '../arguments/split-escaped.ts';
import { UsageError } from '../usage-error.ts';

/** Throws a UsageError on a source without a file, a file without a source, or both ways at once. */
export function filesFor(sources: string[], positional: string[], named: string[]): Record<string, { path: string }> {
  if (named.length > 0 && positional.length > 0)
    throw new UsageError('give the files in order or with --file, not both');
  if (named.length === 0 && positional.length !== sources.length)
    throw new UsageError(`there are ${sources.length} sources (${sources.join(', ')}) and ${positional.length} files`);
  const paths = new Map(positional.map((path, index) => [sources[index]!, path]));
  for (const text of named) {
    const [name = '', path] = splitEscaped(text, '=', 2);
    const source = unescapeName(name);
    if (path === undefined || path === '') throw new UsageError(`--file ${text}: not SOURCE=PATH`);
    if (!sources.includes(source))
      throw new UsageError(`--file ${text}: no source '${source}'; there is ${sources.join(', ')}`);
    if (paths.has(source)) throw new UsageError(`--file: '${source}' is given twice`);
    paths.set(source, path);
  }
  const missing = sources.find((source) => !paths.has(source));
  if (missing !== undefined) throw new UsageError(`no file for source '${missing}'; give --file ${missing}=PATH`);
  return Object.fromEntries([...paths].map(([source, path]) => [source, { path }]));
}

const unreadable: Record<string, string> = {
  ENOENT: 'does not exist',
  EACCES: 'may not be read',
  EISDIR: 'is a directory',
};

/** Reads a definition from a JSON file. Every fault is in the detail, with its path. */
export async function readDefinition(path: string): Promise<Result<Definition>> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return fail('FILE_UNREADABLE', `${path} ${unreadable[code ?? ''] ?? `cannot be read (${code})`}`);
  }
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    return fail('DEFINITION_INVALID', `${path}: not JSON: ${(error as Error).message}`);
  }
  // Most comparisons have no definition file, and zod is a tenth of a second.
  const { parseDefinition } = await import('../../shared/contracts/definition.ts');
  const parsed = parseDefinition(json);
  if (!parsed.ok) return faulty(path, parsed.faults);
  return checked(path, parsed.value);
}

/** Refuses a definition that makes no sense. */
export function checked(where: string, definition: Definition): Result<Definition> {
  const faults = checkDefinition(definition);
  return faults.length === 0 ? ok(definition) : faulty(where, faults);
}

function faulty(where: string, faults: { path: string; message: string }[]): Result<never> {
  return fail(
    'DEFINITION_INVALID',
    `${where}: ${faults.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')}`,
  );
}
