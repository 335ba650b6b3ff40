// Rules of the house that a reader can rely on in every file.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../../infra/local/paths.ts';
import { errorCatalogue } from '../../../shared/domain/errors.ts';
import { sourceFiles } from './sources.ts';

const files = sourceFiles();
const linesMax = 400;
const openingLinesMax = 4;

function openingLines(text: string, path: string): number {
  const lines = text.replace(/^#!.*\n/, '').split('\n');
  if (path.endsWith('.py') && lines[0]?.startsWith('"""')) return lines.findIndex((line) => line.endsWith('"""')) + 1;
  const mark = path.endsWith('.py') ? '#' : '//';
  const end = lines.findIndex((line) => !line.startsWith(mark));
  return end === -1 ? lines.length : end;
}

function offenders(breaksRule: (file: { path: string; text: string }) => boolean): string[] {
  return files.filter(breaksRule).map(({ path }) => path);
}

describe('every source file', () => {
  it(`opens with one to ${openingLinesMax} lines that say what it is`, () => {
    const opens = (lines: number) => lines >= 1 && lines <= openingLinesMax;
    expect(offenders(({ path, text }) => !opens(openingLines(text, path)))).toEqual([]);
  });

  it(`has at most ${linesMax} lines`, () => {
    expect(offenders(({ text }) => text.split('\n').length > linesMax)).toEqual([]);
  });

  it('is named in kebab-case, without the words that say nothing', () => {
    const nameOf = (path: string) => basename(path).replace(/\.(test\.)?(ts|mjs|py)$/, '');
    // Python names modules with underscores.
    const kebab = (path: string) => path.endsWith('.py') || /^[a-z0-9]+(-[a-z0-9]+)*$/.test(nameOf(path));
    const empty = /(^|[-.])(manager|helpers?|utils?|utility|data|info|common|misc)([-.]|$)/;
    // `data-source` and `data-set` are words of the field.
    const saysNothing = (path: string) => empty.test(nameOf(path).replace(/data-(sources?|set)/, ''));
    expect(offenders(({ path }) => !kebab(path) || saysNothing(path))).toEqual([]);
  });

  it('hands on nothing of another file: there are no barrels', () => {
    expect(offenders(({ text }) => /^export\s+(type\s+)?(\*|\{[^}]*\})\s*(as\s+\w+\s*)?from\s/m.test(text))).toEqual(
      [],
    );
    expect(
      offenders(({ path }) => basename(path) === 'index.ts' && !/^functions\/[^/]+\/index\.ts$/.test(path)),
    ).toEqual([]);
  });

  it('is of types alone where it is a port', () => {
    const runtime = /^(export\s+)?(default|const|let|var|function|async|class|enum)\b/m;
    expect(offenders(({ path, text }) => path.startsWith('shared/ports/') && runtime.test(text))).toEqual([]);
  });
});

describe('every error of the catalogue', () => {
  const tests = readdirSync(join(projectRoot, 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('architecture'))
    .map((name) => readFileSync(join(projectRoot, 'test', name), 'utf8'))
    .join('\n');

  it.each(Object.keys(errorCatalogue))('%s is provoked by a test that names it', (code) => {
    expect(new RegExp(`\\b${code}\\b`).test(tests), `no file under test/ names ${code}`).toBe(true);
  });
});
