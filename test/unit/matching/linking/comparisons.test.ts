// Levels of agreement of each kind, and the kind that values are taken for.
import { expect, test } from 'vitest';
import { levelNames, planComparison } from '../../../../shared/matching/linking/comparisons.ts';
import { type ComparisonKind, chooseKind, profileFields } from '../../../../shared/matching/linking/fields.ts';
import { levelsSql } from '../../../../shared/matching/linking/pair-levels.ts';
import { prepareRecords } from '../../../../shared/matching/linking/prepare-records.ts';
import { prepareTerms, similaritiesSql } from '../../../../shared/matching/linking/terms.ts';
import { relationOf, withEngine } from './linking-engine.ts';

const rows: [kind: ComparisonKind, left: string | null, right: string | null, level: string][] = [
  ['name', 'Smith', 'SMITH', 'equal'],
  ['name', 'Smith', 'Smyth', 'one typo, or the words in another order'],
  ['name', 'Smith', 'Smiht', 'one typo, or the words in another order'],
  ['name', 'Smith', 'Xmith', 'one typo, or the words in another order'],
  ['name', 'Anna Maria Berg', 'Berg, Anna Maria', 'one typo, or the words in another order'],
  ['name', 'Anne-Marie', 'Annemarie', 'one typo, or the words in another order'],
  ['name', 'Jonathan', 'Jonatahn B', 'Jaro-Winkler 0.9, or two words and more of the other'],
  ['name', 'Acme Trading Ltd', 'Acme Trading', 'Jaro-Winkler 0.9, or two words and more of the other'],
  ['name', 'John', 'J', 'Jaro-Winkler 0.8, or an initial'],
  ['name', 'Smith', 'Featherstonehaugh', 'different'],
  ['name', 'Li', 'Lu', 'different'],
  ['name', 'Li', 'Li', 'equal'],
  ['name', 'Acme Limited', 'ACME Ltd.', 'equal'],
  ['name', '北京', '北京', 'equal'],
  ['name', '北京银行', '北京银', 'one typo, or the words in another order'],
  ['name', 'Москва', 'Moskva', 'different'],
  ['name', null, 'Smith', 'absent'],
  ['name', '...', 'Smith', 'absent'],
  ['code', 'INV-2024-0017', 'inv 2024 0017', 'equal'],
  ['code', 'INV20240017', 'INV20240071', 'one edit'],
  ['code', 'INV20240017', 'INV20240018', 'one edit'],
  ['code', 'INV20240017', '20240017', 'one is the beginning or the end of the other'],
  ['code', 'INV20240017', 'INV20240099', 'two edits'],
  ['code', '2602', '2611', 'different'],
  ['code', 'INV20240017', 'CRN5551', 'different'],
  ['number', '1,000.00', '1000', 'equal'],
  ['number', '1000', '1001', 'within 1 %'],
  ['number', '1000', '1900', 'one digit typed wrongly'],
  ['number', '100', '92', 'within 10 %'],
  ['number', '100', '75', 'within 30 %'],
  ['number', '100', '-100', 'different'],
  ['number', '0', '0.00', 'equal'],
  ['number', '-0.0', '0', 'equal'],
  ['number', '+12.50', '012.5', 'equal'],
  ['number', '12345678901234567890.01', '12345678901234567890.02', 'within 1 %'],
  ['number', '0', '5', 'different'],
  ['date', '2024-02-29', '20240229', 'equal'],
  ['date', '2024-02-29', '2024-02-28', 'one digit typed wrongly, or day and month swapped'],
  ['date', '2024-02-03', '2024-03-02', 'one digit typed wrongly, or day and month swapped'],
  ['date', '2024-02-27', '2024-03-02', 'within 7 days'],
  ['date', '2024-02-27', '2014-02-27', 'one digit typed wrongly, or day and month swapped'],
  ['date', '2024-02-27', '1989-02-27', 'same day of another year, or within 31 days'],
  ['date', '2024-02-01', '2024-11-28', 'same year'],
  ['date', '2024-02-01', '1971-11-28', 'different'],
  ['text', 'a red bicycle', 'a red bicycle', 'equal'],
];

