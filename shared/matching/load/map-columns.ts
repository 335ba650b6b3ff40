// A mapping compiled: texts taken from columns, and the arithmetic that makes one number of them.

import type { Mapping } from '../../domain/definition.ts';
import { countGroups } from '../../domain/pattern.ts';
import { literal } from '../sql.ts';

/** A text expression over the columns of the file, and the columns it uses. */
export type TextLeaf = { sql: string; columns: string[] };

/** Arithmetic over the leaves, by their index. */
export type Arithmetic =
  | { kind: 'leaf'; leaf: number }
  | { kind: 'negate'; of: Arithmetic }
  | { kind: 'difference'; plus: Arithmetic; minus: Arithmetic }
  | { kind: 'scale'; of: Arithmetic; by: string };

export type CompiledMapping = { leaves: TextLeaf[]; arithmetic: Arithmetic };

/** `columnSql` names the SQL column of a column of the file. */
export function compileMapping(mapping: Mapping, columnSql: (column: string) => string): CompiledMapping {
  const leaves: TextLeaf[] = [];
  const compile = (part: Mapping): Arithmetic => {
    if (typeof part === 'object') {
      if ('negate' in part) return { kind: 'negate', of: compile(part.negate) };
      if ('debit' in part) return { kind: 'difference', plus: compile(part.credit), minus: compile(part.debit) };
      if ('scale' in part) return { kind: 'scale', of: compile(part.scale), by: part.by };
    }
    leaves.push(textOf(part, columnSql));
    return { kind: 'leaf', leaf: leaves.length - 1 };
  };
  return { arithmetic: compile(mapping), leaves };
}

function textOf(mapping: Mapping, columnSql: (column: string) => string): TextLeaf {
  if (typeof mapping === 'string') return { sql: columnSql(mapping), columns: [mapping] };
  if ('column' in mapping) return { sql: columnSql(mapping.column), columns: [mapping.column] };
  if ('constant' in mapping) return { sql: `CAST(nullif(${literal(mapping.constant)}, '') AS VARCHAR)`, columns: [] };
  if ('concatenate' in mapping) {
    const parts = mapping.concatenate.map((part) => textOf(part, columnSql));
    // Empty parts are left out together with their separator; all empty is null.
    const sql = `nullif(concat_ws(${literal(mapping.separator ?? '')}, ${parts.map((part) => part.sql).join(', ')}), '')`;
    return { sql, columns: parts.flatMap((part) => part.columns) };
  }
  if ('substring' in mapping) {
    const { sql, columns } = textOf(mapping.substring, columnSql);
    const length = mapping.length === undefined ? '' : `, ${mapping.length}`;
    return { sql: `nullif(substring(${sql}, ${mapping.start}${length}), '')`, columns };
  }
  if ('extract' in mapping) {
    const { sql, columns } = textOf(mapping.extract, columnSql);
    const group = mapping.group ?? (countGroups(mapping.pattern) > 0 ? 1 : 0);
    return { sql: `nullif(regexp_extract(${sql}, ${literal(mapping.pattern)}, ${group}), '')`, columns };
  }
  // `checkDefinition` refuses arithmetic inside text.
  throw new Error('arithmetic cannot be part of a text');
}

/** Every pattern in a mapping. */
export function patternsOf(mapping: Mapping): string[] {
  if (typeof mapping === 'string' || 'column' in mapping || 'constant' in mapping) return [];
  if ('concatenate' in mapping) return mapping.concatenate.flatMap(patternsOf);
  if ('extract' in mapping) return [mapping.pattern, ...patternsOf(mapping.extract)];
  if ('substring' in mapping) return patternsOf(mapping.substring);
  if ('negate' in mapping) return patternsOf(mapping.negate);
  if ('scale' in mapping) return patternsOf(mapping.scale);
  return [...patternsOf(mapping.debit), ...patternsOf(mapping.credit)];
}

/** Whether the mapping makes a number, whatever the columns hold. */
export function isArithmetic(mapping: Mapping): boolean {
  return typeof mapping === 'object' && ('negate' in mapping || 'debit' in mapping || 'scale' in mapping);
}
