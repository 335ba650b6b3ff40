// The definition proposed for two files: keys, types, tolerances, and when there is none.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkDefinition } from '../../../../shared/domain/check-definition.ts';
import type { Definition } from '../../../../shared/domain/definition.ts';
import { type Engine, openEngine } from '../../../../shared/matching/engine.ts';
import { type ProposeRequest, proposeDefinition } from '../../../../shared/matching/propose/propose-definition.ts';

let directory: string;
let engine: Engine;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tieout-propose-'));
  mkdirSync(join(directory, 'in'));
  engine = await openEngine({ directory, memoryMb: 512, threads: 2 });
});
afterAll(() => {
  engine.close();
  rmSync(directory, { recursive: true });
});

let files = 0;
function file(header: string[], rows: (string | number)[][]): { path: string } {
  files += 1;
  const path = join(directory, 'in', `${files}.csv`);
  writeFileSync(path, [header, ...rows].map((row) => `${row.join(',')}\n`).join(''));
  return { path };
}

async function propose(request: ProposeRequest) {
  const proposed = await proposeDefinition(engine, request);
  if (!proposed.ok) throw new Error(`${proposed.code}: ${proposed.detail}`);
  expect(checkDefinition(proposed.value.definition)).toEqual([]);
  return proposed.value;
}

const keysOf = (definition: Definition) =>
  definition.fields
    .filter((field) => field.role === 'KEY')
    .map((field) => `${field.mapping.left}=${field.mapping.right}`);
const comparedOf = (definition: Definition) =>
  definition.fields
    .filter((field) => field.role === 'COMPARE')
    .map((field) => `${field.mapping.left}=${field.mapping.right}`);

/** Numbers 0 … n−1. */
const count = (n: number) => Array.from({ length: n }, (_, index) => index);
const ledger = count(200).map((i) => [
  `T${1000 + i}`,
  `2024-01-${String(1 + (i % 28)).padStart(2, '0')}`,
  (i * 1.37 + 5).toFixed(2),
  ['EUR', 'USD', 'GBP'][i % 3]!,
]);

