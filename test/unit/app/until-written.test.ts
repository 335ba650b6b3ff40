// Reading, deciding and writing until nobody has written in between.
import { expect, test } from 'vitest';
import { untilWritten } from '../../../shared/app/until-written.ts';

test('gives what was written, however often somebody else was first', async () => {
  let round = 0;
  expect(await untilWritten(async () => ((round += 1) < 50 ? undefined : round))).toBe(50);
});

test('gives up after a hundred rounds with a fault that may pass: a message comes again, a request is told to', async () => {
  let rounds = 0;
  const refused = untilWritten(async () => {
    rounds += 1;
    return undefined;
  });
  await expect(refused).rejects.toMatchObject({ name: 'DependencyFault', retryable: true });
  expect(rounds).toBe(100);
});

test('what the attempt throws goes on as it is', async () => {
  const bug = new TypeError('x');
  await expect(untilWritten(() => Promise.reject(bug))).rejects.toBe(bug);
});
