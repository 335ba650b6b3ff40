// Progress is shown on a terminal alone, in one line that is gone when the work is over.
import { expect, test } from 'vitest';
import { showProgress } from '../../../cli/progress.ts';

function streamOf(isTTY: boolean, columns: number | undefined) {
  const written: string[] = [];
  const stream = { isTTY, columns, write: (text: string) => written.push(text) > 0 };
  return { written, stream: stream as unknown as NodeJS.WriteStream };
}

const back = '\r\u001b[K';

test.each([
  ['a terminal', 80, 'left: reading amount'],
  ['a narrow one', 12, 'left'],
  // As in a pipe that is dressed up as a terminal.
  ['one that does not tell its width', 0, 'left: reading amount'],
  ['one of unknown width', undefined, 'left: reading amount'],
])('%s', (_title, columns, shown) => {
  const { written, stream } = streamOf(true, columns);
  const progress = showProgress(stream);
  progress.step('left: reading amount');
  expect(written.join('')).toMatch(new RegExp(`^\\r\\u001b\\[K\\d\\.\\d s {2}${shown}$`));
  progress.done();
  expect(written.at(-1)).toBe(back);
  expect(written.join('')).not.toContain('\n');
});

test('nothing where nobody looks', () => {
  const { written, stream } = streamOf(false, 80);
  const progress = showProgress(stream);
  progress.step('reading');
  progress.done();
  expect(written).toEqual([]);
});
