// Amounts of different currencies neither add up nor are near each other: what a pass has to say about the currency.
import { expect, test } from 'vitest';
import { checkDefinition } from '../../../shared/domain/check-definition.ts';
import type { Condition, Definition, Field, Pass } from '../../../shared/domain/definition.ts';

const both = (column: string) => ({ ledger: column, bank: column });
const amount: Condition = { field: 'amount', absolute: '1' };
const days: Condition = { field: 'booked', daysBefore: 1, daysAfter: 3 };
const inCurrency: Condition = { field: 'currency', equal: true };
const tolerance = (...conditions: Condition[]): Pass => ({ kind: 'tolerance', conditions });
const grouped = (by: string[]): Pass => ({ kind: 'grouped', cardinality: 'one-to-many', by, amount: 'amount' });

function faultsOf(pass: Pass, currency: Partial<Field>): string[] {
  const definition: Definition = {
    name: 'cash',
    sources: [{ name: 'ledger', anchor: true }, { name: 'bank' }],
    fields: [
      { name: 'id', role: 'KEY', mapping: both('id') },
      { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: both('amount') },
      { name: 'booked', role: 'COMPARE', type: 'date', mapping: both('booked') },
      { name: 'account', role: 'CLASSIFIER', mapping: both('account') },
      { name: 'currency', role: 'CLASSIFIER', type: 'text', mapping: both('currency'), ...currency },
    ],
    passes: [pass],
    currencyField: 'currency',
  };
  return checkDefinition(definition).map(({ path, message }) => `${path}: ${message}`);
}

const apart =
  'passes[0].conditions: must have "currency" equal: amounts of different currencies are not near each other';
const sum = 'passes[0].by: must name "currency": amounts of different currencies do not add up';

test.each<[string, Pass, Partial<Field>, string[]]>([
  ['near, and a currency that is only shown', tolerance(amount), {}, [apart]],
  ['a percentage too', tolerance(days, { field: 'amount', percent: '1' }), {}, [apart]],
  [
    'near, and a currency that is not looked at',
    tolerance(amount),
    { role: 'COMPARE', comparison: 'ignored' },
    [apart],
  ],
  ['near, and a currency in the key, which the pass goes beyond', tolerance(amount), { role: 'KEY' }, [apart]],
  ['near, and a currency that is compared: the pair differs', tolerance(amount), { role: 'COMPARE' }, []],
  ['near in one currency', tolerance(inCurrency, amount), {}, []],
  ['near, and a source without currency', tolerance(amount), { mapping: { ledger: 'currency' } }, []],
  ['days alone', tolerance(days), {}, []],
  ['a sum over currencies', grouped(['account']), {}, [sum]],
  ['a sum over currencies, however they are compared', grouped(['account']), { role: 'COMPARE' }, [sum]],
  ['a sum in one currency', grouped(['currency', 'account']), {}, []],
])('%s', (_, pass, currency, faults) => {
  expect(faultsOf(pass, currency)).toEqual(faults);
});
