// Tables of what happens to a feed: arrivals, claims, failures, withdrawals.
import { describe, expect, test } from 'vitest';
import type { Batch } from '../../../shared/domain/batch.ts';
import { emptyFeed, type Feed } from '../../../shared/domain/feed.ts';
import {
  afterArrival,
  afterClaim,
  afterFailure,
  afterWithdrawal,
  batchesToTake,
  type FedSource,
  fedSources,
  isComplete,
} from '../../../shared/domain/feed-changes.ts';

const ref = { tenant: 't', reconciliationId: 'r' };
const feedOf = (changes: Partial<Feed> = {}): Feed => ({ ...emptyFeed(ref), ...changes });
const batchOf = (batchId: string, number: number, changes: Partial<Batch> = {}): Batch => ({
  ...ref,
  batchId,
  number,
  source: 'bank',
  object: { key: 'k', versionId: 'v', bytes: 1 },
  fileName: 'f',
  status: 'COMPLETE',
  version: 1,
  receivedAt: '2026-01-05T09:00:00.000Z',
  ...changes,
});
const snapshot: FedSource = { name: 'bank', load: 'snapshot' };
const increment: FedSource = { name: 'bank', load: 'increment' };

describe('a batch arrives', () => {
  test.each<[string, Feed, Batch, FedSource['load'], Partial<Feed>]>([
    [
      'a first snapshot',
      feedOf(),
      batchOf('b1', 1),
      'snapshot',
      { newest: { bank: { batchId: 'b1', number: 1 } }, fresh: ['bank'] },
    ],
    [
      'a newer snapshot',
      feedOf({ newest: { bank: { batchId: 'b1', number: 1 } } }),
      batchOf('b2', 2),
      'snapshot',
      { newest: { bank: { batchId: 'b2', number: 2 } }, fresh: ['bank'] },
    ],
    [
      'a snapshot that was received earlier and completed later',
      feedOf({ newest: { bank: { batchId: 'b2', number: 2 } } }),
      batchOf('b1', 1),
      'snapshot',
      { newest: { bank: { batchId: 'b2', number: 2 } }, fresh: [] },
    ],
    [
      'an increment',
      feedOf({ waiting: { bank: ['b1'] } }),
      batchOf('b2', 2),
      'increment',
      { waiting: { bank: ['b1', 'b2'] }, fresh: ['bank'] },
    ],
    [
      'an increment once more',
      feedOf({ waiting: { bank: ['b1'] }, fresh: ['bank'] }),
      batchOf('b1', 1),
      'increment',
      { waiting: { bank: ['b1'] }, fresh: ['bank'] },
    ],
    [
      'a batch that a run asked for',
      feedOf(),
      batchOf('b1', 1, { onDemand: true }),
      'snapshot',
      { newest: { bank: { batchId: 'b1', number: 1 } }, fresh: [] },
    ],
  ])('%s', (_name, feed, batch, load, expected) => {
    expect(afterArrival(feed, batch, load)).toEqual({ ...feed, ...expected });
  });
});

