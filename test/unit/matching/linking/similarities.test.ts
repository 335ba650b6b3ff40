// How alike two values are said to be, of each kind: what a person is shown, and what a least similarity is held against.
import { expect, test } from 'vitest';
import { planComparison, similaritySql } from '../../../../shared/matching/linking/comparisons.ts';
import { comparedColumns } from '../../../../shared/matching/linking/evidence.ts';
import type { ComparisonKind } from '../../../../shared/matching/linking/fields.ts';
import { prepareRecords } from '../../../../shared/matching/linking/prepare-records.ts';
import { relationOf, withEngine } from './linking-engine.ts';

const rows: [kind: ComparisonKind, left: string | null, right: string | null, similarity: number | null][] = [
  ['name', 'Smith', 'SMITH', 1],
  ['name', 'Martha', 'Marhta', 0.9611],
  ['name', 'Berg Anna', 'Anna Berg', 1],
  ['name', 'Smith', null, null],
  ['code', 'INV-17', 'INV17', 1],
  ['code', 'INV17', 'INV18', 0.8],
  ['number', '100', '92', 0.92],
  ['number', '1', '-1', 0],
  ['date', '2024-02-01', '2024-02-02', 0.9973],
  ['date', '2024-02-01', '2024-03-01', 0.9205],
  ['date', '1961-09-10', '1971-09-10', 0.875],
  ['date', '1961-09-10', '1961-19-10', 0.875],
  ['date', '1961-09-10', '1998-12-31', 0.25],
];

test.each(rows)('%s: %s and %s are %s alike', async (kind, left, right, similarity) => {
  const found = await withEngine(async (engine) => {
    await relationOf(engine, 'a', ['value'], [[left]]);
    await relationOf(engine, 'b', ['value'], [[right]]);
    const field = { name: 'value', index: 0, kind };
    const comparison = planComparison(field);
    await prepareRecords(engine, { left: 'a', right: 'b' }, [field], []);
    await engine.run('CREATE TABLE levels (c0 UTINYINT)');
    await engine.run('INSERT INTO levels VALUES (1)');
    return engine.rows<{ similarity: number | null }>(`SELECT ${similaritySql(comparison)} AS similarity
      FROM (SELECT ${comparedColumns(comparison)} FROM levels s, link_left a, link_right b)`);
  });
  expect(found).toEqual([{ similarity }]);
});
