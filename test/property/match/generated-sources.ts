// Records for the matching properties: few keys and few values, so that duplicates, ties and near values are common.
import fc from 'fast-check';
import type { Definition } from '../../../shared/domain/definition.ts';
import type { LoadedSource } from '../../../shared/matching/records.ts';
import { definitionOf, type FieldSpec, type Row, sourceOf } from '../../unit/matching/match/records-from-rows.ts';
import type { Rules } from './reference-matcher.ts';

export type TestRow = { key: string | null; amount: string | null; name: string | null; booked: string | null };

const key = fc.constantFrom('k1', 'k2', 'k3', 'K1', '01', '1', '', null);
const amount = fc.constantFrom('0.00', '10.00', '10.01', '9.99', '10.50', '11.00', '-10.00', '1000.00', null);
const name = fc.constantFrom('ann', 'Ann', ' ANN', 'bob', '', null);
const booked = fc.constantFrom('2024-01-01', '2024-01-02', '2024-01-03', '2024-02-01', null);

export const rows = fc.array(fc.record({ key, amount, name, booked }), { maxLength: 14 });

export const rules: fc.Arbitrary<Rules> = fc
  .record(
    {
      absolute: fc.constantFrom('0.01', '1.00'),
      percent: fc.constantFrom('1', '10'),
      days: fc.constantFrom(1, 2),
      fold: fc.boolean(),
    },
    { requiredKeys: ['fold'] },
  )
  .map(({ absolute, percent, ...rest }) =>
    absolute === undefined ? { ...rest, ...(percent && { percent }) } : { ...rest, absolute },
  );

export function foldText(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase();
}

export function fieldsOf({ absolute, percent, days, fold }: Rules): FieldSpec[] {
  const tolerance = absolute !== undefined ? { absolute } : percent !== undefined ? { percent } : undefined;
  return [
    { name: 'amount', sqlType: 'DECIMAL(18,2)', ...(tolerance && { tolerance }) },
    { name: 'name', sqlType: 'VARCHAR', ...(fold && { comparison: 'ignore-case' as const }) },
    { name: 'booked', sqlType: 'DATE', ...(days !== undefined && { tolerance: { days } }) },
    { name: 'currency', sqlType: 'VARCHAR', role: 'DISPLAY' },
  ];
}

/** The currency, which sums go by, is a function of the key: records are equal when their compared fields are. */
export function loaded(source: string, fields: FieldSpec[], records: TestRow[], rowsFrom = 0): LoadedSource {
  const list = records.map(
    (row): Row => [row.key, row.amount, row.name, row.booked, row.key?.endsWith('1') ? 'USD' : null],
  );
  return sourceOf(source, fields, list, 'currency', rowsFrom);
}

export function definition(fields: FieldSpec[], sources = ['left', 'right']): Definition {
  return definitionOf(fields, sources, { currencyField: 'currency' });
}
