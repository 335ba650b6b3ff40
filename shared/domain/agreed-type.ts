// The type that values of several types can all be compared as.
import type { FieldType } from './definition.ts';

/** A date is a date-time at midnight and a whole number is a decimal; any other two types meet as text. */
export function agreedType(types: Set<FieldType>): FieldType | undefined {
  if (types.size < 2) return [...types][0];
  if (types.size === 2 && types.has('date') && types.has('datetime')) return 'datetime';
  if (types.size === 2 && types.has('integer') && types.has('decimal')) return 'decimal';
  return 'text';
}
