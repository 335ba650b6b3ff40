// Runs the built command line as its user does, in a directory of its own.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
export const program = join(root, 'dist/tieout.mjs');

export type Ran = { code: number; stdout: string; stderr: string };

export type Workplace = {
  directory: string;
  write(name: string, content: string | Buffer): string;
  path(name: string): string;
  run(...words: string[]): Ran;
  remove(): void;
};

export function openWorkplace(): Workplace {
  const directory = mkdtempSync(join(tmpdir(), 'tieout-e2e-'));
  return {
    directory,
    path: (name) => join(directory, name),
    write(name, content) {
      const path = join(directory, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
      return path;
    },
    run(...words) {
      const ran = spawnSync(process.execPath, [program, ...words], {
        cwd: directory,
        encoding: 'utf8',
        timeout: 60_000,
        killSignal: 'SIGKILL',
      });
      return { code: ran.status ?? -1, stdout: ran.stdout, stderr: ran.stderr };
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** Real data that is not part of the project: absent on most machines. */
export function outsideFile(name: string): string | undefined {
  const path = join(root, '../shared/data', name);
  return existsSync(path) && statSync(path).isFile() ? path : undefined;
}
