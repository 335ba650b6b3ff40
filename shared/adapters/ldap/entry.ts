// Reading an entry of a directory: servers answer with attribute names in a case of their own.
import type { Entry } from 'ldapts';

/** All values of an attribute as text; those that are no text are left out. */
export function valuesOf(entry: Entry, attribute: string): string[] {
  const wanted = attribute.toLowerCase();
  return Object.entries(entry)
    .filter(([name]) => name.toLowerCase() === wanted)
    .flatMap(([, values]) => values as (string | Buffer)[] | string | Buffer)
    .filter((value) => typeof value === 'string');
}

export function firstValueOf(entry: Entry, attribute: string): string | undefined {
  return valuesOf(entry, attribute)[0];
}
