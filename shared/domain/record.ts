// What is known of loaded records besides the records themselves.
import type { FieldType } from './definition.ts';

export type LoadedField = {
  name: string;
  type: FieldType;
  /** VARCHAR, BOOLEAN, DATE, TIMESTAMP, or DECIMAL(p,s) with p = 18 where every value allows it, else 38. */
  sqlType: string;
};

/** read = records + rejected + excluded. */
export type LoadedRows = { read: number; records: number; rejected: number; excluded: number };
