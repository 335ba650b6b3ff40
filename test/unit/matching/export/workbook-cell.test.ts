// Cells: what a value of DuckDB becomes in a workbook, exact or as text.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBDecimalValue, listValue } from '@duckdb/node-api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Engine, openEngine } from '../../../../shared/matching/engine.ts';
import { cellFormat, cellOf, kindOfType } from '../../../../shared/matching/export/workbook-cell.ts';

async function withEngine<T>(work: (engine: Engine) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), 'tieout-cell-'));
  const engine = await openEngine({ directory, memoryMb: 128, threads: 1 });
  try {
    return await work(engine);
  } finally {
    engine.close();
    rmSync(directory, { recursive: true });
  }
}

describe('cells', () => {
  const rows: [sql: string, cell: unknown][] = [
    ['NULL::INTEGER', null],
    ['true', true],
    ['7::TINYINT', 7],
    ['999999999999999::BIGINT', 999_999_999_999_999],
    ['9007199254740993::BIGINT', '9007199254740993'],
    ['-170141183460469231731687303715884105727::HUGEINT', '-170141183460469231731687303715884105727'],
    ['0.1::DOUBLE', 0.1],
    ['0.30000000000000004::DOUBLE', 0.300_000_000_000_000_04],
    [`'nan'::DOUBLE`, 'NaN'],
    [`'-inf'::DOUBLE`, '-Infinity'],
    ['1.10::DECIMAL(4,2)', 1.1],
    ['-0.05::DECIMAL(38,20)', '-0.05000000000000000000'],
    ['0.000000000000001::DECIMAL(38,15)', 1e-15],
    ['1234567890123.45::DECIMAL(18,2)', 1_234_567_890_123.45],
    ['12345678901234.56::DECIMAL(18,2)', '12345678901234.56'],
    ['12345678901234567890123456789012345678::DECIMAL(38,0)', '12345678901234567890123456789012345678'],
    [`DATE '1900-03-01'`, 61],
    [`DATE '1900-02-28'`, '1900-02-28'],
    [`DATE '2026-01-05'`, 46_027],
    [`DATE '9999-12-31'`, 2_958_465],
    [`DATE '10000-01-01'`, '10000-01-01'],
    [`'infinity'::DATE`, 'infinity'],
    [`'-infinity'::DATE`, '-infinity'],
    [`'-infinity'::TIMESTAMP`, '-infinity'],
    [`'infinity'::TIMESTAMP`, 'infinity'],
    [`TIMESTAMP '2026-01-05 12:00:00'`, 46_027.5],
    [`TIMESTAMP '2026-01-05 00:00:00.001'`, (Date.UTC(2026, 0, 5) + 1) / 86_400_000 + 25_569],
    [`TIMESTAMP '2026-01-05 00:00:00.000001'`, '2026-01-05 00:00:00.000001'],
    [`TIMESTAMP '1899-01-01 00:00:00'`, '1899-01-01 00:00:00'],
    [`'=1+1'`, '=1+1'],
    [`''`, ''],
    [`'a' || chr(0) || '_x0041_' || chr(10)`, 'a_x0000__x005F_x0041_\n'],
    [`['a', 'b']`, 'a; b'],
    [`'12:30:00'::TIME`, '12:30:00'],
  ];
  it.each(rows)('%s is %j', async (sql, cell) => {
    await withEngine(async (engine) => {
      const result = await engine.connection.stream(`SELECT ${sql} AS v`);
      const chunk = await result.fetchChunk();
      const kind = kindOfType(String(result.columnTypes()[0]));
      expect(cellOf(chunk!.getColumnVector(0).getItem(0), kind)).toEqual(cell);
    });
  });

  it('a decimal of up to 15 digits is the number nearest to it, and a longer one keeps every digit', () => {
    const digits = fc.oneof(fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n }), fc.bigInt(-(10n ** 38n), 10n ** 38n));
    fc.assert(
      fc.property(digits, fc.integer({ min: 0, max: 38 }), (value, scale) => {
        const decimal = new DuckDBDecimalValue(value, 38, scale);
        const cell = cellOf(decimal, 'number');
        const text = decimal.toString();
        if (typeof cell === 'string') expect(cell).toBe(text);
        else expect(cell).toBe(Number(text));
        const significant = text.replace(/\D/g, '').replace(/^0+/, '');
        expect(typeof cell).toBe(significant.length <= 15 ? 'number' : 'string');
      }),
      { numRuns: 2_000 },
    );
  });

  it('text over what a cell holds is cut, and says so', () => {
    expect(cellOf('x'.repeat(40_000), 'text')).toBe(`${'x'.repeat(32_766)}…`);
    expect(cellOf(listValue(['x'.repeat(40_000)]), 'text')).toHaveLength(32_767);
  });
});

describe('formats', () => {
  it.each([
    ['DATE', undefined, 'yyyy-mm-dd'],
    ['TIMESTAMP', undefined, 'yyyy-mm-dd hh:mm:ss'],
    ['DECIMAL(18,1)', undefined, '#,##0.0'],
    ['DECIMAL(18,2)', undefined, '#,##0.00'],
    ['DECIMAL(38,6)', undefined, '#,##0.00####'],
    ['BIGINT', undefined, undefined],
    ['VARCHAR', undefined, undefined],
    ['DECIMAL(18,2)', '0.0', '0.0'],
    ['DATE', 'dd.MM.yyyy', 'dd.mm.yyyy'],
    ['DATE', '#,##0', 'yyyy-mm-dd'],
    ['VARCHAR', '#,##0', undefined],
    ['DECIMAL(18,2)', 'anything', '#,##0.00'],
  ])('%s with the hint %j has %j', (type, hint, format) => {
    expect(cellFormat(type, hint)).toBe(format);
  });
});
