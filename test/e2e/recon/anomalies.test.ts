// What is unusual about a run and its results, on the deployed platform: nine ordinary days through the drop folder, then one that is not.
import { expect, inject, test } from 'vitest';
import { openDeployedPipeline } from '../../../bench/deployed-pipeline.ts';
import { type Body, signedIn } from './client.ts';

const stack = inject('stack');

const both = (name: string) => ({ bank: name, ledger: name });
const definition = {
  name: 'days',
  sources: [{ name: 'bank', anchor: true }, { name: 'ledger' }],
  fields: [
    { name: 'ref', role: 'KEY', type: 'text', mapping: both('ref') },
    { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: both('amount') },
    { name: 'currency', role: 'CLASSIFIER', type: 'text', mapping: both('currency') },
    { name: 'payer', role: 'CLASSIFIER', type: 'text', mapping: both('payer') },
  ],
  passes: [{ kind: 'exact-key' }],
  currencyField: 'currency',
};

/** A hundred rows, twenty of them breaks of that day: each differs by some cents, and each of twenty payers has one. */
function day(number: number, rows: number, more: [bank: string, ledger: string][] = []) {
  const line = (n: number, cents: number) => `d${number}-${n},${100 + n}.${10 + cents},EUR,Payer ${n % 20}`;
  const pairs = Array.from({ length: rows }, (_, n) => [line(n, 0), line(n, n < 20 ? 1 + ((n + number) % 5) : 0)]);
  const file = (side: 0 | 1) =>
    `ref,amount,currency,payer\n${[...pairs, ...more].map((pair) => pair[side]).join('\n')}\n`;
  return { bank: file(0), ledger: file(1) };
}

test('matching-strategies: a planted volume, amount and payer are flagged and explained; ordinary days and breaks are not', async () => {
  const pipeline = await openDeployedPipeline(stack);
  const client = await signedIn(stack, 'analyst');
  const project = ((await (await client.call('POST', '/api/projects', { name: 'P' })).json()) as Body).id;
  const create = { name: 'J', project_id: project, definition };
  const job = ((await (await client.call('POST', '/api/reconciliation/jobs', create)).json()) as Body).data;
  const ref = { tenant: client.tenant, reconciliationId: job.id };
  const reconciliation = (await pipeline.deps.reconciliations.get(ref))!;
  const settle = async (number: number, files: ReturnType<typeof day>) => {
    await pipeline.drop(reconciliation, 'bank', `bank-${number}.csv`, files.bank);
    await pipeline.drop(reconciliation, 'ledger', `ledger-${number}.csv`, files.ledger);
    expect(await pipeline.ended(reconciliation, number)).toMatchObject({ status: 'COMPLETED' });
  };
  const path = `/api/reconciliation/jobs/${job.id}`;
  for (let number = 1; number <= 9; number += 1) await settle(number, day(number, 100 + (number % 3)));
  expect((await client.data(`${path}/statistics`)).anomalies).toEqual({
    ...{ runs: 8, learning: false, found: [], more: 0, results: 0 },
  });

  await pipeline.forceChunks(3);
  try {
    const planted: [string, string][] = [
      ['far,7500000.00,EUR,Payer 1', 'far,7500000.03,EUR,Payer 1'],
      ['new,105.00,EUR,Nobody Ltd', 'new,105.02,EUR,Nobody Ltd'],
    ];
    await settle(10, day(10, 1_000, planted));
  } finally {
    await pipeline.forceChunks(undefined);
  }
  const { anomalies } = await client.data(`${path}/statistics`);
  expect(anomalies).toMatchObject({ runs: 9, learning: false, more: 0, results: 2 });
  expect(anomalies.found.map(({ kind }: Body) => kind)).toEqual(
    expect.arrayContaining(['volume', 'open-amount', 'counterparty']),
  );
  expect(anomalies.found[0].explanation).toMatch(
    /1,002 rows of (bank|ledger): usually \d+ to \d+ \(median 101 of the last 9 runs\)/,
  );
  const { results } = await client.data(`${path}/results?match_type=unmatched&per_page=100`);
  const flagged = results.filter((one: Body) => one.anomalies.length > 0);
  expect(flagged.map((one: Body) => [one.source_record.ref, one.anomalies[0].explanation]).sort()).toEqual([
    [
      'far',
      expect.stringMatching(
        /^7,500,000\.00 EUR in amount: usually up to .* \(median 109\.60 of 180 values in the last 9 runs\)$/,
      ),
    ],
    ['new', '1 new break of Nobody Ltd in payer, which had none in the last 9 runs'],
  ]);
  const items = (await pipeline.deps.breaks.list(ref, undefined, 1_000)).items.filter(
    ({ status }) => status === 'OPEN',
  );
  expect(items.flatMap(({ key, anomalies: own = [] }) => (own.length > 0 ? [key] : [])).sort()).toEqual(['far', 'new']);
});
