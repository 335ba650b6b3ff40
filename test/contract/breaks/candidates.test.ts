// The candidates of a break on their way from the engine to what a person is shown of it.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDuckdbEngine } from '../../../shared/app/duckdb-engine.ts';
import type { BreakChange } from '../../../shared/app/pipeline-engine.ts';
import type { Definition } from '../../../shared/domain/definition.ts';
import { rowReference } from '../../../shared/domain/outcome.ts';

const engine = createDuckdbEngine({ memoryMb: 512, threads: 1 });
const both = (name: string) => ({ bank: name, ledger: name });
const definition: Definition = {
  name: 'pair',
  sources: [{ name: 'bank', anchor: true }, { name: 'ledger' }],
  fields: [
    { name: 'id', role: 'KEY', mapping: both('id') },
    { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: both('amount') },
    { name: 'ccy', role: 'CLASSIFIER', type: 'text', mapping: both('ccy') },
  ],
  passes: [
    { kind: 'exact-key' },
    {
      kind: 'tolerance',
      name: 'near',
      conditions: [
        { field: 'ccy', equal: true },
        { field: 'amount', absolute: '0.05' },
      ],
    },
  ],
};
const keyOnly: Definition = { ...definition, passes: definition.passes.slice(0, 1) };

let scratch: string;
let count = 0;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'tieout-candidates-'));
});
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
const directory = (): string => {
  count += 1;
  return mkdtempSync(join(scratch, `call-${count}-`));
};

/** Breaks of the two files as Parquet. */
async function breaksOf(rows: Record<'bank' | 'ledger', string>, of = definition, batch = 1): Promise<string> {
  const own = directory();
  const records = [];
  for (const [index, source] of (['bank', 'ledger'] as const).entries()) {
    const at = directory();
    const path = join(at, 'input');
    writeFileSync(path, `id,amount,ccy\n${rows[source]}`);
    const loaded = await engine.load({
      directory: at,
      definition: of,
      source,
      path,
      fileName: 'in.csv',
      batchNumber: batch + index,
      readings: undefined,
    });
    if (!loaded.ok) throw new Error(loaded.detail);
    const copy = join(own, `${source}.parquet`);
    copyFileSync(loaded.value.recordsPath, copy);
    records.push({ source, paths: [copy] });
  }
  const carry = { what: 'nothing', sources: [] } as const;
  const matched = await engine.match({ directory: own, definition: of, records, carry: { ...carry, sources: [] } });
  if (!matched.ok) throw new Error(matched.detail);
  return matched.value.breaksPath;
}

async function compare(breaks: string[], ledger?: string): Promise<{ ledgerPath: string; changes: BreakChange[] }> {
  const own = directory();
  const copied = (path: string, name: string): string => {
    copyFileSync(path, join(own, name));
    return join(own, name);
  };
  const compared = await engine.compare({
    directory: own,
    breaksPaths: breaks.map((path, index) => copied(path, `breaks-${index}`)),
    ledgerPath: ledger && copied(ledger, 'ledger'),
    breaksOpened: 0,
    openedAt: 0,
    breakItemsMax: 100,
    closedAmong: async () => new Set(),
  });
  const changes = await engine.changes({ directory: own, path: compared.changesPath, offset: 0, limit: 100 });
  return { ledgerPath: compared.ledgerPath, changes };
}

const seen = (changes: BreakChange[]) =>
  changes.map((change) => (change.kind === 'gone' ? change : { ...change.observed, kind: change.kind }));

const open = { bank: 'A,10.00,EUR\n', ledger: 'X,11.00,EUR\n' };

test('a break has its candidates, by reference', async () => {
  const { changes } = await compare([await breaksOf(open)]);
  expect(seen(changes)).toContainEqual(
    expect.objectContaining({
      key: 'A',
      explanation: {
        candidates: [
          {
            source: 'ledger',
            pass: 'near',
            kind: 'nearest',
            rows: [rowReference(2, 1)],
            records: 1,
            key: 'X',
            cost: null,
            failed: ['amount'],
          },
        ],
      },
    }),
  );
});

test('another candidate alone changes no break', async () => {
  const first = await compare([await breaksOf(open)]);
  const nearer = { ...open, ledger: `${open.ledger}Y,10.50,EUR\n` };
  const second = await compare([await breaksOf(nearer, definition, 7)], first.ledgerPath);
  expect(seen(second.changes).map((change) => [change.kind, 'key' in change && change.key])).toEqual([['opened', 'Y']]);
});

test('breaks of one pass, and breaks that compare a pair, have no explanation', async () => {
  const pair = { bank: 'A,10.00,EUR\n', ledger: 'A,11.00,EUR\n' };
  for (const breaks of [await breaksOf(open, keyOnly), await breaksOf(pair)])
    for (const change of seen((await compare([breaks])).changes)) expect(change).not.toHaveProperty('explanation');
});

test('chunks with and without candidates are read together', async () => {
  const other = await breaksOf({ bank: 'B,20.00,USD\n', ledger: 'C,1.00,USD\n' }, keyOnly);
  const { changes } = await compare([other, await breaksOf(open)]);
  const explained = seen(changes).map((change) => 'key' in change && [change.key, 'explanation' in change]);
  expect(explained.sort()).toEqual([
    ['A', true],
    ['B', false],
    ['C', false],
    ['X', true],
  ]);
});
