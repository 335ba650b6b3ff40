// Faults of the machine that a person can mend, told apart from faults of the program.
import { expect, test } from 'vitest';
import { diskFull } from '../../../cli/failures.ts';

test.each([
  [
    new Error('IO Error: Could not write file "/mnt/a b/x.parquet": No space left on device'),
    'the disk is full: /mnt/a b/x.parquet cannot be written. Free some, or name another --out.',
  ],
  [
    Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }),
    'the disk is full. Free some, or name another --out.',
  ],
  [new Error('IO Error: Cannot open file "x"'), undefined],
  [undefined, undefined],
])('%s', (error, line) => {
  expect(diskFull(error)).toBe(line);
});
