// Runs the type check, the lint and Vitest as child processes, and adds up what passed and what failed.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { localDirectory, projectRoot } from './paths.ts';
import { countTests, type Tally, type VitestReport } from './tally.ts';

export type CheckOptions = { kinds: 'all' | 'unit'; countSkipped: boolean };

/** Prints as it goes; gives the exit code: 0 when nothing failed. */
export async function runChecks(options: CheckOptions): Promise<number> {
  // A signal also reaches the children, which end by themselves; this process stays to say what became of them.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  const [types, lint] = await Promise.all([run('tsc', ['--noEmit']), run('biome', ['check', '.'])]);
  const tests = await runTests(options);
  const total = [tally('types', types), tally('lint', lint), tests].reduce((sum, part) => ({
    passed: sum.passed + part.passed,
    failed: sum.failed + part.failed,
    failures: [...sum.failures, ...part.failures],
  }));
  if (total.failures.length > 0) console.log(`\nFailed:\n${total.failures.map((name) => `  ${name}`).join('\n')}`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 ? 0 : 1;
}

function tally(name: string, exitCode: number): Tally {
  return exitCode === 0 ? { passed: 1, failed: 0, failures: [] } : { passed: 0, failed: 1, failures: [name] };
}

async function runTests(options: CheckOptions): Promise<Tally> {
  mkdirSync(localDirectory, { recursive: true });
  const reportPath = join(localDirectory, `tests-${process.pid}.json`);
  const kinds = options.kinds === 'all' ? [] : ['--project', options.kinds];
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportPath}`];
  const exitCode = await run('vitest', ['run', ...kinds, ...reporters]);
  try {
    const report = JSON.parse(readFileSync(reportPath, 'utf8')) as VitestReport;
    return countTests(report, { exitCode, countSkipped: options.countSkipped });
  } catch (error) {
    return { passed: 0, failed: 1, failures: [`tests: no report was written (${(error as Error).message})`] };
  } finally {
    rmSync(reportPath, { force: true });
  }
}

function run(command: string, args: string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(join(projectRoot, 'node_modules', '.bin', command), args, {
      cwd: projectRoot,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    child.once('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(1);
    });
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
