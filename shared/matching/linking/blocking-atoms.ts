// What two records may have in common so that it is worth comparing them: a value, the beginning of one, its sound, parts
// of a date. A key of a block is one of these or several together.
import { equalColumn, soundColumn, valueColumn } from './comparisons.ts';
import type { ComparisonKind, PlannedField } from './fields.ts';

export type Atom = {
  field: PlannedField;
  /** Which of the parts of its kind. */
  part: number;
  /** In words: `surname`, `sound of surname`. */
  name: string;
  /** The text that is equal, of a record under the alias; null has nothing in common with anything. */
  of: (alias: string) => string;
};

const parts: Record<
  ComparisonKind,
  { name: (field: string) => string; sql: (value: string, sound: string) => string }[]
> = {
  name: [
    { name: (field) => field, sql: (value) => value },
    { name: (field) => `first 3 letters of ${field}`, sql: (value) => substring(value, 1, 3, 4) },
    {
      name: (field) => `last 4 letters of ${field}`,
      sql: (value) => `CASE WHEN length(${value}) > 4 THEN right(${value}, 4) END`,
    },
    { name: (field) => `sound of ${field}`, sql: (_value, sound) => sound },
  ],
  code: [
    { name: (field) => field, sql: (value) => value },
    {
      name: (field) => `first half of ${field}`,
      sql: (value) => `CASE WHEN length(${value}) >= 4 THEN left(${value}, length(${value}) // 2) END`,
    },
    {
      name: (field) => `last half of ${field}`,
      sql: (value) => `CASE WHEN length(${value}) >= 4 THEN right(${value}, length(${value}) // 2) END`,
    },
    // Of a reference that was cut, or has something before it, the half is another.
    {
      name: (field) => `first 5 characters of ${field}`,
      sql: (value) => `CASE WHEN length(${value}) >= 5 THEN left(${value}, 5) END`,
    },
    {
      name: (field) => `last 5 characters of ${field}`,
      sql: (value) => `CASE WHEN length(${value}) >= 5 THEN right(${value}, 5) END`,
    },
  ],
  number: [{ name: (field) => field, sql: (value) => value }],
  date: [
    { name: (field) => field, sql: (value) => value },
    { name: (field) => `year and month of ${field}`, sql: (value) => substring(value, 1, 6, 8) },
    { name: (field) => `month and day of ${field}`, sql: (value) => substring(value, 5, 4, 8) },
    {
      name: (field) => `year and day of ${field}`,
      sql: (value) => `substr(${value}, 1, 4) || ${substring(value, 7, 2, 8)}`,
    },
  ],
  text: [{ name: (field) => field, sql: (value) => value }],
};

/** Where records must be equal in something besides, its number is a part of the text. */
export function atomsOf(field: PlannedField): Atom[] {
  return parts[field.kind].map(({ name, sql }, part) => ({
    field,
    part,
    name: name(field.name),
    of: (alias) => {
      const text = sql(`${alias}.${valueColumn(field.index)}`, `${alias}.${soundColumn(field.index)}`);
      return field.within ? `(${alias}.${equalColumn} || ':' || ${text})` : text;
    },
  }));
}

/** What records must be equal in, and nothing else: where few are, all of them are compared. */
export function withinAtom(name: string): Atom {
  return { field: { name, index: -1, kind: 'code' }, part: 0, name, of: (alias) => `${alias}.${equalColumn}::VARCHAR` };
}

/** Null of a text that is shorter than `least`. */
function substring(value: string, from: number, length: number, least: number): string {
  return `CASE WHEN length(${value}) >= ${least} THEN substr(${value}, ${from}, ${length}) END`;
}

/** One number of what several atoms have in common; null where one of them is. */
export function keySql(atoms: Atom[], alias: string): string {
  const texts = atoms.map((atom) => atom.of(alias));
  const present = texts.map((text) => `(${text}) IS NOT NULL`).join(' AND ');
  return `CASE WHEN ${present} THEN hash(${texts.join(', ')}) END`;
}
