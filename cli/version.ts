// The version of package.json, put in its place by the build; read from the file when run from the sources.
import { readFileSync } from 'node:fs';

declare const TIEOUT_VERSION: string | undefined;

export const version: string =
  typeof TIEOUT_VERSION === 'string'
    ? TIEOUT_VERSION
    : (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }).version;
