// Results as CSV, JSON, Parquet and XLSX: no digit lost, formulas defused only where asked.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import excel from 'exceljs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Engine, openEngine } from '../../../../shared/matching/engine.ts';
import { exportRows } from '../../../../shared/matching/export/export-rows.ts';
import { writeWorkbook } from '../../../../shared/matching/export/write-workbook.ts';

let directory: string;
let engine: Engine;
const relation = `(SELECT * FROM (VALUES
  ('MISMATCH', 'a' || chr(31) || 'b', 1::BIGINT, 12345678901234567.89::DECIMAL(38,2), DATE '2024-02-29', ['amount', 'fee'], '[{"field":"amount"}]'),
  ('MISSING', '=1+1', 2::BIGINT, -0.10::DECIMAL(38,2), NULL, NULL, NULL),
  ('MISSING', '-5.25', 3::BIGINT, NULL, NULL, []::VARCHAR[], NULL),
  ('MISSING', 'quote " comma, line' || chr(10) || 'two', 4::BIGINT, 0, NULL, NULL, NULL),
  ('MISSING', '', 5::BIGINT, 0, NULL, NULL, NULL)
) t(break_type, key, left_row, left_amount, left_booked, fields, differences))`;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tieout-export-'));
  engine = await openEngine({ directory, memoryMb: 256, threads: 1 });
});
afterAll(() => {
  engine.close();
  rmSync(directory, { recursive: true });
});

const csvHeader = 'break_type,key,left_row,left_amount,left_booked,fields,differences';

test('CSV keeps every digit, tells empty text from null and names lists', async () => {
  const outputPath = join(directory, 'a.csv');
  expect(await exportRows(engine, { from: { relation }, format: 'csv', outputPath, orderBy: ['left_row'] })).toBe(5);
  expect(readFileSync(outputPath, 'utf8')).toBe(
    [
      csvHeader,
      'MISMATCH,a | b,1,12345678901234567.89,2024-02-29,amount; fee,"[{""field"":""amount""}]"',
      'MISSING,=1+1,2,-0.10,,,',
      'MISSING,-5.25,3,,,,',
      'MISSING,"quote "" comma, line\ntwo",4,0.00,,,',
      'MISSING,"",5,0.00,,,',
      '',
    ].join('\n'),
  );
});

