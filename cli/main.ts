#!/usr/bin/env node
// The `tieout` command. Loads a command only when it is asked for, prints what it gives and ends at once: waiting for
// the engine to hand back its memory takes longer than a small comparison.
import { writeSync } from 'node:fs';
import type { Command } from './commands/command.ts';
import { diskFull, failureLine, oneLine } from './failures.ts';
import { helpFor } from './help.ts';
import { nearest } from './options.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

const commands: Record<string, () => Promise<Command>> = {
  match: async () => (await import('./commands/match.ts')).match,
  init: async () => (await import('./commands/init.ts')).init,
  explain: async () => (await import('./commands/explain.ts')).explain,
  backtest: async () => (await import('./commands/backtest.ts')).backtest,
  generate: async () => (await import('./commands/generate.ts')).generate,
};

// Deprecations in the innards of a package are nothing to its user; outside of node_modules Node would print them.
process.noDeprecation = true;

const cleanups: (() => void)[] = [];
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => {
    try {
      for (const clean of cleanups) clean();
    } finally {
      // Nothing catches it any more: it ends the process now. `process.exit` waits for what the engine is computing.
      process.kill(process.pid, signal);
    }
  });
// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));

const ended = await run(process.argv.slice(2));
process.stdout.write(ended.output, () => process.exit(ended.code));

async function run(words: string[]): Promise<{ output: string; code: number }> {
  const [name = '', ...rest] = words;
  try {
    if (name === '--version' || name === '-v') return { output: `${version}\n`, code: 0 };
    if (name === '' || name === '--help' || name === '-h' || name === 'help')
      return { output: helpFor(rest[0]), code: name === '' ? 2 : 0 };
    const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!load) {
      const meant = nearest(name, Object.keys(commands));
      throw new UsageError(
        `there is no command '${name}'${meant ? `; did you mean ${meant}?` : `; there is ${Object.keys(commands).join(', ')}`}`,
      );
    }
    if (asksForHelp(rest)) return { output: helpFor(name), code: 0 };
    const command = await load();
    const result = await command(rest, (clean) => cleanups.push(clean));
    if (!result.ok) return complain(failureLine(result));
    for (const note of result.value.notes ?? []) say(`note: ${oneLine(note)}`);
    return result.value;
  } catch (error) {
    if (error instanceof UsageError)
      return complain(`${oneLine(error.message)} (tieout ${Object.hasOwn(commands, name) ? `${name} ` : ''}--help)`);
    const full = diskFull(error);
    if (full) return complain(full);
    return complain(`unexpected: ${oneLine((error as Error).message ?? String(error))}${trace(error)}`);
  }
}

function asksForHelp(words: string[]): boolean {
  const end = words.indexOf('--');
  return (end < 0 ? words : words.slice(0, end)).some((word) => word === '--help' || word === '-h');
}

function complain(line: string): { output: string; code: number } {
  say(`tieout: ${line}`);
  return { output: '', code: 2 };
}

function say(line: string): void {
  writeSync(2, `${line}\n`);
}

/** A fault of ours: its stack helps whoever is to mend it, and only on request. */
function trace(error: unknown): string {
  return process.env.TIEOUT_TRACE ? `\n${(error as Error).stack ?? ''}` : ' (set TIEOUT_TRACE=1 for where)';
}
