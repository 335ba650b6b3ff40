// Records that decisions name, by their references, in SQL: which are there, which come back, which may not meet again.
import { join } from 'node:path';
import type { Engine } from '../../matching/engine.ts';
import { readRecords } from '../../matching/load/read-records.ts';
import { rowColumn } from '../../matching/records.ts';
import { identifier, literal } from '../../matching/sql.ts';
import type { JoinRequest, Picked, PickRequest } from '../pipeline-engine.ts';

const row = identifier(rowColumn);

export async function joinMembers(engine: Engine, request: JoinRequest): Promise<string> {
  const { directory, name, paths, members } = request;
  const path = join(directory, `${name}.parquet`);
  await engine.run(
    'CREATE OR REPLACE TABLE named_members (source VARCHAR, match VARCHAR, left_row BIGINT, right_row BIGINT)',
  );
  const appender = await engine.connection.createAppender('named_members');
  for (const { source, match, left, right } of members) {
    appender.appendVarchar(source);
    appender.appendVarchar(match);
    for (const row of [left, right]) row === null ? appender.appendNull() : appender.appendBigInt(BigInt(row));
    appender.endRow();
  }
  appender.closeSync();
  const ofFiles = paths.length === 0 ? '' : `UNION SELECT source, match, left_row, right_row FROM ${filesOf(paths)}`;
  await engine.run(`COPY (SELECT DISTINCT source, match, left_row, right_row FROM named_members ${ofFiles})
    TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`);
  return path;
}

export async function presentRows(engine: Engine, request: { paths: string[]; rows: number[] }): Promise<number[]> {
  if (request.paths.length === 0 || request.rows.length === 0) return [];
  // One file after the other: batches of one source may differ in their other columns.
  const found = new Set<number>();
  for (const path of request.paths) {
    const rows = await engine.rows<{ row: string }>(
      `SELECT DISTINCT ${row} AS "row" FROM read_parquet(${literal(path)}) WHERE ${row} IN (${numbers(request.rows)})`,
    );
    for (const one of rows) found.add(Number(one.row));
  }
  return [...found];
}

export async function pickRecords(engine: Engine, request: PickRequest): Promise<Picked> {
  const { path, definition, records, side, rows, undone, notIn } = request;
  const source = await readRecords(engine, { definition, ...records });
  const wanted = [
    rows.length > 0 ? `SELECT unnest([${numbers(rows)}])::BIGINT` : 'SELECT NULL::BIGINT',
    ...undone.map(({ path, except }) => {
      const others = except.length === 0 ? '' : `WHERE match NOT IN (SELECT match FROM ${filesOf(except)})`;
      return `SELECT ${side}_row FROM ${filesOf([path])} ${others}`;
    }),
  ];
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE wanted AS SELECT DISTINCT r FROM (${wanted.join(' UNION ALL ')}) t(r) WHERE r IS NOT NULL`,
  );
  for (const other of notIn)
    await engine.run(`DELETE FROM wanted WHERE r IN (SELECT ${row} FROM read_parquet(${literal(other)}))`);
  await engine.run(`COPY (SELECT * FROM ${source.relation} WHERE ${row} IN (FROM wanted))
    TO ${literal(path)} (FORMAT parquet, COMPRESSION zstd)`);
  const picked = await readRecords(engine, { definition, source: records.source, paths: [path] });
  return { path, rows: picked.rows.records, sums: picked.sums, fields: picked.fields };
}

function numbers(rows: number[]): string {
  return rows.map((one) => BigInt(one).toString()).join(', ');
}

function filesOf(paths: string[]): string {
  return `read_parquet([${paths.map(literal).join(', ')}])`;
}
