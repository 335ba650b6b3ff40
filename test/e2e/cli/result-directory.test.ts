// The directory of results: whole or without a summary, whatever ends a run, and nothing of others is touched.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorkplace, program, type Workplace } from './command.ts';
import { example, left, right } from './example.ts';

let place: Workplace;
beforeAll(() => {
  place = openWorkplace();
  place.write('left.csv', left);
  place.write('right.csv', right);
});
afterAll(() => place.remove());

test('a failed run leaves no summary, and other files stay', () => {
  place.run(...example);
  place.write('out/mine.txt', 'keep');
  expect(place.run('match', 'left.csv', 'none.csv', '--key', 'a', '--compare', 'b', '--out', 'out').code).toBe(2);
  expect(existsSync(place.path('out/summary.json'))).toBe(false);
  expect(readFileSync(place.path('out/mine.txt'), 'utf8')).toBe('keep');
  expect(readdirSync(place.path('out')).filter((name) => name.startsWith('.tieout-'))).toEqual([]);
});
test.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
  'a run that gets %s ends at once and leaves no summary, and the next one no scratch',
  async (signal) => {
    place.run('generate', '--rows', '1000000', '--seed', '3', '--out', 'large');
    const words = ['match', 'large/left.csv', 'large/right.csv', '--key', 'txn_id=ref', '--compare', 'amount=amt'];
    place.run('match', 'left.csv', 'left.csv', '--key', 'txn_id', '--out', 'killed');
    const running = spawn(process.execPath, [program, ...words, '--out', 'killed'], {
      cwd: place.directory,
      stdio: 'ignore',
    });
    const ended = new Promise<NodeJS.Signals | null>((resolve) => running.on('exit', (_code, by) => resolve(by)));
    // The engine is reading, and has a second to go.
    const scratch = () => readdirSync(place.path('killed')).find((name) => name.startsWith('.tieout-'));
    const reads = () => readdirSync(place.path(`killed/${scratch()}`)).some((name) => name.startsWith('load-'));
    while (!scratch() || !reads()) await sleep(5);
    const asked = performance.now();
    running.kill(signal);
    expect(await ended).toBe(signal);
    expect(performance.now() - asked).toBeLessThan(2000);
    if (signal !== 'SIGKILL') expect(scratch()).toBeUndefined();
    expect(existsSync(place.path('killed/summary.json'))).toBe(false);
    place.run('match', 'left.csv', 'left.csv', '--key', 'txn_id', '--out', 'killed');
    expect(readdirSync(place.path('killed')).sort()).toEqual([
      'breaks.csv',
      'definition.json',
      'matches.csv',
      'rejects.csv',
      'summary.json',
    ]);
  },
);
test('scratch of a killed run is removed', () => {
  place.write('out/.tieout-999999999/spill.tmp', 'x');
  place.run(...example);
  expect(existsSync(place.path('out/.tieout-999999999'))).toBe(false);
});
