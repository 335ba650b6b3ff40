// Where the bench keeps what it makes: outside of what is committed.
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const benchDirectory = `${root}.local/bench`;