describe('formulas in a CSV that people download', () => {
  const cells: [string, string][] = [
    ['=1+1', "'=1+1"],
    ['+49 30 123', "'+49 30 123"],
    ['-cmd', "'-cmd"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['-5.25', '-5.25'],
    ['+5', '+5'],
    ['-1e5', '-1e5'],
    ['-1,5', '-1,5'],
    ['plain', 'plain'],
    ['a=b', 'a=b'],
  ];
  test.each(cells)('%j becomes %j', async (text, expected) => {
    const outputPath = join(directory, 'f.csv');
    const from = { relation: `(SELECT '${text}' AS v, -3.50::DECIMAL(18,2) AS n)` };
    await exportRows(engine, { from, format: 'csv', outputPath, defuseFormulas: true });
    const [, row] = readFileSync(outputPath, 'utf8').split('\n');
    expect(row).toBe(`${expected.includes(',') ? `"${expected}"` : expected},-3.50`);
    await exportRows(engine, { from, format: 'csv', outputPath });
    const [, exact] = readFileSync(outputPath, 'utf8').split('\n');
    expect(exact).toBe(`${text.includes(',') ? `"${text}"` : text},-3.50`);
  });
});

test('JSON is one array; decimals are strings, JSON text is JSON, keys are exact', async () => {
  const outputPath = join(directory, 'a.json');
  await exportRows(engine, { from: { relation }, format: 'json', outputPath, orderBy: ['left_row'] });
  const rows = JSON.parse(readFileSync(outputPath, 'utf8'));
  expect(rows).toHaveLength(5);
  expect(rows[0]).toEqual({
    break_type: 'MISMATCH',
    key: 'a\u001fb',
    left_row: 1,
    left_amount: '12345678901234567.89',
    left_booked: '2024-02-29',
    fields: ['amount', 'fee'],
    differences: [{ field: 'amount' }],
  });
});

test('no rows give a header, an empty array, an empty table', async () => {
  const from = { relation: `(FROM ${relation} WHERE false)` };
  await exportRows(engine, { from, format: 'csv', outputPath: join(directory, 'none.csv') });
  expect(readFileSync(join(directory, 'none.csv'), 'utf8')).toBe(`${csvHeader}\n`);
  await exportRows(engine, { from, format: 'json', outputPath: join(directory, 'none.json') });
  expect(JSON.parse(readFileSync(join(directory, 'none.json'), 'utf8'))).toEqual([]);
  expect(await exportRows(engine, { from, format: 'xlsx', outputPath: join(directory, 'none.xlsx') })).toBe(0);
});

test('several Parquet files become one file', async () => {
  const paths = ['p1', 'p2'].map((name) => join(directory, `${name}.parquet`));
  for (const outputPath of paths) await exportRows(engine, { from: { relation }, format: 'parquet', outputPath });
  expect(await exportRows(engine, { from: paths, format: 'json', outputPath: join(directory, 'b.json') })).toBe(10);
});

test('a workbook has typed cells, no digit lost, control characters escaped', async () => {
  const outputPath = join(directory, 'a.xlsx');
  const from = { relation: `(SELECT *, 'bell' || chr(7) || '_x0041_' AS odd FROM ${relation})` };
  expect(await exportRows(engine, { from, format: 'xlsx', outputPath, orderBy: ['left_row'] })).toBe(5);
  const workbook = new excel.Workbook();
  await workbook.xlsx.readFile(outputPath);
  const sheet = workbook.worksheets[0]!;
  expect((sheet.getRow(1).values as unknown[]).slice(1)).toEqual([...csvHeader.split(','), 'odd']);
  const row = sheet.getRow(2);
  expect(row.getCell(2).value).toBe('a | b');
  expect(row.getCell(4).value).toBe('12345678901234567.89');
  expect(row.getCell(5).value).toEqual(new Date('2024-02-29T00:00:00Z'));
  expect(row.getCell(6).value).toBe('amount; fee');
  expect(sheet.getRow(3).getCell(2).value).toBe('=1+1');
  expect(sheet.getRow(3).getCell(4).value).toBe(-0.1);
});

test('a workbook goes on to further sheets past the limit of one', async () => {
  const outputPath = join(directory, 'sheets.xlsx');
  const query = 'SELECT i::INTEGER AS i FROM range(7) t(i) ORDER BY i';
  expect(await writeWorkbook(engine, [{ title: 'Sheet1', rows: { queries: [query] } }], outputPath, 3)).toBe(7);
  const workbook = new excel.Workbook();
  await workbook.xlsx.readFile(outputPath);
  expect(workbook.worksheets.map((sheet) => sheet.getColumn(1).values.slice(1))).toEqual([
    ['i', 0, 1, 2],
    ['i', 3, 4, 5],
    ['i', 6],
  ]);
});

test('a file that cannot be written is an error, however much was to follow', async () => {
  const query = "SELECT i::INTEGER AS i, 'text ' || i AS t FROM range(200000) t(i)";
  const sheets = [{ title: 'Sheet1', rows: { queries: [query] } }];
  await expect(writeWorkbook(engine, sheets, join(directory, 'nowhere', 'a.xlsx'))).rejects.toThrow('ENOENT');
  if (existsSync('/dev/full')) await expect(writeWorkbook(engine, sheets, '/dev/full')).rejects.toThrow('ENOSPC');
});

test('a query that fails is an error', async () => {
  const query = "SELECT CASE WHEN i > 50000 THEN error('broken') ELSE i END AS i FROM range(100000) t(i)";
  const outputPath = join(directory, 'broken.xlsx');
  await expect(writeWorkbook(engine, [{ title: 'Sheet1', rows: { queries: [query] } }], outputPath)).rejects.toThrow(
    'broken',
  );
  expect(await engine.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
});
