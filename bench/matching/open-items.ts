// Open items of a ledger and what the bank sends on one later day: of the new records 45 % clear an open item by its key,
// 45 % by amount and date with another key, and 10 % clear nothing. What a day costs should follow the new, not the open.
import { fromEpochDay, toEpochDay } from '../../shared/domain/business-days.ts';
import type { Definition } from '../../shared/domain/definition.ts';
import { type Draws, drawsOf } from './draws.ts';
import { type Item, type MadeCase, money, writeCase } from './made-case.ts';
import { nearPass } from './near-keys.ts';

const accountCount = 500;
const dayCount = 60;
const firstDay = toEpochDay('2026-01-01');
const percent = { byKey: 45, near: 45 };
/** Of the new records. */
export const clearingShare = (percent.byKey + percent.near) / 100;

export const openItemsDefinition: Definition = {
  name: 'open items against a new day',
  sources: [
    { name: 'ledger', anchor: true, load: 'increment' },
    { name: 'bank', load: 'increment' },
  ],
  fields: [
    { name: 'id', role: 'KEY', mapping: { ledger: 'entry_id', bank: 'reference' } },
    { name: 'account', role: 'COMPARE', type: 'text', mapping: { ledger: 'account', bank: 'account' } },
    { name: 'day', role: 'COMPARE', type: 'date', mapping: { ledger: 'booked', bank: 'value_date' } },
    { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: { ledger: 'amount', bank: 'amount' } },
    { name: 'currency', role: 'COMPARE', type: 'text', mapping: { ledger: 'currency', bank: 'currency' } },
  ],
  passes: [{ kind: 'exact-key', name: 'key' }, nearPass],
  currencyField: 'currency',
};

/** `left.csv` holds the open items, `right.csv` the new records; the groups are what clears, by key or near. */
export function makeOpenItems(directory: string, seed: number, count: { open: number; new: number }): MadeCase {
  const draws = drawsOf(seed);
  const clearing = Math.floor((count.new * (percent.byKey + percent.near)) / 100);
  if (clearing > count.open) throw new Error('there are fewer open items than new ones clear');
  const left = Array.from({ length: count.open }, (_, n) => openItem(draws, `open:${n}`, `L${n + 1}`));
  const keyed = Math.floor((count.new * percent.byKey) / 100);
  const right = Array.from({ length: count.new }, (_, n): OpenItem => {
    if (n >= clearing) return openItem(draws, `new:${n}`, `N${n + 1}`);
    const open = left[n]!;
    if (n < keyed) return open;
    const cents = open.cents - 5 + draws.below(11, `new:${n}:cents`);
    return { ...open, id: `N${n + 1}`, cents, day: open.day - 2 + draws.below(5, `new:${n}:day`) };
  });
  const itemOf = (one: OpenItem, n: number): Item => ({
    ...(n < clearing && { group: n }),
    values: [one.id, `A${one.account + 1}`, fromEpochDay(firstDay + one.day), money(one.cents), 'EUR'],
  });
  const columns = {
    left: ['entry_id', 'account', 'booked', 'amount', 'currency'],
    right: ['reference', 'account', 'value_date', 'amount', 'currency'],
  };
  const content = { columns, left: left.map(itemOf), right: right.map(itemOf), definition: openItemsDefinition };
  return writeCase(directory, content, draws);
}

type OpenItem = { id: string; account: number; day: number; cents: number };

function openItem(draws: Draws, label: string, id: string): OpenItem {
  return {
    id,
    account: draws.below(accountCount, `${label}:account`),
    day: draws.below(dayCount, `${label}:day`),
    cents: 100 + draws.below(1_000_000_000, `${label}:amount`),
  };
}
