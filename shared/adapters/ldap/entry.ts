// Reading an entry of a directory: servers answer with attribute names in a case of their own.
import type { Entry } from 'ldapts';

/** All values of an attribute as text; those that are no text are left out. */
export function valuesOf(entry: Entry, attribute: string): string[] {
  return allOf(entry, attribute).filter((value) => typeof value === 'string');
}

/** Of an attribute that the search names among its `explicitBufferAttributes`. */
export function bytesOf(entry: Entry, attribute: string): Buffer | undefined {
  return allOf(entry, attribute).find((value) => typeof value !== 'string');
}

function allOf(entry: Entry, attribute: string): (string | Buffer)[] {
  const wanted = attribute.toLowerCase();
  return Object.entries(entry)
    .filter(([name]) => name.toLowerCase() === wanted)
    .flatMap(([, values]) => values as (string | Buffer)[] | string | Buffer);
}

export function firstValueOf(entry: Entry, attribute: string): string | undefined {
  return valuesOf(entry, attribute)[0];
}
