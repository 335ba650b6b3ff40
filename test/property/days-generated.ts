// Days of a ledger and a bank: what belongs together by key, nearly, in sets or not at all, some of it arriving a day or two
// late; and the definitions that these days are matched by.
import type { Definition, Pass } from '../../shared/domain/definition.ts';
import type { Random } from '../fault/random.ts';

export type Item = { ref: string; id: string; amount: string; booked: string; ccy: string; batch: string };
export type Day = { bank: Item[]; ledger: Item[] };

export const columns = ['ref', 'id', 'amount', 'booked', 'ccy', 'batch'] as const;
const both = (name: string) => ({ bank: name, ledger: name });

/** `ref` is of one record alone, but for copies: by it a test knows a record again in whatever row it stands. */
export const definition: Definition = {
  name: 'days',
  sources: [
    { name: 'bank', anchor: true, load: 'increment' },
    { name: 'ledger', load: 'increment' },
  ],
  fields: [
    { name: 'ref', role: 'DISPLAY', type: 'text', mapping: both('ref') },
    { name: 'id', role: 'KEY', type: 'text', mapping: both('id') },
    { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: both('amount') },
    { name: 'booked', role: 'COMPARE', type: 'date', mapping: both('booked') },
    { name: 'ccy', role: 'CLASSIFIER', type: 'text', mapping: both('ccy') },
    { name: 'batch', role: 'CLASSIFIER', type: 'text', mapping: both('batch') },
  ],
  passes: [{ kind: 'exact-key' }],
  currencyField: 'ccy',
  calendars: { bank: { holidays: ['2026-01-06'] } },
};

const key: Pass = { kind: 'exact-key', name: 'key' };
const near = (absolute: string, accept: 'auto' | 'suggest' = 'auto'): Pass => ({
  ...{ kind: 'tolerance', name: `near ${absolute}`, accept },
  conditions: [
    { field: 'ccy', equal: true },
    { field: 'amount', absolute },
    { field: 'booked', daysBefore: 1, daysAfter: 2, calendar: 'bank' },
  ],
});
const sums = (
  cardinality: 'one-to-many' | 'many-to-one' | 'netting',
  by: string[],
  accept: 'auto' | 'suggest',
): Pass => ({
  ...{ kind: 'grouped', name: `${cardinality} ${accept}`, cardinality, by, amount: 'amount', accept },
  search: { recordsMax: 3 },
});

export const passesOfADay: Pass[][] = [
  [key, near('0.05'), sums('one-to-many', ['ccy'], 'auto')],
  [key, sums('netting', ['ccy'], 'auto'), near('0.10'), sums('many-to-one', ['ccy', 'batch'], 'suggest')],
  [key, sums('many-to-one', ['ccy'], 'auto'), near('0.05', 'suggest')],
  [near('0.01'), { kind: 'grouped', name: 'by batch', cardinality: 'one-to-many', by: ['batch'], amount: 'amount' }],
];

const sets = ['payout', 'many', 'net'] as const;
const kinds = ['key', 'differs', 'near', 'tie', 'lone', 'copies', 'keyless', ...sets, ...sets] as const;

/** Each day has records of both sides: an empty file is refused. */
export function daysOf(random: Random, count: number): Day[] {
  const days = Array.from({ length: count }, (): Day => ({ bank: [], ledger: [] }));
  let made = 0;
  const item = (day: number, more: Partial<Item> & { amount: string }): Item => {
    made += 1;
    const booked = `2026-01-${String(5 + day).padStart(2, '0')}`;
    return { ref: `r${made}`, id: `k${made}`, booked, ccy: random.pick(['EUR', 'USD']), batch: '', ...more };
  };
  for (let day = 0; day < count; day += 1) {
    const put = (side: keyof Day, one: Item) => {
      const late = random.chance(0.3) ? 1 + random.below(2) : 0;
      days[Math.min(count - 1, day + late)]![side].push(one);
    };
    for (const side of ['bank', 'ledger'] as const) days[day]![side].push(item(day, { amount: '1.11' }));
    for (let event = 0; event < 7; event += 1) {
      const amount = (cents: number) => (cents / 100).toFixed(2);
      const cents = 1_000 + random.below(20_000);
      const one = item(day, { amount: amount(cents) });
      const { id, ccy } = one;
      const like = (more: Partial<Item>) => item(day, { amount: one.amount, id, ccy, ...more });
      const kind = random.pick(kinds);
      if (kind !== 'many') put('bank', kind === 'keyless' ? { ...one, id: '' } : one);
      if (kind === 'key') put('ledger', like({}));
      if (kind === 'differs') put('ledger', like({ amount: amount(cents + 100) }));
      if (kind === 'near') put('ledger', like({ id: `n${made}`, amount: amount(cents + 3) }));
      if (kind === 'tie')
        for (const off of [-2, 2]) put('ledger', like({ id: `t${made}`, amount: amount(cents + off) }));
      if (kind === 'net') put('bank', like({ id: `v${made}`, amount: amount(-cents) }));
      if (kind === 'keyless') put('ledger', like({ id: '', amount: amount(cents + 1) }));
      // The same in everything, and one of the other side.
      if (kind === 'copies') {
        put('bank', one);
        put('ledger', like({}));
      }
      if (kind === 'payout' || kind === 'many') {
        const first = 100 + random.below(800);
        const batch = `b${made}`;
        for (const part of [first, cents - first])
          put(kind === 'payout' ? 'ledger' : 'bank', like({ id: `p${made}`, amount: amount(part), batch }));
        if (kind === 'many') put('ledger', { ...one, batch });
        else one.batch = batch;
      }
    }
  }
  return days;
}
