// The files of the matching bench: what is hidden in them is there, the definitions are sound, a seed fixes every byte,
// and the score tells right matches from wrong ones.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeEqualAmounts } from '../../../bench/matching/equal-amounts.ts';
import { makeHiddenGroups } from '../../../bench/matching/hidden-groups.ts';
import type { Group, MadeCase } from '../../../bench/matching/made-case.ts';
import { makeNearKeys, type NearKeys } from '../../../bench/matching/near-keys.ts';
import { makeOpenItems } from '../../../bench/matching/open-items.ts';
import { makePayouts } from '../../../bench/matching/payouts.ts';
import { type MatchLine, score } from '../../../bench/matching/score.ts';
import { parseDefinition } from '../../../shared/contracts/definition.ts';
import { toEpochDay } from '../../../shared/domain/business-days.ts';
import { checkDefinition } from '../../../shared/domain/check-definition.ts';
import { toScaled } from '../../../shared/domain/decimal.ts';

const directory = mkdtempSync(join(tmpdir(), 'tieout-bench-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const under = (name: string) => join(directory, name);

type Row = Record<string, string>;
function rowsOf(path: string): Row[] {
  const [header, ...lines] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const names = header!.split(',');
  return lines.map((line) => Object.fromEntries(line.split(',').map((value, index) => [names[index]!, value])));
}
const cents = (text: string) => Number(toScaled(text).units);
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

function read(made: MadeCase) {
  const [left, right] = [rowsOf(made.left), rowsOf(made.right)];
  const groups = made.truth.groups.map((group) => ({
    left: group.left.map((row) => left[row - 1]!),
    right: group.right.map((row) => right[row - 1]!),
  }));
  return { left, right, groups };
}

function expectSound(made: MadeCase) {
  const parsed = parseDefinition(JSON.parse(readFileSync(made.definition, 'utf8')));
  expect(parsed.ok ? checkDefinition(parsed.value) : parsed.faults).toEqual([]);
  for (const side of ['left', 'right'] as const) {
    const rows = made.truth.groups.flatMap((group) => group[side]);
    expect(new Set(rows).size).toBe(rows.length);
  }
}

test('payouts are three orders of the three days before, less the fee', () => {
  const made = makePayouts(under('payouts'), 7);
  expectSound(made);
  const { left, right, groups } = read(made);
  expect([left.length, right.length, groups.length]).toEqual([250, 1000, 250]);
  for (const { left: payout, right: orders } of groups) {
    expect([payout.length, orders.length]).toEqual([1, 3]);
    expect(cents(payout[0]!.net!)).toBe(sum(orders.map((order) => cents(order.total!))) - 99);
    for (const order of orders) {
      const days = toEpochDay(payout[0]!.paid_on!) - toEpochDay(order.ordered_on!);
      expect(days >= 0 && days <= 3).toBe(true);
    }
  }
  const days = right.map((order) => toEpochDay(order.ordered_on!));
  expect(Math.max(...days) - Math.min(...days)).toBeLessThan(90);
});

test('hidden groups are two to six items of one customer that add up to a payment', () => {
  const made = makeHiddenGroups(under('groups'), 7);
  expectSound(made);
  const { left, right, groups } = read(made);
  expect([left.length, right.length, groups.length]).toEqual([525, 10_000, 500]);
  const sizes = new Set(groups.map((group) => group.right.length));
  expect([...sizes].sort()).toEqual([2, 3, 4, 5, 6]);
  for (const { left: payment, right: items } of groups) {
    expect(new Set([...payment, ...items].map((row) => row.customer)).size).toBe(1);
    expect(cents(payment[0]!.amount!)).toBe(sum(items.map((item) => cents(item.amount!))));
  }
  const blocks = Map.groupBy(right, (item) => item.customer);
  for (const block of blocks.values()) expect(block.length >= 20 && block.length <= 100).toBe(true);
});

test('equal amounts hide nothing', () => {
  const made = makeEqualAmounts(under('equal'), 7);
  expectSound(made);
  expect(made.truth.groups).toEqual([]);
  expect(new Set(read(made).right.map((item) => item.amount))).toEqual(new Set(['10.00']));
});

test('of the new records nine in ten clear an open item, half of them without its key', () => {
  const made = makeOpenItems(under('open'), 7, { open: 3000, new: 1000 });
  expectSound(made);
  const { left, right, groups } = read(made);
  expect([left.length, right.length, groups.length]).toEqual([3000, 1000, 900]);
  const near = groups.filter(({ left: [open], right: [arrived] }) => open!.entry_id !== arrived!.reference);
  expect(near.length).toBe(450);
  for (const {
    left: [open],
    right: [arrived],
  } of groups) {
    expect(arrived!.account).toBe(open!.account);
    expect(Math.abs(cents(open!.amount!) - cents(arrived!.amount!))).toBeLessThanOrEqual(5);
    expect(Math.abs(toEpochDay(open!.booked!) - toEpochDay(arrived!.value_date!))).toBeLessThanOrEqual(2);
  }
  expect(() => makeOpenItems(under('few'), 7, { open: 10, new: 100 })).toThrow(/fewer open items/);
});

describe('near keys', () => {
  let made: NearKeys;
  beforeAll(async () => {
    made = await makeNearKeys(under('near'), 7, 20_000);
  });

  test('pairs differ in key, by five cents and two days at most', () => {
    expectSound(made);
    // Names hold commas inside quotes; they come last on both sides.
    const { left, right, groups } = read(made);
    expect([left.length, right.length]).toEqual([made.leftRows, made.rightRows]);
    expect(groups.length / left.length).toBeCloseTo(0.02, 2);
    let [moved, shifted] = [0, 0];
    for (const {
      left: [one],
      right: [other],
    } of groups) {
      expect(other!.ccy).toBe(one!.currency);
      expect(other!.counterparty).toBe(one!.counterparty);
      const [off, days] = [
        cents(one!.amount!) - cents(other!.amt!),
        toEpochDay(one!.booked!) - toEpochDay(other!.value_date!),
      ];
      expect(Math.abs(off)).toBeLessThanOrEqual(5);
      expect(Math.abs(days)).toBeLessThanOrEqual(2);
      if (off !== 0) moved += 1;
      if (days !== 0) shifted += 1;
    }
    expect(moved).toBeGreaterThan(groups.length / 2);
    expect(shifted).toBeGreaterThan(groups.length / 2);
  });

  test('keys are unique on each side, and shared by the exact pairs alone', () => {
    const { left, right, groups } = read(made);
    const keys = new Set(left.map((row) => row.txn_id));
    expect(keys.size).toBe(left.length);
    expect(new Set(right.map((row) => row.ref)).size).toBe(right.length);
    expect(right.filter((row) => keys.has(row.ref)).length).toBe(made.truth.exactPairs);
    const alone = {
      left: left.length - made.truth.exactPairs - groups.length,
      right: right.length - made.truth.exactPairs - groups.length,
    };
    expect(alone.left / left.length).toBeCloseTo(0.01, 2);
    expect(alone.right / right.length).toBeCloseTo(0.01, 2);
  });

  test('the definition to compare with has the exact pass alone', () => {
    const [whole, exact] = [made.definition, made.exactOnly].map((path) => JSON.parse(readFileSync(path, 'utf8')));
    expect(exact).toEqual({ ...whole, passes: [whole.passes[0]] });
  });
});

test('the same seed gives the same bytes, another seed others', () => {
  const [one, same, other] = [
    [under('one'), 7],
    [under('same'), 7],
    [under('other'), 8],
  ].map(([path, seed]) => makePayouts(path as string, seed as number));
  const bytes = (made: MadeCase) => [made.left, made.right].map((path) => readFileSync(path, 'utf8'));
  expect(bytes(same!)).toEqual(bytes(one!));
  expect(same!.truth).toEqual(one!.truth);
  expect(bytes(other!)).not.toEqual(bytes(one!));
});

describe('score', () => {
  const hidden: Group[] = [
    { left: [1], right: [4, 5] },
    { left: [2], right: [6] },
  ];
  const line = (
    leftRow: number | null,
    rightRow: number | null,
    groupId: string | null = null,
    pass = 'p',
  ): MatchLine => ({
    leftRow,
    rightRow,
    groupId,
    pass,
  });

  test('a group counts when it is whole, in whatever lines it is told', () => {
    const whole = { hidden: 2, accepted: 2, right: 2, precision: 1, recall: 1 };
    expect(score([line(1, 5, 'g'), line(1, 4, 'g'), line(2, 6)], 'p', hidden)).toEqual(whole);
    expect(score([line(1, null, 'g'), line(null, 4, 'g'), line(null, 5, 'g'), line(2, 6, 'h')], 'p', hidden)).toEqual(
      whole,
    );
  });

  test('one record too few or too many is wrong, and so is a pair that was not hidden', () => {
    expect(score([line(1, 4, 'g'), line(2, 6)], 'p', hidden)).toMatchObject({ accepted: 2, right: 1, precision: 0.5 });
    const more = [line(1, 4, 'g'), line(1, 5, 'g'), line(1, 7, 'g')];
    expect(score(more, 'p', hidden)).toMatchObject({ accepted: 1, right: 0, precision: 0, recall: 0 });
    expect(score([line(3, 9)], 'p', hidden)).toMatchObject({ accepted: 1, right: 0 });
  });

  test('nothing accepted has no precision, nothing hidden no recall', () => {
    expect(score([], 'p', hidden)).toMatchObject({ precision: undefined, recall: 0 });
    expect(score([], 'p', [])).toMatchObject({ precision: undefined, recall: undefined });
  });

  test('matches of another pass are not counted, but take their records', () => {
    expect(score([line(2, 6, null, 'q')], 'p', hidden)).toMatchObject({ accepted: 0 });
    expect(() => score([line(2, 6, null, 'q'), line(2, 7)], 'p', hidden)).toThrow(/left side is in two accepted/);
    expect(() => score([line(1, 6), line(2, 6)], 'p', hidden)).toThrow(/right side is in two accepted/);
    expect(() => score([line(1, 4, 'g'), line(1, 5, 'g', 'q')], 'p', hidden)).toThrow(/of two passes/);
  });
});