test.each(rows)('%s: %j and %j are %s', async (kind, left, right, level) => {
  await withEngine(async (engine) => {
    await relationOf(engine, 'a', ['value'], [[left]]);
    await relationOf(engine, 'b', ['value'], [[right]]);
    const field = { name: 'value', index: 0, kind };
    const relations = { left: 'a', right: 'b' };
    const prepared = await prepareRecords(engine, relations, [field], [['ltd', 'limited']]);
    if (kind === 'text') await prepareTerms(engine, prepared, relations, field);
    const comparison = planComparison(field);
    const [found] = await engine.rows<{ c0: number }>(
      `SELECT c0 FROM ${levelsSql(prepared, [comparison], '(SELECT 0 AS l, 0 AS r)')}`,
    );
    expect(levelNames(comparison)[found!.c0]).toBe(level);
  });
});

const kinds: [ComparisonKind, string[]][] = [
  ['name', ['Anna', 'Berta', 'Carl Gustav']],
  ['name', ['12 Mill Lane', '7 High Street', '9 Church Road']],
  [
    'text',
    ['Sony Turntable - PSLX350H', 'Bose Acoustimass 5 Series III Speaker System', 'LG Navy Blue Front Load Washer'],
  ],
  ['code', ['PSLX350H', 'AM53BK', 'SBV40S']],
  ['code', ['4011', '4814', '2776']],
  ['number', ['6', '69', '2', '142', '17']],
  ['number', ['399.00', '49.99', '7.5']],
  ['date', ['2024-01-31', '1999-12-01']],
  ['date', ['19081209', '19990219', '19600210']],
  ['name', []],
];

test.each(kinds)('%s: %j', async (kind, values) => {
  await withEngine(async (engine) => {
    await relationOf(
      engine,
      'a',
      ['value'],
      values.map((value) => [value]),
    );
    const [profile] = await profileFields(engine, ['a'], ['value']);
    expect(chooseKind(profile!)).toBe(kind);
  });
});

test.each<[ComparisonKind, string, string[]]>([
  ['code', 'DECIMAL(18,0)', ['4011', '4814', '2776']],
  ['date', 'DECIMAL(18,0)', ['19081209', '19990219']],
  ['number', 'DECIMAL(18,0)', ['6', '142', '17']],
  ['number', 'DECIMAL(18,2)', ['4011', '4814', '2776']],
])('%s: %s %j', async (kind, type, values) => {
  await withEngine(async (engine) => {
    await engine.run(`CREATE TABLE a AS SELECT (row_number() OVER () - 1)::INTEGER AS "$id", v::${type} AS value
      FROM (VALUES ${values.map((value) => `(${value})`).join(', ')}) t(v)`);
    const [profile] = await profileFields(engine, ['a'], ['value']);
    expect(chooseKind(profile!)).toBe(kind);
  });
});

test('words of long texts weigh by their rarity, and nearly equal ones nearly as much', async () => {
  const others = ['black tv stand', 'black tv wall mount', 'silver tv stand', 'silver wall mount'];
  const pairs: [string, string][] = [
    ['black stand zl2344mu', 'zl2344mu silver mount'],
    ['black stand zl2344mu', 'black stand qq77812'],
    ['portland stand', 'portlnad stand'],
    ['sony ps-lx350h', 'pslx350h turntable'],
    ['sony 40v4100', 'sony 46v4100'],
    ['el6985b vacuum', 'el6985a vacuum'],
  ];
  const similar = await withEngine(async (engine) => {
    await relationOf(
      engine,
      'a',
      ['place', 'value'],
      [...pairs.map(([one], at) => [`${at}`, one]), ...others.map((one) => ['9', one])],
    );
    await relationOf(
      engine,
      'b',
      ['place', 'value'],
      [...pairs.map(([, one], at) => [`${at}`, one]), ...others.map((one) => ['9', one])],
    );
    const relations = { left: 'a', right: 'b' };
    const field = { name: 'value', index: 0, kind: 'text' as const };
    const prepared = await prepareRecords(engine, relations, [field], []);
    await prepareTerms(engine, prepared, relations, field);
    const found = await engine.rows<{ s0: number }>(
      `SELECT s0 FROM ${similaritiesSql('(SELECT n::INTEGER AS l, n::INTEGER AS r FROM range(6) t(n))', [field], false)} ORDER BY l`,
    );
    return found.map(({ s0 }) => s0);
  });
  const [model, plain, typo, hyphen, otherNumber, stem] = similar as [number, number, number, number, number, number];
  expect(model).toBeGreaterThan(plain);
  expect(typo).toBeGreaterThan(8500);
  expect(hyphen).toBeGreaterThan(2500);
  expect(stem).toBeGreaterThan(otherNumber);
});
