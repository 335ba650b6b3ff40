// 10,000 open items of customers who have 20 to 100 each, and 525 payments: 500 are the exact sum of 2 to 6 items of one
// customer, 25 are of nothing. One item in ten is a credit note. No date tells more: whole blocks have to be searched.
import type { Definition } from '../../shared/domain/definition.ts';
import { drawsOf } from './draws.ts';
import { type Item, type MadeCase, money, writeCase } from './made-case.ts';

const itemCount = 10_000;
const groupCount = 500;
const strayCount = 25;
const block = { from: 20, to: 100 };
const group = { from: 2, to: 6 };
/** Up to a hundred million: of the 1.2 × 10⁹ sets of six out of a hundred, one in fifteen blocks has two of equal sum. */
const centsMax = 10_000_000_000;

export const hiddenGroupsDefinition: Definition = {
  name: 'payments against open items',
  sources: [{ name: 'payments', anchor: true }, { name: 'items' }],
  fields: [
    { name: 'id', role: 'KEY', mapping: { payments: 'payment_id', items: 'item_id' } },
    { name: 'customer', role: 'COMPARE', type: 'text', mapping: { payments: 'customer', items: 'customer' } },
    { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: { payments: 'amount', items: 'amount' } },
    { name: 'currency', role: 'COMPARE', type: 'text', mapping: { payments: 'currency', items: 'currency' } },
  ],
  passes: [
    { kind: 'exact-key', name: 'key' },
    {
      kind: 'grouped',
      name: 'items',
      cardinality: 'one-to-many',
      by: ['currency', 'customer'],
      amount: 'amount',
      search: { recordsMax: group.to },
    },
  ],
  currencyField: 'currency',
};

type OpenItem = { customer: number; cents: number; group?: number };

export function makeHiddenGroups(directory: string, seed: number): MadeCase {
  const draws = drawsOf(seed);
  const between = (range: { from: number; to: number }, label: string) =>
    range.from + draws.below(range.to - range.from + 1, label);
  const blocks: OpenItem[][] = [];
  for (let left = itemCount; left > 0; ) {
    const drawn = between(block, `block:${blocks.length}`);
    // The last block takes what is left, so none may leave less than a block.
    const size = left <= block.to ? left : Math.min(drawn, left - block.from);
    const customer = blocks.length;
    blocks.push(
      Array.from({ length: size }, (_, n) => {
        const label = `item:${customer}:${n}`;
        const cents = 100 + draws.below(centsMax - 99, `${label}:amount`);
        return { customer, cents: draws.below(10, `${label}:kind`) === 0 ? -cents : cents };
      }),
    );
    left -= size;
  }
  const payments: OpenItem[] = [];
  for (let number = 0; number < groupCount; number += 1) {
    const size = between(group, `group:${number}`);
    const start = draws.below(blocks.length, `group:${number}:customer`);
    const free = (of: OpenItem[]) => of.filter((item) => item.group === undefined);
    const customer = blocks.findIndex((_, n) => free(blocks[(start + n) % blocks.length]!).length >= size);
    if (customer < 0) throw new Error('there are more groups than items');
    const members = free(blocks[(start + customer) % blocks.length]!).slice(0, size);
    for (const member of members) member.group = number;
    const cents = members.reduce((sum, member) => sum + member.cents, 0);
    payments.push({ customer: members[0]!.customer, cents, group: number });
  }
  for (let number = 0; number < strayCount; number += 1) {
    const customer = draws.below(blocks.length, `stray:${number}:customer`);
    payments.push({ customer, cents: 100 + draws.below(centsMax, `stray:${number}:amount`) });
  }
  // Numbered in no order, so that a number says nothing about what belongs together.
  const itemsOf = (prefix: string, all: OpenItem[]) =>
    draws.shuffled(all, `number:${prefix}`).map((one, n): Item => {
      const values = [`${prefix}${n + 1}`, `C${one.customer + 1}`, money(one.cents), 'EUR'];
      return { ...(one.group !== undefined && { group: one.group }), values };
    });
  const columns = {
    left: ['payment_id', 'customer', 'amount', 'currency'],
    right: ['item_id', 'customer', 'amount', 'currency'],
  };
  const [left, right] = [itemsOf('PAY-', payments), itemsOf('INV-', blocks.flat())];
  return writeCase(directory, { columns, left, right, definition: hiddenGroupsDefinition }, draws);
}
