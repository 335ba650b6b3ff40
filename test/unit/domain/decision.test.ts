// The states of a decision, and who may move it: a table.
import { describe, expect, test } from 'vitest';
import {
  type Decision,
  decided,
  isInForce,
  sharedRow,
  type Together,
  type Verdict,
} from '../../../shared/domain/decision.ts';

const together: Together = {
  kind: 'together',
  source: 'ledger',
  left: [1, 2],
  right: [9],
  sums: { left: {}, right: {} },
};

function decision(changes: Partial<Decision> = {}): Decision {
  return {
    tenant: 't',
    reconciliationId: 'r',
    decisionId: 'd',
    number: 4,
    subject: together,
    reason: 'the fee was booked apart',
    status: 'PENDING',
    proposedBy: 'maker',
    proposedAt: '2026-01-05T09:00:00.000Z',
    version: 3,
    ...changes,
  };
}

const verdict = (status: Verdict['status'], by: string, more: Partial<Verdict> = {}): Verdict => {
  return { status, by, at: '2026-01-06T09:00:00.000Z', ...more };
};

describe('deciding', () => {
  test.each<[string, Partial<Decision>, Verdict, string]>([
    ['another person approves', {}, verdict('APPROVED', 'checker'), 'APPROVED'],
    ['another person rejects', {}, verdict('REJECTED', 'checker'), 'REJECTED'],
    ['the maker withdraws', {}, verdict('WITHDRAWN', 'maker'), 'WITHDRAWN'],
    ['in the version that was seen', {}, verdict('APPROVED', 'checker', { version: 3 }), 'APPROVED'],
    ['the maker approves', {}, verdict('APPROVED', 'maker'), 'FORBIDDEN'],
    ['the maker rejects', {}, verdict('REJECTED', 'maker'), 'FORBIDDEN'],
    ['another person withdraws', {}, verdict('WITHDRAWN', 'checker'), 'FORBIDDEN'],
    ['in a version that has passed', {}, verdict('APPROVED', 'checker', { version: 2 }), 'CONCURRENT_CHANGE'],
    ['it was approved', { status: 'APPROVED' }, verdict('REJECTED', 'checker'), 'DECISION_NOT_PENDING'],
    ['it was rejected', { status: 'REJECTED' }, verdict('APPROVED', 'checker'), 'DECISION_NOT_PENDING'],
    ['it was withdrawn', { status: 'WITHDRAWN' }, verdict('APPROVED', 'checker'), 'DECISION_NOT_PENDING'],
    ['it was approved, says its maker', { status: 'APPROVED' }, verdict('WITHDRAWN', 'maker'), 'DECISION_NOT_PENDING'],
    ['its maker, when it was decided', { status: 'APPROVED' }, verdict('APPROVED', 'maker'), 'FORBIDDEN'],
  ])('%s', (_name, changes, given, expected) => {
    const answer = decided(decision(changes), given);
    expect(answer.ok ? answer.value.status : answer.code).toBe(expected);
    if (answer.ok) expect(answer.value).toMatchObject({ decidedBy: given.by, decidedAt: given.at, version: 3 });
  });

  test('a comment is kept', () => {
    const answer = decided(decision(), verdict('REJECTED', 'checker', { comment: 'not the same payer' }));
    expect(answer).toMatchObject({ ok: true, value: { comment: 'not the same payer' } });
  });
});

describe('being in force', () => {
  const reversedBy = { decisionId: 'e', number: 5, order: 8 };
  test.each<[string, Partial<Decision>, number, boolean]>([
    ['pending', {}, 9, false],
    ['approved before', { status: 'APPROVED', order: 7 }, 7, true],
    ['approved after', { status: 'APPROVED', order: 7 }, 6, false],
    ['reversed before', { status: 'APPROVED', order: 7, reversedBy }, 8, false],
    ['reversed after', { status: 'APPROVED', order: 7, reversedBy }, 7, true],
    ['rejected', { status: 'REJECTED' }, 9, false],
  ])('%s', (_name, changes, upTo, expected) => {
    expect(isInForce(decision(changes), upTo)).toBe(expected);
  });
});

test('manual matches of one leg share a record or do not', () => {
  const other = (changes: Partial<Together>): Together => ({ ...together, left: [5], right: [6], ...changes });
  expect(sharedRow(together, other({}))).toBeUndefined();
  expect(sharedRow(together, other({ left: [2, 5] }))).toBe(2);
  expect(sharedRow(together, other({ right: [9] }))).toBe(9);
  expect(sharedRow(together, other({ left: [1], source: 'custodian' }))).toBeUndefined();
});
