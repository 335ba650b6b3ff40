// A block made to exhaust a search: 40 items of 10.00, and payments of 50.00 and 80.00, for which 658,008 and 76,904,685
// sets are as good as each other, and of 55.00, for which there is none. Nothing may be accepted.
import { drawsOf } from './draws.ts';
import { hiddenGroupsDefinition } from './hidden-groups.ts';
import { type Item, type MadeCase, money, writeCase } from './made-case.ts';

const itemCount = 40;
const itemCents = 1_000;
const paymentCents = [5_000, 8_000, 5_500];

export function makeEqualAmounts(directory: string, seed: number): MadeCase {
  const definition = structuredClone(hiddenGroupsDefinition);
  const pass = definition.passes.at(-1);
  if (pass?.kind !== 'grouped') throw new Error('the last pass must be grouped');
  pass.search = { recordsMax: 8 };
  const item = (id: string, cents: number): Item => ({ values: [id, 'C1', money(cents), 'EUR'] });
  const columns = {
    left: ['payment_id', 'customer', 'amount', 'currency'],
    right: ['item_id', 'customer', 'amount', 'currency'],
  };
  const left = paymentCents.map((cents, n) => item(`PAY-${n + 1}`, cents));
  const right = Array.from({ length: itemCount }, (_, n) => item(`INV-${n + 1}`, itemCents));
  return writeCase(directory, { columns, left, right, definition }, drawsOf(seed));
}
