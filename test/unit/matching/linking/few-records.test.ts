// What is linked in files of a few records, of which estimation knows little: that the others have partners is no reason to take the last
// two for the same thing.
import { expect, test } from 'vitest';
import { linkRecords } from '../../../../shared/matching/linking/link-records.ts';
import { relationOf, type Values, withEngine } from './linking-engine.ts';

const fields = ['name', 'amount', 'day'];
const pairs: [Values, Values][] = [
  [
    ['Adam Apple', '100.00', '2024-01-05'],
    ['Adam Aple', '100.00', '2024-01-05'],
  ],
  [
    ['Bea Brown', '55.50', '2024-02-10'],
    ['Bea Browne', '55.50', '2024-02-11'],
  ],
  [
    ['Carl Cook', '780.00', '2024-02-12'],
    ['Carl Cook', '780.00', '2024-02-12'],
  ],
];
const last: [Values, Values] = [
  ['Zed Zulu', '9.00', '2024-03-01'],
  ['Yan Young', '11.00', '2024-05-20'],
];

test.each([2, 3])('%i that are alike are linked, the last two are not', async (count) => {
  const linked = await withEngine(async (engine) => {
    for (const [at, side] of ['a', 'b'].entries())
      await relationOf(
        engine,
        side,
        fields,
        [...pairs.slice(0, count), last].map((pair) => pair[at as 0 | 1]),
      );
    await linkRecords(engine, { left: 'a', right: 'b', fields: fields.map((name) => ({ name })) });
    return engine.rows<{ name: string }>(
      `SELECT a.name FROM link_paired JOIN a ON a."$id" = l WHERE state = 'linked' ORDER BY a.name`,
    );
  });
  expect(linked.map(({ name }) => name)).toEqual(pairs.slice(0, count).map(([left]) => left[0]));
});
