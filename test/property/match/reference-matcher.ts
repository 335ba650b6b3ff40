// A slow matcher for small inputs, written apart from the real one: row by row, by the words of the specification.
import { toScaled } from '../../../shared/domain/decimal.ts';
import { foldText, type TestRow } from './generated-sources.ts';

export type Rules = { absolute?: string; percent?: string; days?: number; fold: boolean };
type Outcome = {
  kind: 'matched' | 'mismatch' | 'missing' | 'duplicate' | 'ambiguous';
  left: TestRow | null;
  right: TestRow | null;
};
type Group = { rows: TestRow[] };

/** Each outcome as a line: kind, left content, right content. */
export function referenceOutcome(left: TestRow[], right: TestRow[], rules: Rules): string[] {
  const found: Outcome[] = [];
  for (const key of new Set([...left, ...right].map((row) => row.key))) {
    const [l, r] = [left.filter((row) => row.key === key), right.filter((row) => row.key === key)];
    if (key === null || l.length === 0 || r.length === 0) {
      found.push(...l.map((row): Outcome => ({ kind: 'missing', left: row, right: null })));
      found.push(...r.map((row): Outcome => ({ kind: 'missing', left: null, right: row })));
    } else found.push(...withinKey(l, r, rules));
  }
  return found
    .map(({ kind, left: l, right: r }) => [kind, contentOf(l, rules), contentOf(r, rules)].join(' | '))
    .sort();
}

function withinKey(left: TestRow[], right: TestRow[], rules: Rules): Outcome[] {
  const [ls, rs] = [grouped(left, rules), grouped(right, rules)];
  const found: Outcome[] = [];
  for (;;) {
    const [openLeft, openRight] = [
      ls.filter((group) => group.rows.length > 0),
      rs.filter((group) => group.rows.length > 0),
    ];
    if (openLeft.length === 0 || openRight.length === 0) {
      return [...found, ...alone('duplicate', openLeft, openRight)];
    }
    const bestOf = (others: Group[], cost: (other: Group) => bigint[]) => {
      const costs = others.map((other) => ({ other, cost: cost(other) })).sort((a, b) => compareCosts(a.cost, b.cost));
      return costs.filter((candidate) => compareCosts(candidate.cost, costs[0]!.cost) === 0).map(({ other }) => other);
    };
    const wanted = (groups: Group[]) => groups.reduce((sum, group) => sum + group.rows.length, 0);
    const settled: { l: Group; r: Group; count: number }[] = [];
    for (const l of openLeft) {
      const bestRight = bestOf(openRight, (r) => costOf(l.rows[0]!, r.rows[0]!, rules));
      for (const r of bestRight) {
        const bestLeft = bestOf(openLeft, (other) => costOf(other.rows[0]!, r.rows[0]!, rules));
        if (!bestLeft.includes(l)) continue;
        const leftSettled = bestRight.length === 1 || wanted(bestRight) <= l.rows.length;
        const rightSettled = bestLeft.length === 1 || wanted(bestLeft) <= r.rows.length;
        if (leftSettled && rightSettled) settled.push({ l, r, count: Math.min(l.rows.length, r.rows.length) });
      }
    }
    if (settled.length === 0) return [...found, ...alone('ambiguous', openLeft, openRight)];
    for (const { l, r, count } of settled) {
      for (let index = 0; index < count; index += 1) {
        const [one, other] = [l.rows.pop()!, r.rows.pop()!];
        const kind = costOf(one, other, rules)[0] === 0n ? 'matched' : 'mismatch';
        found.push({ kind, left: one, right: other });
      }
    }
  }
}

function alone(kind: 'duplicate' | 'ambiguous', left: Group[], right: Group[]): Outcome[] {
  return [
    ...left.flatMap((group) => group.rows.map((row): Outcome => ({ kind, left: row, right: null }))),
    ...right.flatMap((group) => group.rows.map((row): Outcome => ({ kind, left: null, right: row }))),
  ];
}

function grouped(rows: TestRow[], rules: Rules): Group[] {
  const groups = new Map<string, Group>();
  for (const row of rows) {
    const content = contentOf(row, rules);
    groups.set(content, { rows: [...(groups.get(content)?.rows ?? []), row] });
  }
  return [...groups.values()];
}

function contentOf(row: TestRow | null, rules: Rules): string {
  if (!row) return '-';
  return JSON.stringify([
    row.key,
    row.amount,
    rules.fold && row.name !== null ? foldText(row.name) : row.name,
    row.booked,
  ]);
}

/** Fields differing, distance of the amounts in cents, distance of the dates in days. */
function costOf(l: TestRow, r: TestRow, rules: Rules): bigint[] {
  const cents = (row: TestRow) => toScaled(row.amount!).units;
  let [differing, amountDistance, dateDistance] = [0n, 0n, 0n];
  if (l.amount === null || r.amount === null) {
    if (l.amount !== r.amount) differing += 1n;
  } else {
    const size = (value: bigint) => (value < 0n ? -value : value);
    amountDistance = size(cents(l) - cents(r));
    const absolute = rules.absolute === undefined ? undefined : toScaled(rules.absolute).units;
    const within =
      absolute !== undefined
        ? amountDistance <= absolute
        : amountDistance * 100n <= BigInt(rules.percent ?? '0') * size(cents(l));
    if (!within) differing += 1n;
  }
  const name = (row: TestRow) => (rules.fold && row.name !== null ? foldText(row.name) : row.name);
  if (name(l) !== name(r)) differing += 1n;
  if (l.booked === null || r.booked === null) {
    if (l.booked !== r.booked) differing += 1n;
  } else {
    dateDistance = BigInt(Math.abs(Date.parse(l.booked) - Date.parse(r.booked)) / 86_400_000);
    if (dateDistance > BigInt(rules.days ?? 0)) differing += 1n;
  }
  return [differing, amountDistance, dateDistance];
}

function compareCosts(a: bigint[], b: bigint[]): number {
  for (const [index, value] of a.entries()) {
    if (value !== b[index]) return value < b[index]! ? -1 : 1;
  }
  return 0;
}
