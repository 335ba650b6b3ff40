// A workbook as another library reads it: openpyxl, in the virtual environment that the set-up installs.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { localDirectory } from '../../../infra/local/paths.ts';

export type ReadCell = {
  value: string | number | boolean | null;
  /** openpyxl's: `n` number, `s` text, `d` date, `b` boolean, `f` formula. */
  type: string;
  format: string;
  fill: string | null;
  bold: boolean;
};
export type ReadSheet = { title: string; frozen: string | null; filter: string | null; rows: ReadCell[][] };

export function readWorkbook(path: string): ReadSheet[] {
  const python = join(localDirectory, 'venv', 'bin', 'python');
  const script = join(import.meta.dirname, 'read-workbook.py');
  return JSON.parse(execFileSync(python, [script, path], { encoding: 'utf8', maxBuffer: 256 * 1024 ** 2 }));
}
