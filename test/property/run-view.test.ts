// Whatever breaks a run has and whatever is asked for: the counts add up, and are those of a plain loop over the same breaks.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { BreakStatus } from '../../shared/domain/break.ts';
import type { BreakFilter } from '../../shared/ports/run-view.ts';
import { dayMs, type GivenBreak, now, openView, type StoredView } from '../unit/run-view/stored-view.ts';

let view: StoredView;
beforeAll(async () => {
  view = await openView();
});
afterAll(() => view.close());

const statuses: BreakStatus[] = ['OPEN', 'PENDING_APPROVAL', 'CLOSED'];
const product = fc.constantFrom('EQUITIES', 'BONDS', "a'b", 'ünïcode', '\uff5e', '\u{1f600}', null);
const fund = fc.constantFrom('F1', 'F2', null);
const given = fc.record({
  type: fc.constantFrom('MISMATCH' as const, 'DUPLICATE' as const, 'AMBIGUOUS' as const),
  missingIn: fc.option(fc.constantFrom('custody' as const, 'gl' as const), { nil: undefined }),
  product,
  rightProduct: product,
  fund,
  days: fc.double({ min: 0, max: 60, noNaN: true }),
  touched: fc.option(fc.constantFrom(...statuses), { nil: undefined }),
  gone: fc.boolean(),
  anomaly: fc.constantFrom(undefined, undefined, "far 'beyond'"),
});
const filters = fc.record(
  {
    product: fc.subarray(['EQUITIES', 'BONDS', "a'b", 'ünïcode', '\u{1f600}', '(none)', 'absent']),
    entity: fc.subarray(['F1', 'F2', '(none)']),
    status: fc.subarray(statuses),
    anomalous: fc.boolean(),
  },
  { requiredKeys: [] },
);
let number = 0;

test('run-analytics-consistency: every map adds up to the filtered count, the ages to the OPEN ones', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(given, { maxLength: 25 }),
      filters,
      fc.integer({ min: 1, max: 30 }),
      async (ones, filter, limit) => {
        const breaks = ones.map((one, index) => ({
          ...one,
          type: one.missingIn ? ('MISSING' as never) : one.type,
          identity: `i${index}`,
          breakId: 3 * index + 1,
          openedAt: now - Math.floor(one.days * dayMs),
        }));
        number += 1;
        const run = await view.settle(number, breaks);
        number += 1;
        const [still, gone] = [breaks.filter((one) => !one.gone), breaks.filter((one) => one.gone)];
        await view.settle(number, still, gone);
        view.touched.length = 0;
        // A break that is gone is touched no more, whatever was done about it before.
        for (const { breakId, touched } of still)
          if (touched) view.touched.push({ breakId: String(breakId), status: touched });

        const shown = await view.page(run, { filter, now, limit });
        // What is kept in memory and what is asked of the engine are the same view, page by page.
        expect(await view.ofMany.page(run, { filter, now, limit })).toEqual(shown);
        const after = String(3 * Math.floor(ones.length / 2) + 1);
        expect(await view.ofMany.page(run, { filter, now, limit, after })).toEqual(
          await view.page(run, { filter, now, limit, after }),
        );
        const { analytics } = shown;
        const expected = breaks.map(seen).filter((one) => passes(one, filter));
        expect(analytics).toEqual({
          breaksByStatus: tally(expected.map((one) => one.status)),
          breaksByType: tally(expected.map((one) => one.kind)),
          breaksByProduct: tally(expected.map((one) => one.product)),
          breaksByEntity: tally(expected.map((one) => one.entity)),
          openBreaksByAgeBucket: tally(expected.filter((one) => one.status === 'OPEN').map((one) => one.age)),
          filteredBreakCount: expected.length,
          totalBreakCount: breaks.length,
        });
        const sum = (counts: Record<string, number>) =>
          Object.values(counts).reduce((total, count) => total + count, 0);
        for (const map of [
          analytics.breaksByStatus,
          analytics.breaksByType,
          analytics.breaksByProduct,
          analytics.breaksByEntity,
        ])
          expect(sum(map)).toBe(analytics.filteredBreakCount);
        expect(sum(analytics.openBreaksByAgeBucket)).toBe(analytics.breaksByStatus.OPEN ?? 0);
        expect(shown.breaks.map(({ breakId }) => breakId)).toEqual(expected.slice(0, limit).map(({ id }) => id));
        expect(shown.more).toBe(expected.length > limit);
      },
    ),
    { numRuns: 60 },
  );
});

type Seen = {
  anomalous: boolean;
  id: string;
  kind: string;
  product: string;
  entity: string;
  status: BreakStatus;
  age: string;
};

function seen(one: GivenBreak & { days: number; gone: boolean; touched: BreakStatus | undefined }): Seen {
  const left = one.missingIn === 'custody' ? null : one.product;
  const right = one.missingIn === 'gl' ? null : one.rightProduct;
  const days = Math.floor((now - one.openedAt!) / dayMs);
  return {
    id: String(one.breakId),
    kind: one.missingIn ? `MISSING_IN_SOURCE_${one.missingIn === 'custody' ? 'A' : 'B'}` : one.type!,
    product: left ?? right ?? '(none)',
    entity: one.fund ?? '(none)',
    anomalous: one.anomaly !== undefined,
    status: one.gone ? 'CLOSED' : (one.touched ?? 'OPEN'),
    age: days < 1 ? '<1d' : days < 4 ? '1-3d' : days < 8 ? '4-7d' : days < 31 ? '8-30d' : '>30d',
  };
}

function passes(one: Seen, { product, entity, status, anomalous }: BreakFilter): boolean {
  const among = (value: string, values: string[] | undefined) => !values?.length || values.includes(value);
  if (anomalous !== undefined && one.anomalous !== anomalous) return false;
  return among(one.product, product) && among(one.entity, entity) && among(one.status, status);
}

function tally(values: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