describe('what a run takes', () => {
  const settled = { runId: 'x', number: 1, ledgerKey: 'k' };
  test.each<[string, Feed, FedSource[], unknown]>([
    ['the newest snapshot', feedOf({ newest: { bank: { batchId: 'b', number: 3 } } }), [snapshot], { bank: ['b'] }],
    ['every waiting increment', feedOf({ waiting: { bank: ['b', 'c'] } }), [increment], { bank: ['b', 'c'] }],
    ['nothing of an increment that has settled before', feedOf({ settled }), [increment], { bank: [] }],
    ['no snapshot', feedOf({ settled }), [snapshot], 'BATCH_MISSING'],
    ['no increment ever', feedOf(), [increment], 'BATCH_MISSING'],
    ['no sources', feedOf(), [], 'BATCH_MISSING'],
  ])('%s', (_name, feed, sources, expected) => {
    const taken = batchesToTake(feed, sources);
    expect(taken.ok ? taken.value : taken.code).toEqual(expected);
  });

  test('a claim takes increments away, keeps snapshots, and is in line behind older runs', () => {
    const feed = feedOf({
      waiting: { bank: ['b', 'c'] },
      newest: { ledger: { batchId: 'd', number: 2 } },
      fresh: ['bank', 'ledger'],
      activeRuns: [{ runId: 'one', number: 1 }],
      lastRunNumber: 1,
    });
    expect(afterClaim(feed, { runId: 'two', number: 2 }, { bank: ['b'], ledger: ['d'] })).toEqual({
      ...feed,
      waiting: { bank: ['c'] },
      fresh: [],
      activeRuns: [
        { runId: 'one', number: 1 },
        { runId: 'two', number: 2 },
      ],
      lastRunNumber: 2,
    });
  });

  test('a run starts by itself only when every source is fresh', () => {
    expect(isComplete(feedOf({ fresh: ['bank'] }), [snapshot, { name: 'ledger', load: 'snapshot' }])).toBe(false);
    expect(isComplete(feedOf({ fresh: ['bank', 'ledger'] }), [snapshot, { name: 'ledger', load: 'snapshot' }])).toBe(
      true,
    );
    expect(isComplete(feedOf(), [])).toBe(false);
  });
});

describe('a run ends without a result', () => {
  const run = { runId: 'one', claims: { bank: ['b', 'c'], ledger: ['d'] } };
  const feed = feedOf({ waiting: { bank: ['e'] }, activeRuns: [{ runId: 'one', number: 1 }] });

  test('its increments wait again, without being fresh', () => {
    expect(afterFailure(feed, run, ['bank'])).toEqual({ ...feed, activeRuns: [], waiting: { bank: ['e', 'b', 'c'] } });
  });

  test('but none that was withdrawn', () => {
    const withdrawn = { ...feed, withdrawn: [{ batchId: 'b', number: 2 }] };
    expect(afterFailure(withdrawn, run, ['bank']).waiting).toEqual({ bank: ['e', 'c'] });
  });

  test('and none of a run whose outcome is decided', () => {
    const pending = { runId: 'one', number: 1, ledgerKey: 'k', changesKey: 'k', changes: 3, lanes: 1, applied: 1 };
    expect(afterFailure({ ...feed, pending }, run, ['bank'])).toEqual({ ...feed, pending, activeRuns: [] });
  });
});

describe('a batch is withdrawn', () => {
  test('a snapshot gives its place to the one before, which starts no run', () => {
    const feed = feedOf({ newest: { bank: { batchId: 'b', number: 2 } }, fresh: ['bank'] });
    expect(afterWithdrawal(feed, batchOf('b', 2), { batchId: 'a', number: 1 })).toEqual({
      ...feed,
      newest: { bank: { batchId: 'a', number: 1 } },
      fresh: [],
      withdrawn: [{ batchId: 'b', number: 2 }],
    });
    expect(afterWithdrawal(feed, batchOf('b', 2), undefined).newest).toEqual({});
  });

  test('an increment that waits is gone; the source stays fresh while another waits', () => {
    const feed = feedOf({ waiting: { bank: ['a', 'b'] }, fresh: ['bank'] });
    const once = afterWithdrawal(feed, batchOf('b', 2), undefined);
    expect(once).toMatchObject({ waiting: { bank: ['a'] }, fresh: ['bank'] });
    expect(afterWithdrawal(once, batchOf('a', 1), undefined)).toMatchObject({ waiting: { bank: [] }, fresh: [] });
  });
});

test('the sources of a reconciliation are those of its definition, or of its uploads while it has none', () => {
  expect(fedSources({ inputs: [{ source: 'left', uploadId: 'u' }] })).toEqual([{ name: 'left', load: 'snapshot' }]);
  expect(fedSources({})).toEqual([]);
});
