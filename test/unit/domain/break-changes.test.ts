// Tables of what a settled run does to one break, and what a person did to it in the meantime.
import { describe, expect, test } from 'vitest';
import type { Break, BreakCandidate, ObservedBreak } from '../../../shared/domain/break.ts';
import {
  changeBreak,
  closeGoneBreak,
  goneReason,
  openBreak,
  valueBytesMax,
} from '../../../shared/domain/break-changes.ts';
import type { Definition } from '../../../shared/domain/definition.ts';
import { rowReference } from '../../../shared/domain/outcome.ts';

const ref = { tenant: 't', reconciliationId: 'r', breakId: 'b' };
const by = { runId: 'run-2', number: 2, at: '2026-01-06T00:00:00.000Z', breaksKey: 'breaks.parquet' };
const observed: ObservedBreak = {
  identity: 'i',
  type: 'MISMATCH',
  missingIn: null,
  key: 'k',
  occurrence: 1,
  source: 'ledger',
  leftRow: 1,
  rightRow: 2,
  left: { amount: '1.00' },
  right: { amount: '2.00' },
  differences: [{ source: 'ledger', field: 'amount', left: '1.00', right: '2.00', difference: '1.00' }],
  contentHash: 'h2',
};
const opened = (of: ObservedBreak, more = {}) => openBreak(ref, { observed: of, openedAt: 0, ...more }, by);
const stored: Break = {
  ...openBreak(
    ref,
    { observed: { ...observed, contentHash: 'h1' }, openedAt: 0 },
    { ...by, runId: 'run-1', number: 1 },
  ),
  version: 4,
};

describe('changed values', () => {
  test.each(['OPEN', 'PENDING_APPROVAL'] as const)('make a break that was %s open', (status) => {
    const changed = changeBreak({ ...stored, status }, observed, by)!;
    expect(changed.entries.map(({ action, status: moved }) => ({ action, moved }))).toEqual(
      status === 'OPEN' ? [] : [{ action: 'VALUES_CHANGED', moved: { from: status, to: 'OPEN' } }],
    );
    expect(changed.break).toMatchObject({
      status: 'OPEN',
      contentHash: 'h2',
      lastRunNumber: 2,
      version: 5,
      firstRunNumber: 1,
    });
  });

  test('void a closing that came while the run was settling', () => {
    const closed: Break = { ...stored, status: 'CLOSED', closedBy: 'p', closedReason: 'ACCEPTED', closedAt: by.at };
    const changed = changeBreak(closed, observed, by)!.break;
    expect(changed.status).toBe('OPEN');
    expect(changed).not.toHaveProperty('closedReason');
  });

  test('are written once, whatever a person did since', () => {
    const written = changeBreak(stored, observed, by)!.break;
    expect(changeBreak({ ...written, status: 'CLOSED', version: 9 }, observed, by)).toBeUndefined();
  });
});

