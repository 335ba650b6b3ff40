// Test support: an engine of a test's own, and relations of records numbered in the order of their content, as linking takes them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, openEngine } from '../../../../shared/matching/engine.ts';
import { identifier, literal } from '../../../../shared/matching/sql.ts';

export async function withEngine<Result>(use: (engine: Engine) => Promise<Result>, threads = 2): Promise<Result> {
  const directory = mkdtempSync(join(tmpdir(), 'tieout-linking-'));
  const engine = await openEngine({ directory, memoryMb: 1000, threads });
  try {
    return await use(engine);
  } finally {
    engine.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

export type Values = (string | null)[];

/** A table of texts, by `$id` in the order of content; equal rows stay as many as came. */
export async function relationOf(engine: Engine, name: string, fields: string[], rows: Values[]): Promise<void> {
  const columns = fields.map(identifier).join(', ');
  const types = fields.map((field) => `${identifier(field)} VARCHAR`).join(', ');
  await engine.run(`CREATE OR REPLACE TABLE written (${types})`);
  const lines = rows.map((row) => `(${row.map((value) => (value === null ? 'NULL' : literal(value))).join(', ')})`);
  if (lines.length > 0) await engine.run(`INSERT INTO written VALUES ${lines.join(', ')}`);
  await numbered(engine, name, 'written', columns);
}

/** `columns` of a relation, with `$id` in the order of content. */
export async function numbered(engine: Engine, name: string, from: string, columns: string): Promise<void> {
  await engine.run(`CREATE OR REPLACE TABLE ${identifier(name)} AS
    SELECT (row_number() OVER (ORDER BY ${columns}) - 1)::INTEGER AS "$id", ${columns} FROM ${from}`);
}

/** One value of one expression. */
export async function evaluate(engine: Engine, sql: string): Promise<unknown> {
  const [row] = await engine.rows<{ value: unknown }>(`SELECT ${sql} AS value`);
  return row!.value;
}
