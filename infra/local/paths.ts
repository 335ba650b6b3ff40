// Where the project and what it installs and remembers locally lie.
import { join } from 'node:path';

export const projectRoot = join(import.meta.dirname, '..', '..');

/** Never committed: the emulator's environment and state, the DuckDB layer, synthesized templates. */
export const localDirectory = join(projectRoot, '.local');