describe('the key', () => {
  test('one column that is unique on both sides', async () => {
    const left = file(
      ['booked', 'id', 'amount'],
      ledger.map(([id, date, amount]) => [date!, id!, amount!]),
    );
    const { definition, evidence } = await propose({ left, right: left, compare: 'shared' });
    expect(keysOf(definition)).toEqual(['id=id']);
    expect(comparedOf(definition)).toEqual(['booked=booked', 'amount=amount']);
    expect(evidence.key).toMatchObject({ uniqueness: { left: 1, right: 1 }, overlap: 1 });
    expect(definition.fields.every((field) => field.tolerance === undefined)).toBe(true);
  });

  test('the smallest set when no column is unique alone', async () => {
    const rows = count(60).map((i) => [`A${i % 12}`, `2024-0${1 + Math.floor(i / 12)}-28`, 100 + (i % 3), 'x']);
    const left = file(['account', 'month_end', 'balance', 'kind'], rows);
    const right = file(['account', 'month_end', 'balance', 'kind'], rows.toReversed());
    expect(keysOf((await propose({ left, right, compare: 'shared' })).definition)).toEqual([
      'account=account',
      'month_end=month_end',
    ]);
  });

  test('of two unique columns the one whose values are in both files', async () => {
    const left = file(
      ['line', 'ref', 'amount'],
      count(50).map((i) => [i, `R${i}`, 7]),
    );
    const right = file(
      ['line', 'ref', 'amount'],
      count(50).map((i) => [9000 + i, `R${i}`, 7]),
    );
    expect(keysOf((await propose({ left, right, compare: 'shared' })).definition)).toEqual(['ref=ref']);
  });

  test('of equals the one that is named like an identifier, whatever the order of the columns', async () => {
    const rows = count(30).map((i) => [`c${i}`, `i${i}`, `t${i}`]);
    const one = file(['card_id', 'id', 'title'], rows);
    const two = file(
      ['title', 'id', 'card_id'],
      rows.map((row) => row.toReversed()),
    );
    expect(keysOf((await propose({ left: one, right: two, compare: 'shared' })).definition)).toEqual(['id=id']);
    expect(keysOf((await propose({ left: two, right: one, compare: 'shared' })).definition)).toEqual(['id=id']);
  });

  test('of equals that are named alike the first by name', async () => {
    const rows = count(30).map((i) => [`b${i}`, `a${i}`]);
    const one = file(['beta', 'alpha'], rows);
    expect(keysOf((await propose({ left: one, right: one, compare: 'shared' })).definition)).toEqual(['alpha=alpha']);
  });

  test('an amount is a key only when nothing else will do', async () => {
    const rows = count(40).map((i) => [(i * 3.31 + 1).toFixed(2), i % 2 ? 'a' : 'b', `n${Math.floor(i / 2)}`]);
    const left = file(['amount', 'part', 'name'], rows);
    expect(keysOf((await propose({ left, right: left, compare: 'shared' })).definition)).toEqual([
      'name=name',
      'part=part',
    ]);
    const bare = file(
      ['amount'],
      rows.map(([amount]) => [amount!]),
    );
    expect(keysOf((await propose({ left: bare, right: bare, compare: 'shared' })).definition)).toEqual([
      'amount=amount',
    ]);
  });

  test.each([
    ['id', 'id'],
    ['Order No', 'Order No'],
    // A number that nothing says to be an identifier may be one that is reconciled.
    ['units', 'name'],
  ])('whole numbers named %s beside texts that differ too: the key is %s', async (name, key) => {
    const rows = count(40).map((i) => [
      500 + i,
      `n${i}`,
      `2024-01-${String(1 + (i % 28)).padStart(2, '0')}`,
      `${i}.50`,
    ]);
    const left = file([name, 'name', 'day', 'amount'], rows);
    expect(keysOf((await propose({ left, right: left, compare: 'shared' })).definition)).toEqual([`${key}=${key}`]);
  });

  test('rows that are there twice do not hide the key', async () => {
    const left = file(
      ['id', 'amount'],
      [...count(100), 5, 17].map((i) => [`T${i}`, i * 10]),
    );
    const right = file(
      ['id', 'amount'],
      count(100).map((i) => [`T${i}`, i * 10]),
    );
    expect(keysOf((await propose({ left, right, compare: 'shared' })).definition)).toEqual(['id=id']);
  });

  test('a key that is nearly unique is proposed when there is no better, and said', async () => {
    const rows = count(100).map((i) => [`T${i}`, 'x']);
    const left = file(['id', 'kind'], [...rows, ['T5', 'y']]);
    const right = file(['id', 'kind'], [...rows, ['T5', 'x']]);
    const { definition } = await propose({ left, right, compare: 'shared' });
    // With `kind` it is unique: the literal smallest set.
    expect(keysOf(definition)).toEqual(['id=id', 'kind=kind']);
    const plain = await propose({
      left: file(['id', 'amount'], [...count(100).map((i) => [`T${i}`, i * 10]), ['T5', 7.5]]),
      right,
      compared: [{ left: 'amount', right: 'kind' }],
    });
    expect(keysOf(plain.definition)).toEqual(['id=id']);
    expect(plain.evidence.notes.join()).toMatch(/not unique in left/);
  });

  test('NO_SHARED_KEY when nothing tells the rows apart, or nothing is shared', async () => {
    const left = file(
      ['a', 'b'],
      count(50).map((i) => [i % 2, i % 3]),
    );
    expect(await proposeDefinition(engine, { left, right: left, compare: 'shared' })).toMatchObject({
      ok: false,
      code: 'NO_SHARED_KEY',
    });
    const other = file(
      ['x', 'y'],
      count(50).map((i) => [`p${i}`, `q${i}`]),
    );
    expect(await proposeDefinition(engine, { left, right: other })).toMatchObject({ ok: false, code: 'NO_SHARED_KEY' });
  });

  test('of files of a single row the column that is named like one', async () => {
    const header = ['amount', 'currency', 'id'];
    const [left, right] = [file(header, [['10.00', 'EUR', 'T1']]), file(header, [['10.05', 'EUR', 'T1']])];
    const { definition } = await propose({ left, right, compare: 'shared' });
    expect(keysOf(definition)).toEqual(['id=id']);
    expect(comparedOf(definition).toSorted()).toEqual(['amount=amount', 'currency=currency']);
  });

  test('NO_SHARED_KEY says that no key is in both files', async () => {
    const [left, right] = [file(['id'], [['a'], ['b']]), file(['id'], [['c'], ['d']])];
    const refused = await proposeDefinition(engine, { left, right, compare: 'shared' });
    expect(refused).toMatchObject({
      ok: false,
      code: 'NO_SHARED_KEY',
      detail: expect.stringMatching(/in both files: id$/),
    });
  });

  test('a given key is taken as it is; a column that is not there is said', async () => {
    const left = file(
      ['id', 'amount'],
      [
        ['a', 1],
        ['a', 2],
      ],
    );
    expect(keysOf((await propose({ left, right: left, keys: ['id'], compare: 'shared' })).definition)).toEqual([
      'id=id',
    ]);
    expect(await proposeDefinition(engine, { left, right: left, keys: ['ident'] })).toMatchObject({
      ok: false,
      code: 'COLUMN_MISSING',
    });
  });

  test('the same file twice', async () => {
    const left = file(
      ['id', 'amount'],
      count(10).map((i) => [i, 5]),
    );
    expect(keysOf((await propose({ left, right: left })).definition)).toEqual(['id=id']);
  });

  test('a file without rows is an error', async () => {
    const left = file(['id'], [['1']]);
    expect(await proposeDefinition(engine, { left, right: file(['id'], []) })).toMatchObject({
      ok: false,
      code: 'FILE_EMPTY',
    });
  });
});

