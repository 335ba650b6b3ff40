// Records and passes for the properties of the waterfall: few keys, amounts and days, so that ties, repeats, near values
// and records that several passes could take are common.
import fc from 'fast-check';
import type { Condition, Definition, Pass } from '../../shared/domain/definition.ts';
import type { LoadedSource } from '../../shared/matching/records.ts';
import { definitionOf, type FieldSpec, type Row, sourceOf } from '../unit/matching/match/records-from-rows.ts';

export const fields: FieldSpec[] = [
  { name: 'id', sqlType: 'VARCHAR', role: 'KEY' },
  { name: 'amount', sqlType: 'DECIMAL(18,2)' },
  { name: 'name', sqlType: 'VARCHAR' },
  { name: 'booked', sqlType: 'DATE' },
  { name: 'note', sqlType: 'VARCHAR', role: 'DISPLAY' },
];

const key = fc.constantFrom('k1', 'k2', 'k3', 'k4', 'k5', 'k6', 'k7', null);
const amount = fc.constantFrom('0.00', '10.00', '10.01', '10.02', '9.99', '10.05', '-10.00', '-10.02', '1000.00', null);
const name = fc.constantFrom('ann', 'bob', null);
const booked = fc.constantFrom('2023-12-29', '2024-01-02', '2024-01-03', '2024-01-06', null);
const note = fc.constantFrom('x', 'y');

export const rows: fc.Arbitrary<Row[]> = fc.array(
  fc.tuple(key, amount, name, booked, note).map(([id, ...rest]): Row => [id, id, ...rest]),
  { maxLength: 12 },
);

const nameCondition: fc.Arbitrary<Condition> = fc.constant({ field: 'name', equal: true });
const amountCondition: fc.Arbitrary<Condition> = fc.oneof(
  fc.constantFrom('0', '0.01', '0.03', '0.07', '5').map((absolute) => ({ field: 'amount', absolute })),
  fc.record({
    field: fc.constant('amount'),
    percent: fc.constantFrom('0.1', '0.3', '20'),
    base: fc.constantFrom('anchor', 'other', 'larger'),
  }),
);
const dayCondition: fc.Arbitrary<Condition> = fc.record(
  {
    field: fc.constant('booked'),
    daysBefore: fc.constantFrom(0, 1, 3),
    daysAfter: fc.constantFrom(0, 2, 7),
    calendar: fc.constant('bank'),
  },
  { requiredKeys: ['field', 'daysBefore', 'daysAfter'] },
);

const pass: fc.Arbitrary<Pass> = fc
  .record(
    {
      kind: fc.constant('tolerance' as const),
      conditions: fc
        .tuple(fc.option(nameCondition), fc.option(dayCondition), amountCondition)
        .map((all) => all.filter((one) => one !== null)),
      tieMargin: fc.constantFrom('0.2', '0.5'),
      accept: fc.constantFrom('suggest', 'auto'),
    },
    { requiredKeys: ['kind', 'conditions'] },
  )
  .map((one) => one as Pass);

/** One to three tolerance passes, most often after one by key. */
export const passes: fc.Arbitrary<Pass[]> = fc
  .tuple(fc.constantFrom(true, true, true, false), fc.array(pass, { minLength: 1, maxLength: 3 }))
  .map(([byKey, later]) => [...(byKey ? [{ kind: 'exact-key' } as Pass] : []), ...later]);

export function definition(passesOf: Pass[], sources = ['left', 'right']): Definition {
  return definitionOf(fields, sources, { passes: passesOf, calendars: { bank: { holidays: ['2024-01-01'] } } });
}

export function loaded(source: string, records: Row[], rowsFrom = 0): LoadedSource {
  return sourceOf(source, fields, records, undefined, rowsFrom);
}

export function shuffled<Item>(items: Item[], seed: number): Item[] {
  return fc.sample(fc.shuffledSubarray(items, { minLength: items.length }), { numRuns: 1, seed })[0] ?? [];
}
