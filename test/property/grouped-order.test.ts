// Grouped and tolerance passes over keys that repeat: the order of the records changes nothing.
import { expect, test } from 'vitest';
import type { Pass } from '../../shared/domain/definition.ts';
import { createRandom } from '../fault/random.ts';
import type { Row } from '../unit/matching/match/records-from-rows.ts';
import { money, row, runPasses } from '../unit/matching/passes/run-passes.ts';

test('fifty shuffles of the records give the identical outcome', async () => {
  const random = createRandom(7);
  const amounts = Array.from({ length: 14 }, () => (1 + Math.floor(random.next() * 40)).toFixed(2));
  const right = amounts.map((amount, index) => row(`r${index % 11}`, amount));
  const left = [
    ...[0, 3, 6].map((at) => row(`p${at}`, (Number(amounts[at]) + Number(amounts[at + 1])).toFixed(2))),
    row('r1', amounts[1]!),
    row('x', '3.00'),
    row('x', '-3.00'),
  ];
  const passes: Pass[] = [
    { kind: 'exact-key', name: 'key' },
    { kind: 'grouped', name: 'sum', cardinality: 'one-to-many', by: [], amount: 'amount', search: {} },
    { kind: 'grouped', name: 'net', cardinality: 'netting', by: [], amount: 'amount', search: {} },
    { kind: 'tolerance', name: 'near', conditions: [{ field: 'amount', absolute: '1.00' }] },
  ];
  const outcomes = new Set<string>();
  for (let round = 0; round < 50; round += 1) {
    const found = await runPasses({ fields: money, passes, left: shuffled(left), right: shuffled(right) });
    outcomes.add(found.sha256);
  }
  expect(outcomes.size).toBe(1);

  function shuffled(rows: Row[]): Row[] {
    return rows
      .map((one) => ({ one, at: random.next() }))
      .sort((a, b) => a.at - b.at)
      .map(({ one }) => one);
  }
});