describe('columns of other names pair by their values', () => {
  const left = () => file(['txn_id', 'booked', 'amount', 'currency'], ledger);
  const right = () =>
    file(
      ['ccy', 'amt', 'ref', 'value_date'],
      ledger.map(([id, date, amount, currency]) => [currency!, amount!, id!, date!]).toReversed(),
    );

  test('all four, whatever their order', async () => {
    const { definition, evidence } = await propose({ left: left(), right: right() });
    expect(keysOf(definition)).toEqual(['txn_id=ref']);
    expect(comparedOf(definition).sort()).toEqual(['amount=amt', 'booked=value_date', 'currency=ccy']);
    expect(definition.currencyField).toBe('currency');
    expect(evidence.pairs.every((pair) => pair.by === 'values')).toBe(true);
  });

  test('only for the key, when shared columns are compared', async () => {
    expect(keysOf((await propose({ left: left(), right: right(), compare: 'shared' })).definition)).toEqual([
      'txn_id=ref',
    ]);
    expect(comparedOf((await propose({ left: left(), right: right(), compare: 'shared' })).definition)).toEqual([]);
  });

  test('not when a column could be either of two', async () => {
    const twice = file(
      ['one', 'two', 'id'],
      ledger.map(([id]) => [`v${id}`, `v${id}`, id!]),
    );
    const once = file(
      ['other', 'id'],
      ledger.map(([id]) => [`v${id}`, id!]),
    );
    const { evidence } = await propose({ left: twice, right: once });
    expect(evidence.unpaired).toEqual({ left: ['one', 'two'], right: ['other'] });
  });
});

describe('tolerances', () => {
  const header = ['id', 'amount', 'booked', 'name'];
  const rows = count(300).map((i) => [
    `T${i}`,
    (100 + i * 1.11).toFixed(2),
    `2024-03-${String(1 + (i % 20)).padStart(2, '0')}`,
    `Name ${i % 40}`,
  ]);
  const changed = (change: (row: string[], i: number) => string[]) =>
    file(
      header,
      rows.map((row, i) => change([...row] as string[], i)),
    );
  const fieldsOf = async (right: { path: string }) =>
    Object.fromEntries(
      (await propose({ left: file(header, rows), right })).definition.fields.map((field) => [field.name, field]),
    );

  test('none where nothing differs', async () => {
    const fields = await fieldsOf(changed((row) => row));
    expect(fields.amount).toMatchObject({ role: 'COMPARE', type: 'decimal', reading: { left: { decimalMark: '.' } } });
    expect(fields.amount?.tolerance).toBeUndefined();
    expect(fields.booked?.tolerance).toBeUndefined();
    expect(fields.name?.comparison).toBeUndefined();
  });

  test('one last digit, days, letter case, where they are most of the differences', async () => {
    const fields = await fieldsOf(
      changed(([id, amount, booked, name], i) => [
        id!,
        i % 20 === 0 ? (Number(amount) + 0.01).toFixed(2) : i === 7 ? '1.00' : amount!,
        i % 15 === 0 ? `2024-03-${String(Number(booked!.slice(-2)) + 2).padStart(2, '0')}` : booked!,
        i % 10 === 0 ? name!.toUpperCase() : name!,
      ]),
    );
    expect(fields.amount?.tolerance).toEqual({ absolute: '0.01' });
    expect(fields.booked?.tolerance).toEqual({ days: 2 });
    expect(fields.name?.comparison).toBe('ignore-case');
  });

  test('none where large differences are as frequent', async () => {
    const fields = await fieldsOf(
      changed(([id, amount, booked, name], i) => [
        id!,
        i % 20 === 0 ? (Number(amount) + (i % 60 === 0 ? 0.01 : 3)).toFixed(2) : amount!,
        booked!,
        name!,
      ]),
    );
    expect(fields.amount?.tolerance).toBeUndefined();
  });
});

test('a wide file ends in bounded time', async () => {
  const header = count(400).map((i) => `column_${i}`);
  const wide = file(
    header,
    count(300).map((row) => header.map((_, column) => (row * (column + 3)) % 11)),
  );
  const started = performance.now();
  const proposed = await proposeDefinition(engine, { left: wide, right: wide, compare: 'shared' });
  expect(proposed).toMatchObject({ ok: false, code: 'NO_SHARED_KEY' });
  expect(performance.now() - started).toBeLessThan(15_000);
});
