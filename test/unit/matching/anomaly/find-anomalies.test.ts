// What is read of the breaks of a run, and what is written down of the unusual ones: over Parquet as matching and settling leave it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Anomaly } from '../../../../shared/domain/anomaly/anomaly.ts';
import type { Judged } from '../../../../shared/domain/anomaly/judge-run.ts';
import type { WatchedFields } from '../../../../shared/domain/anomaly/watched-fields.ts';
import { findAnomalies, type ObservedValues } from '../../../../shared/matching/anomaly/find-anomalies.ts';
import { type Engine, openEngine } from '../../../../shared/matching/engine.ts';
import { literal } from '../../../../shared/matching/sql.ts';

type Given = {
  identity: string;
  amount?: string;
  right?: string;
  currency?: string;
  party?: string;
  differences?: object[];
  hash?: string;
};

const watched: WatchedFields = {
  amounts: ['amount'],
  differences: ['amount', 'paid'],
  days: ['paid'],
  values: ['party'],
  currency: 'currency',
};
const usual = { median: '3.00', spread: '1.00', low: null, high: '5.00', runs: 20 };
const limit = (more: object = {}): Judged['limits'][number] => ({
  ...{
    kind: 'amount',
    field: 'amount',
    currency: 'EUR',
    above: 100,
    middle: Math.log(3),
    spread: 1,
    usual,
    values: 1_842,
  },
  subject: { field: 'amount', currency: 'EUR' },
  ...more,
});

let directory: string;
let engine: Engine;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tieout-anomalies-'));
  engine = await openEngine({ directory, memoryMb: 512, threads: 2 });
});
afterEach(() => {
  engine.close();
  rmSync(directory, { recursive: true, force: true });
});

async function write(name: string, rows: string[], columns: string): Promise<string> {
  const path = join(directory, name);
  await engine.run(`COPY (FROM (VALUES ${rows.join(', ')}) t(${columns})) TO ${literal(path)} (FORMAT parquet)`);
  return path;
}

const text = (value: string | undefined): string => (value === undefined ? 'NULL::VARCHAR' : literal(value));

async function filesOf(name: string, given: Given[]) {
  const breaks = given.map(({ identity, amount, right, currency = 'EUR', party, differences = [] }) => {
    const number = (value: string | undefined) => `${value ?? 'NULL'}::DECIMAL(18,2)`;
    const values = [number(amount), number(right), literal(currency), 'NULL::VARCHAR', text(party), 'NULL::VARCHAR'];
    return `('MISMATCH', ${literal(identity)}, ${values.join(', ')}, ${literal(JSON.stringify(differences))})`;
  });
  const columns =
    'break_type, identity, left_amount, right_amount, left_currency, right_currency, left_party, right_party, differences';
  const ledger = given.map(({ identity, hash = 'h' }) => `(${literal(identity)}, ${literal(hash)}, 'open')`);
  return {
    breaksPath: await write(`${name}-breaks`, breaks, columns),
    ledgerPath: await write(`${name}-ledger`, ledger, 'identity, content_hash, state'),
  };
}

async function find(
  given: Given[],
  judged: Partial<Pick<Judged, 'limits' | 'values'>>,
  before?: { ledgerPath: string; anomaliesPath?: string },
) {
  const own = await openEngine({ directory, memoryMb: 512, threads: 2 });
  let observed: ObservedValues | undefined;
  try {
    const files = await filesOf(before ? 'now' : 'first', given);
    const judge = (seen: ObservedValues) => {
      observed = seen;
      return { limits: [], values: [], ...judged };
    };
    const found = await findAnomalies(own, { directory, ...files, before, watched, judge });
    const rows = found.path
      ? await own.rows<{ identity: string; anomalies: string }>(`FROM read_parquet(${literal(found.path)})`)
      : [];
    const anomalies = new Map(rows.map((row) => [row.identity, JSON.parse(row.anomalies) as Anomaly[]]));
    return { found, observed: observed!, anomalies, rows, files };
  } finally {
    own.close();
  }
}

describe('what is read', () => {
  test('sizes without sign per field and currency, of the anchor else the other side; values that are there', async () => {
    const { observed, found } = await find(
      [
        { identity: 'a', amount: '-3.50', party: 'ACME' },
        { identity: 'b', right: '12.00', party: 'ACME', differences: [{ field: 'amount', difference: '-0.25' }] },
        { identity: 'c', amount: '0.00', currency: 'USD', party: '' },
        {
          identity: 'd',
          amount: '9.00',
          currency: 'USD',
          differences: [
            { field: 'paid', difference: '3' },
            { field: 'other', difference: '7' },
          ],
        },
      ],
      {},
    );
    const series = observed.series.map(({ sample, ...one }) => ({ ...one, sample: sample.toSorted() }));
    expect(series).toEqual([
      { kind: 'amount', field: 'amount', currency: 'EUR', count: 2, largest: '12.00', sample: ['12.00', '3.50'] },
      { kind: 'amount', field: 'amount', currency: 'USD', count: 1, largest: '9.00', sample: ['9.00'] },
      { kind: 'difference', field: 'amount', currency: 'EUR', count: 1, largest: '0.25', sample: ['0.25'] },
      { kind: 'difference', field: 'paid', currency: 'USD', count: 1, largest: '3', sample: ['3'] },
    ]);
    expect(observed.values).toEqual({ party: { ACME: 2 } });
    expect(found).toEqual({ breaks: 0 });
  });

  test('a sample that no order and no repeat changes, and no field with a value for every break', async () => {
    const given = Array.from({ length: 600 }, (_, n) => ({ identity: `i${n}`, amount: `${n + 1}.00`, party: `P${n}` }));
    const first = await find(given, {});
    const again = await find(given.toReversed(), {});
    expect(first.observed).toEqual(again.observed);
    expect(first.observed.series[0]).toMatchObject({ count: 600, largest: '600.00' });
    expect(first.observed.series[0]!.sample).toHaveLength(32);
    expect(first.observed.values).toEqual({ party: null });
  });
});

