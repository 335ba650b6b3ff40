// A shop's payouts against its orders: 250 payouts of three orders each less a fee of 0.99, among 1,000 orders over 90
// days, each paid out 0 to 3 days after it was made; 250 orders are not paid out.
import { fromEpochDay, toEpochDay } from '../../shared/domain/business-days.ts';
import type { Definition } from '../../shared/domain/definition.ts';
import { type Draws, drawsOf } from './draws.ts';
import { type Item, type MadeCase, money, writeCase } from './made-case.ts';

const payoutCount = 250;
const unpaidCount = 250;
const ordersOfOne = 3;
const dayCount = 90;
const delayMax = 3;
const feeCents = 99;
const firstDay = toEpochDay('2026-01-01');

export const payoutsDefinition: Definition = {
  name: 'payouts against orders',
  sources: [{ name: 'payouts', anchor: true }, { name: 'orders' }],
  fields: [
    { name: 'id', role: 'KEY', mapping: { payouts: 'payout_id', orders: 'order_id' } },
    { name: 'day', role: 'COMPARE', type: 'date', mapping: { payouts: 'paid_on', orders: 'ordered_on' } },
    { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: { payouts: 'net', orders: 'total' } },
    { name: 'currency', role: 'COMPARE', type: 'text', mapping: { payouts: 'currency', orders: 'currency' } },
  ],
  passes: [
    { kind: 'exact-key', name: 'key' },
    {
      kind: 'grouped',
      name: 'payouts',
      cardinality: 'one-to-many',
      by: ['currency'],
      amount: 'amount',
      window: { field: 'day', daysBefore: delayMax, daysAfter: 0 },
      fee: { fixed: '0.99', per: 'group' },
      search: { recordsMax: 4 },
    },
  ],
  currencyField: 'currency',
};

type Order = { day: number; cents: number; payout?: number };
type Payout = { day: number; cents: number };

export function makePayouts(directory: string, seed: number): MadeCase {
  const draws = drawsOf(seed);
  const unpaid = Array.from({ length: unpaidCount }, (_, n): Order => {
    return { day: draws.below(dayCount, `unpaid:${n}:day`), cents: amountOf(draws, `unpaid:${n}`) };
  });
  const orders = [...unpaid];
  const payouts: Payout[] = [];
  for (let payout = 0; payout < payoutCount; payout += 1) {
    const made = drawPayout(draws, payout, unpaid);
    payouts.push(made.payout);
    orders.push(...made.orders);
  }
  const date = (day: number) => fromEpochDay(firstDay + day);
  const left = payouts.map(({ day, cents }, n): Item => {
    return { group: n, values: [`PO-${n + 1}`, date(day), money(cents), 'EUR'] };
  });
  // Numbered in no order, so that a number says nothing about what belongs together.
  const right = draws.shuffled(orders, 'number').map(({ day, cents, payout }, n): Item => {
    return {
      ...(payout !== undefined && { group: payout }),
      values: [`${100_001 + n}`, date(day), money(cents), 'EUR'],
    };
  });
  const columns = {
    left: ['payout_id', 'paid_on', 'net', 'currency'],
    right: ['order_id', 'ordered_on', 'total', 'currency'],
  };
  return writeCase(directory, { columns, left, right, definition: payoutsDefinition }, draws);
}

/**
 * Drawn again while orders that nobody else claims would do as well: then nothing in the files tells what was paid out,
 * and a finder that named it could only have guessed. Sets that other payouts need stay as they fall.
 */
function drawPayout(draws: Draws, payout: number, unpaid: Order[]): { payout: Payout; orders: Order[] } {
  for (let attempt = 0; ; attempt += 1) {
    const label = `payout:${payout}:${attempt}`;
    const day = delayMax + draws.below(dayCount - delayMax, `${label}:day`);
    const orders = Array.from({ length: ordersOfOne }, (_, n): Order => {
      const ordered = day - draws.below(delayMax + 1, `${label}:${n}:delay`);
      return { day: ordered, cents: amountOf(draws, `${label}:${n}`), payout };
    });
    const gross = orders.reduce((sum, order) => sum + order.cents, 0);
    const free = unpaid.filter((order) => order.day <= day && order.day >= day - delayMax);
    if (
      setsOf(
        [...orders, ...free].map((order) => order.cents),
        gross,
        ordersOfOne,
      ) === 1
    )
      return { payout: { day, cents: gross - feeCents }, orders };
  }
}

/** 5.00 to 2,500.00. */
function amountOf(draws: Draws, label: string): number {
  return 500 + draws.below(249_501, `${label}:amount`);
}

/** How many sets of at most `most` of the amounts add up to the sum. */
function setsOf(amounts: number[], sum: number, most: number, from = 0): number {
  if (most === 0) return 0;
  let found = 0;
  for (let index = from; index < amounts.length; index += 1) {
    const rest = sum - amounts[index]!;
    if (rest === 0) found += 1;
    else if (rest > 0) found += setsOf(amounts, rest, most - 1, index + 1);
  }
  return found;
}
