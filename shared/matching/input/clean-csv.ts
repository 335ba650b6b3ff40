// Rows in one plain CSV that DuckDB reads without a doubt: number, line, cells, all quoted. What cannot be read as a row
// goes to a file of rejects with its line and reason. Written as a stream: no memory grows with the rows.
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

export class LineSink {
  private readonly stream;
  private buffer: string[] = [];
  private size = 0;
  private readonly encoding: 'utf8' | 'latin1';
  private failure: Error | undefined;
  rows = 0;

  /** `latin1` passes bytes through: strings are taken from a buffer and written back as they were. */
  constructor(path: string, encoding: 'utf8' | 'latin1') {
    this.stream = createWriteStream(path);
    this.encoding = encoding;
    this.stream.on('error', (error) => {
      this.failure = error;
    });
  }

  /** Returns a promise only when the caller must wait. */
  write(line: string): Promise<void> | undefined {
    this.rows++;
    this.buffer.push(line);
    this.size += line.length;
    return this.size > 1 << 20 ? this.flush() : undefined;
  }

  private async flush(): Promise<void> {
    if (this.failure) throw this.failure;
    const bytes = Buffer.from(this.buffer.join(''), this.encoding);
    this.buffer = [];
    this.size = 0;
    if (!this.stream.write(bytes)) await once(this.stream, 'drain');
  }

  async close(): Promise<void> {
    await this.flush();
    this.stream.end();
    await once(this.stream, 'close');
    if (this.failure) throw this.failure;
  }
}

/** Longest value that a reject shows; the rest is in the file that was sent. */
const shownMax = 1000;

export type StructuralReject = { line: number; column: string; value: string; reason: string };

export function rejectLine(reject: StructuralReject): string {
  const value = reject.value.length > shownMax ? `${reject.value.slice(0, shownMax)}…` : reject.value;
  return `${reject.line},${quoted(reject.column)},${quoted(value)},${quoted(reject.reason)}\n`;
}

export function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** Where converted rows go, and how many there were. */
export type CleanRows = {
  path: string;
  rejectsPath: string;
  /** Rows in the file, the rejected ones too. */
  read: number;
  rejected: number;
};
