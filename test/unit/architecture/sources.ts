// The project's own source files as text, and what each imports. Read from disk, nothing is run.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { projectRoot } from '../../../infra/local/paths.ts';

export type SourceFile = { path: string; text: string };

export type Import = {
  from: string;
  /** Path of a file of ours, from the top; or the specifier of a package. */
  to: string;
  own: boolean;
  typeOnly: boolean;
};

export const rooms = ['shared', 'functions', 'infra', 'cli', 'bench', 'events', 'test'];

export function sourceFiles(tops: string[] = rooms): SourceFile[] {
  return tops.flatMap((top) =>
    readdirSync(join(projectRoot, top), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(ts|mjs|py)$/.test(name) && !name.includes('node_modules'))
      .sort()
      .map((name) => ({ path: `${top}/${name}`, text: readFileSync(join(projectRoot, top, name), 'utf8') })),
  );
}

const patterns: { pattern: RegExp; typeOnly: (match: RegExpMatchArray) => boolean }[] = [
  { pattern: /^(?:import|export)\s+(type\s)?[^'";]*?from\s+'([^']+)'/gm, typeOnly: (match) => match[1] !== undefined },
  { pattern: /^import\s+()'([^']+)'/gm, typeOnly: () => false },
  { pattern: /\bimport\(\s*()'([^']+)'\s*\)(?!\.[A-Z])/g, typeOnly: () => false },
];

/** Static and dynamic imports, of values and of types. */
export function importsOf({ path, text }: SourceFile): Import[] {
  if (path.endsWith('.py')) return [];
  return patterns.flatMap(({ pattern, typeOnly }) =>
    [...text.matchAll(pattern)].map((match) => {
      const specifier = match[2] ?? '';
      const own = specifier.startsWith('.');
      const to = own ? normalize(join(dirname(path), specifier)) : specifier;
      return { from: path, to, own, typeOnly: typeOnly(match) };
    }),
  );
}

/** `shared/domain`, `functions/plan`, `functions` (a file directly there), `infra`, … */
export function roomOf(path: string): string {
  const [top = '', second = '', ...rest] = path.split('/');
  if (top === 'shared') return `${top}/${second}`;
  if (top === 'functions') return rest.length > 0 ? `${top}/${second}` : top;
  return top;
}

/** `@scope/name` or `name` of a package's specifier. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