describe('a break that is gone', () => {
  test('is closed by the system with the reason', () => {
    expect(closeGoneBreak(stored, 'absent', by)).toMatchObject({
      status: 'CLOSED',
      closedReason: 'absent',
      closedBy: 'system',
      version: 5,
    });
  });

  test('stays as a person closed it, and is marked as gone once', () => {
    const closed: Break = { ...stored, status: 'CLOSED', closedBy: 'CN=p', closedAt: by.at };
    const gone = closeGoneBreak(closed, 'absent', by)!;
    expect(gone).toEqual({ ...closed, goneRunNumber: 2, version: 5 });
    expect(closeGoneBreak(gone, 'absent', { ...by, number: 3 })).toBeUndefined();
  });

  const loads = (bank: 'snapshot' | 'increment', ledger: 'snapshot' | 'increment'): Definition => ({
    name: 'd',
    sources: [
      { name: 'bank', anchor: true, load: bank },
      { name: 'ledger', load: ledger },
    ],
    fields: [],
    passes: [],
  });
  const [bankRow, ledgerRow] = [rowReference(7, 1), rowReference(8, 1)];
  test.each([
    ['snapshots: absent', loads('snapshot', 'snapshot'), bankRow, ledgerRow, [], 'absent'],
    ['increments: matched', loads('increment', 'increment'), bankRow, null, [], 'matched'],
    ['an increment missing in a snapshot: matched', loads('snapshot', 'increment'), null, ledgerRow, [], 'matched'],
    ['a snapshot missing in an increment: absent', loads('snapshot', 'increment'), bankRow, null, [], 'absent'],
    ['both, one a snapshot: absent', loads('snapshot', 'increment'), bankRow, ledgerRow, [], 'absent'],
    ['the batch was withdrawn', loads('increment', 'increment'), bankRow, ledgerRow, [8], 'withdrawn'],
    ['another batch was withdrawn', loads('increment', 'increment'), bankRow, ledgerRow, [9], 'matched'],
  ] as const)('%s', (_name, definition, leftRow, rightRow, withdrawn, expected) => {
    const marks = withdrawn.map((number) => ({ batchId: `b${number}`, number }));
    expect(goneReason({ source: 'ledger', leftRow, rightRow }, definition, marks)).toBe(expected);
  });
});

describe('long values', () => {
  test('are cut at whole characters and point to the whole', () => {
    const long = 'ä'.repeat(valueBytesMax);
    const item = opened({ ...observed, left: { amount: '1.00', text: `x${long}` } }, { previousBreakId: 'previous' });
    expect(item.left!.text).toBe(`x${'ä'.repeat(511)}`);
    expect(item).toMatchObject({ valuesKey: 'breaks.parquet', previousBreakId: 'previous' });
  });

  test('are left alone up to the limit', () => {
    const exact = 'x'.repeat(valueBytesMax);
    const item = opened({ ...observed, key: exact });
    expect(item.key).toBe(exact);
    expect(item).not.toHaveProperty('valuesKey');
  });
});

describe('candidates', () => {
  const candidate = (key: string, rows = [1]): BreakCandidate => ({
    source: 'ledger',
    pass: 'near',
    kind: 'tied',
    rows,
    records: rows.length,
    key,
    cost: 1,
    failed: [],
  });
  const explained = (candidates: BreakCandidate[]): ObservedBreak => ({ ...observed, explanation: { candidates } });

  test('are kept whole as long as they are short', () => {
    const item = opened(explained([candidate('a'), candidate('b')]));
    expect(item.explanation).toEqual({ candidates: [candidate('a'), candidate('b')] });
    expect(item).not.toHaveProperty('valuesKey');
  });

  test('are as many of the best as fit, and point to the whole', () => {
    const many = Array.from({ length: 20 }, (_, index) => candidate(`key-${index}`));
    const item = opened(explained(many));
    const kept = item.explanation!.candidates;
    expect(kept.length).toBeGreaterThan(3);
    expect(kept).toEqual(many.slice(0, kept.length));
    expect(Buffer.byteLength(JSON.stringify(item.explanation))).toBeLessThanOrEqual(valueBytesMax);
    expect(item.valuesKey).toBe('breaks.parquet');
  });

  test('with a long key are there without the end of it', () => {
    const item = opened(explained([candidate('ä'.repeat(5_000))]));
    expect(item.explanation!.candidates[0]!.key).toMatch(/^ä+$/);
    expect(Buffer.byteLength(JSON.stringify(item.explanation))).toBeLessThanOrEqual(valueBytesMax);
    expect(item.valuesKey).toBe('breaks.parquet');
  });

  test('of earlier values go with them', () => {
    const tied: Break = { ...stored, explanation: { candidates: [candidate('a')] } };
    expect(changeBreak(tied, observed, by)!.break).not.toHaveProperty('explanation');
    expect(changeBreak(tied, explained([candidate('b')]), by)!.break.explanation!.candidates).toEqual([candidate('b')]);
  });
});