describe('what is written', () => {
  test('a size beyond its limit, its digits exact, its score and its sentence', async () => {
    const { anomalies } = await find(
      [
        { identity: 'far', amount: '-1234567890123.10' },
        { identity: 'near', amount: '100.00' },
        { identity: 'other', amount: '5000.00', currency: 'USD' },
        { identity: 'late', amount: '1.00', differences: [{ field: 'paid', difference: '-1200' }] },
      ],
      { limits: [limit(), limit({ kind: 'difference', field: 'paid', subject: { field: 'paid', currency: 'EUR' } })] },
    );
    const history = 'usually up to 5.00 (median 3.00 of 1,842 values in the last 20 runs)';
    const subject = { field: 'amount', currency: 'EUR' };
    expect(anomalies).toEqual(
      new Map([
        [
          'far',
          [
            {
              kind: 'amount',
              subject,
              value: '1234567890123.10',
              usual,
              score: 26.7,
              explanation: `1,234,567,890,123.10 EUR in amount: ${history}`,
            },
          ],
        ],
        [
          'late',
          [
            {
              kind: 'difference',
              subject: { ...subject, field: 'paid' },
              value: '1200',
              usual,
              score: 6,
              explanation: `Differs by 1,200 days in paid: ${history}`,
            },
          ],
        ],
      ]),
    );
  });

  test('what values have is on each break that has them, before what is only far', async () => {
    const anomaly: Anomaly = { kind: 'counterparty', subject: {}, value: '2', usual, score: null, explanation: 'new' };
    const hostile = `it's "quoted" \\ and ünï`;
    const { anomalies } = await find(
      [
        { identity: 'a', amount: '900.00', party: hostile },
        { identity: 'b', amount: '1.00', party: hostile },
        { identity: 'c', amount: '1.00', party: 'other' },
      ],
      {
        limits: [limit()],
        values: [{ field: 'party', value: hostile, anomaly: { ...anomaly, subject: { value: hostile } } }],
      },
    );
    expect([...anomalies].map(([identity, all]) => [identity, all.map(({ kind }) => kind)]).sort()).toEqual([
      ['a', ['counterparty', 'amount']],
      ['b', ['counterparty']],
    ]);
    expect(anomalies.get('b')![0]!.subject.value).toBe(hostile);
  });

  test('as many as fit into 1 KB, five at most', async () => {
    const differences = Array.from({ length: 20 }, (_, n) => ({ field: 'amount', difference: `${5_000 + n}` }));
    const { anomalies, rows } = await find(
      [
        { identity: 'a', amount: '900.00', differences },
        { identity: 'b', amount: '900.00' },
      ],
      { limits: [limit({ kind: 'difference' }), limit()] },
    );
    expect(anomalies.get('a')!.length).toBeGreaterThan(1);
    expect(anomalies.get('a')!.length).toBeLessThanOrEqual(5);
    for (const { anomalies: json } of rows) expect(Buffer.byteLength(json)).toBeLessThanOrEqual(1_024);
    expect(anomalies.get('b')).toHaveLength(1);
  });
});

test('what was found of a break stays with it until its values change or it is gone', async () => {
  const given = ['same', 'changed', 'gone'].map((identity) => ({ identity, amount: '900.00', party: 'ACME' }));
  const first = await find(given, { limits: [limit()] });
  expect([...first.anomalies.keys()]).toEqual(['changed', 'gone', 'same']);
  const before = { ledgerPath: first.files.ledgerPath, anomaliesPath: first.found.path! };
  const now = [
    { identity: 'same', amount: '900.00', party: 'ACME' },
    { identity: 'changed', amount: '2.00', party: 'ACME', hash: 'other' },
    { identity: 'new', amount: '3.00', party: 'ACME' },
  ];
  // Nothing is beyond the limits of now; a history that forgets would flag nothing.
  const second = await find(
    now,
    { limits: [limit({ above: 1e9 })] },
    { ...before, anomaliesPath: await kept(first.rows) },
  );
  expect(second.anomalies).toEqual(new Map([['same', first.anomalies.get('same')]]));
  expect(second.found.breaks).toBe(1);
  expect(second.observed.values).toEqual({ party: { ACME: 2 } });

  async function kept(rows: { identity: string; anomalies: string }[]): Promise<string> {
    return write(
      'before',
      rows.map((row) => `(${literal(row.identity)}, ${literal(row.anomalies)})`),
      'identity, anomalies',
    );
  }
});
