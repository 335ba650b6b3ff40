// A DuckDB of one task: no network, no extensions, files only inside the task's directories, configuration locked.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { literal } from './sql.ts';

export type EngineSettings = {
  /** Scratch directory of this task: temporary tables and files live here. Made if absent. */
  directory: string;
  /** Further files or directories that may be read or written (inputs outside the scratch directory). */
  allowed?: string[];
  memoryMb: number;
  threads: number;
};

export type Engine = {
  connection: DuckDBConnection;
  directory: string;
  /** Runs SQL for its effect. */
  run(sql: string): Promise<void>;
  /** Rows as JSON values: BIGINT, HUGEINT, DECIMAL, DATE and TIMESTAMP as exact text, INTEGER and DOUBLE as number. */
  rows<Row>(sql: string): Promise<Row[]>;
  /**
   * A large result, a chunk at a time, as its columns of values. On a connection of its own: on a shared one an appender
   * that flushes ends the stream without saying so.
   */
  stream(sql: string): AsyncGenerator<(readonly unknown[])[]>;
  /** Another connection to the same tables (not the temporary ones), to run beside this one. Close it first. */
  fork(): Promise<Engine>;
  close(): void;
};

/** Opens an in-memory DuckDB confined to the given directories. Throws what DuckDB throws on wrong settings. */
export async function openEngine(settings: EngineSettings): Promise<Engine> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  mkdirSync(settings.directory, { recursive: true });
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${settings.memoryMb}MB`,
    threads: String(settings.threads),
    temp_directory: join(settings.directory, 'spill'),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    preserve_insertion_order: 'false',
  });
  const connection = await instance.connect();
  const allowed = [settings.directory, ...(settings.allowed ?? [])];
  await connection.run(`SET allowed_directories = [${allowed.map((path) => literal(`${path}/`)).join(', ')}]`);
  await connection.run(`SET allowed_paths = [${allowed.map(literal).join(', ')}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
  const over = (own: DuckDBConnection, close: () => void): Engine => ({
    connection: own,
    directory: settings.directory,
    async run(sql) {
      await own.run(sql);
    },
    async rows<Row>(sql: string) {
      const reader = await own.runAndReadAll(sql);
      return reader.getRowObjectsJson() as Row[];
    },
    async *stream(sql) {
      const reader = await instance.connect();
      try {
        const result = await reader.stream(sql);
        for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk())
          yield chunk.getColumns();
      } finally {
        reader.closeSync();
      }
    },
    async fork() {
      const other = await instance.connect();
      return over(other, () => other.closeSync());
    },
    close,
  });
  return over(connection, () => {
    connection.closeSync();
    instance.closeSync();
  });
}
