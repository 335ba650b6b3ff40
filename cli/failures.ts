// Says a failure of the catalogue in one line, with what to do about it in the words of the command line.
import { type ErrorCode, errorCatalogue } from '../shared/domain/errors.ts';
import type { Failure } from '../shared/domain/result.ts';

/** Where the catalogue's remedy speaks of requests and definitions, the option that settles it is better. */
const remedies: Partial<Record<ErrorCode, string>> = {
  READING_AMBIGUOUS: 'Settle it with --date-format FIELD=%d/%m/%Y, --decimal-mark FIELD=, or --type FIELD=text',
  SHEET_REQUIRED: 'Name it with --sheet NAME, or --sheet left=NAME for one side',
  REJECTS_EXCEEDED: 'Look at the rejects; raise --max-rejects if they are right',
  NO_SHARED_KEY: 'Name the key with --key LEFT=RIGHT',
  KEY_COLUMN_EMPTY: 'Choose another key with --key LEFT=RIGHT',
  COLUMN_MISSING: 'Name the columns as they are in the files, LEFT=RIGHT where they differ',
  FILE_EMPTY: 'Give a file with a header and at least one row',
};

export function failureLine(failure: Failure): string {
  return oneLine(`${stop(failure.detail)} ${stop(remedies[failure.code] ?? errorCatalogue[failure.code].remedy)}`);
}

/** A line for a disk that has no room left, as Node and the engine say it; undefined for any other fault. */
export function diskFull(error: unknown): string | undefined {
  const { code, message = '' } = (error ?? {}) as NodeJS.ErrnoException;
  if (code !== 'ENOSPC' && !/No space left on device/.test(message)) return undefined;
  const [, path] = /"([^"]+)"/.exec(message) ?? [];
  return oneLine(`the disk is full${path ? `: ${path} cannot be written` : ''}. Free some, or name another --out.`);
}

/** Control characters in names and values must not reach the terminal, and a line is one line. */
export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}

function stop(sentence: string): string {
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
