// The columns that a mapping takes from: found, or put another way. It looks at no file.
import type { Mapping } from './definition.ts';

/** The same mapping with each column made by `replace`. */
export function replaceColumns(mapping: Mapping, replace: (column: string, optional: boolean) => Mapping): Mapping {
  const inner = (part: Mapping) => replaceColumns(part, replace);
  if (typeof mapping === 'string') return replace(mapping, false);
  if ('column' in mapping) return replace(mapping.column, mapping.optional ?? false);
  if ('constant' in mapping) return mapping;
  if ('concatenate' in mapping) return { ...mapping, concatenate: mapping.concatenate.map(inner) };
  if ('negate' in mapping) return { negate: inner(mapping.negate) };
  if ('debit' in mapping) return { debit: inner(mapping.debit), credit: inner(mapping.credit) };
  if ('scale' in mapping) return { ...mapping, scale: inner(mapping.scale) };
  if ('substring' in mapping) return { ...mapping, substring: inner(mapping.substring) };
  return { ...mapping, extract: inner(mapping.extract) };
}

export function columnsOfExpression(mapping: Mapping): string[] {
  const columns: string[] = [];
  replaceColumns(mapping, (column) => {
    columns.push(column);
    return column;
  });
  return [...new Set(columns)];
}
