// What a run shows, over real Parquet and the real engine.
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeRunView } from '../../../shared/app/run-view/read-run-view.ts';
import { keptBounds } from '../../../shared/app/run-view/settled-breaks.ts';
import type { BreakFilter } from '../../../shared/ports/run-view.ts';
import { dayMs, type GivenBreak, noneKept, now, openView, type StoredView } from './stored-view.ts';

let view: StoredView;
afterEach(() => view.close());

const breaks: GivenBreak[] = [
  { identity: 'a', breakId: 1, product: 'EQUITIES', fund: 'F1', openedAt: now - 1000 },
  { identity: 'b', breakId: 2, product: 'EQUITIES', fund: 'F2', openedAt: now - 2 * dayMs },
  { identity: 'c', breakId: 3, product: 'BONDS', fund: 'F2', type: 'MISSING', missingIn: 'custody' },
  { identity: 'd', breakId: 12, product: null, rightProduct: 'BONDS', fund: null, type: 'MISSING', missingIn: 'gl' },
  { identity: "e'\\", breakId: 5, product: "O'Neil", fund: 'F1', type: 'DUPLICATE' },
];
const page = (filter: BreakFilter = {}, more: { after?: string; limit?: number } = {}) => ({
  filter,
  now,
  limit: 100,
  ...more,
});
const idsOf = (shown: { breakId: string }[]) => shown.map(({ breakId }) => breakId);

describe.each([
  ['few', keptBounds],
  ['many', noneKept],
])('page of a run of %s breaks', (_of, bounds) => {
  beforeEach(async () => {
    view = await openView({ bounds });
  });

  test('run-analytics, run-filters-block, break-types: every map, with sides A and B by the anchor and products of either side', async () => {
    const run = await view.settle(1, breaks);
    const { analytics, filters } = await view.page(run, page());
    expect(analytics).toEqual({
      breaksByStatus: { OPEN: 5 },
      breaksByType: { MISMATCH: 2, MISSING_IN_SOURCE_A: 1, MISSING_IN_SOURCE_B: 1, DUPLICATE: 1 },
      breaksByProduct: { EQUITIES: 2, BONDS: 1, "O'Neil": 1, '(none)': 1 },
      breaksByEntity: { F1: 2, F2: 2, '(none)': 1 },
      openBreaksByAgeBucket: { '<1d': 4, '1-3d': 1 },
      filteredBreakCount: 5,
      totalBreakCount: 5,
    });
    expect(filters).toEqual({
      products: ['(none)', 'BONDS', 'EQUITIES', "O'Neil"],
      subProducts: [],
      entities: ['(none)', 'F1', 'F2'],
    });
  });

  test('break-dto: values of both sides are exact text; of an absent side there are none', async () => {
    const run = await view.settle(1, [{ ...breaks[0]!, amount: '9007199254740993.10', anomaly: 'far' }, breaks[2]!]);
    const [first, second] = (await view.page(run, page())).breaks;
    expect(first).toEqual({
      breakId: '1',
      kind: 'MISMATCH',
      product: 'EQUITIES',
      subProduct: null,
      entity: 'F1',
      openedAt: now - 1000,
      status: 'OPEN',
      gone: false,
      touched: false,
      anomalous: true,
      observed: {
        identity: 'a',
        left: { id: 'a', amount: '9007199254740993.10', product: 'EQUITIES', fund: 'F1' },
        right: { id: 'a', amount: '9007199254740993.10', product: 'EQUITIES', fund: 'F1' },
        anomalies: [expect.objectContaining({ kind: 'amount', score: 9.9, explanation: 'far' })],
      },
    });
    expect(second).toMatchObject({
      anomalous: false,
      kind: 'MISSING_IN_SOURCE_A',
      product: 'BONDS',
      observed: { left: null, right: { id: 'c' } },
    });
  });

  test.each<[string, BreakFilter, string[]]>([
    ['one product', { product: ['EQUITIES'] }, ['1', '2']],
    ['values of one name are alternatives', { product: ['EQUITIES', 'BONDS'] }, ['1', '2', '3']],
    ['names must all hold', { product: ['EQUITIES', 'BONDS'], entity: ['F2'] }, ['2', '3']],
    ['what has no value', { product: ['(none)'] }, ['12']],
    ['quotes', { product: ["O'Neil", "' OR 1=1 --"] }, ['5']],
    ['NUL is in no value', { product: ['EQUITIES\0'] }, []],
    ['a name that the definition has not', { subProduct: ['X'] }, []],
    ['status', { status: ['PENDING_APPROVAL'] }, ['3']],
    ['several statuses', { status: ['PENDING_APPROVAL', 'CLOSED'], entity: ['F2', 'F1'] }, ['1', '3']],
    ['none given is no filter', { product: [] }, ['1', '2', '3', '5', '12']],
  ])('run-filter-params: %s', async (_, filter, expected) => {
    const run = await view.settle(1, breaks);
    view.touched.push({ breakId: '3', status: 'PENDING_APPROVAL' }, { breakId: '1', status: 'CLOSED' });
    const shown = await view.page(run, page(filter));
    expect(idsOf(shown.breaks)).toEqual(expected);
    expect(shown.analytics.filteredBreakCount).toBe(expected.length);
    expect(shown.analytics.totalBreakCount).toBe(5);
  });

  test('run-filtered-vs-total: filters shrink the counts and leave the total and the choices', async () => {
    const run = await view.settle(1, breaks);
    const all = await view.page(run, page());
    const some = await view.page(run, page({ entity: ['F2'] }));
    expect(some.analytics).toMatchObject({ filteredBreakCount: 2, totalBreakCount: 5, breaksByEntity: { F2: 2 } });
    expect(some.filters).toEqual(all.filters);
  });

  test('break-statuses: OPEN until touched, CLOSED once gone or followed by another break', async () => {
    const first = await view.settle(1, breaks);
    view.touched.push({ breakId: '2', status: 'PENDING_APPROVAL' }, { breakId: '3', status: 'OPEN' });
    // The ledger may say that a break is gone before its item does.
    view.touched.push({ breakId: '12', status: 'PENDING_APPROVAL' });
    const changed = { ...breaks[4]!, breakId: 20 };
    const second = await view.settle(
      2,
      [breaks[1]!, breaks[2]!, changed],
      [
        { identity: 'a', breakId: 1 },
        { identity: 'd', breakId: 12 },
      ],
    );
    const shown = (await view.page(first, page())).breaks;
    expect(shown.map(({ breakId, status, gone, touched }) => [breakId, status, gone, touched])).toEqual([
      ['1', 'CLOSED', true, false],
      ['2', 'PENDING_APPROVAL', false, true],
      ['3', 'OPEN', false, true],
      ['5', 'CLOSED', true, false],
      ['12', 'CLOSED', true, false],
    ]);
    expect((await view.page(second, page({ status: ['OPEN'] }))).breaks.map(({ breakId }) => breakId)).toEqual([
      '3',
      '20',
    ]);
  });

  test.each([
    [0, '<1d'],
    [dayMs - 1, '<1d'],
    [dayMs, '1-3d'],
    [4 * dayMs - 1, '1-3d'],
    [4 * dayMs, '4-7d'],
    [8 * dayMs - 1, '4-7d'],
    [8 * dayMs, '8-30d'],
    [31 * dayMs - 1, '8-30d'],
    [31 * dayMs, '>30d'],
    [-5_000, '<1d'],
  ])('run-analytics-age: open for %d ms is %s', async (age, label) => {
    const run = await view.settle(1, [{ identity: 'a', breakId: 1, openedAt: now - age }]);
    expect((await view.page(run, page())).analytics.openBreaksByAgeBucket).toEqual({ [label]: 1 });
  });

  test('run-analytics-age: only OPEN breaks have an age', async () => {
    const run = await view.settle(1, breaks);
    view.touched.push({ breakId: '1', status: 'PENDING_APPROVAL' });
    expect((await view.page(run, page())).analytics.openBreaksByAgeBucket).toEqual({ '<1d': 3, '1-3d': 1 });
  });

  test('pages go on where the one before ended, in the order of the ids', async () => {
    const run = await view.settle(1, breaks);
    for (const limit of [1, 2, 3, 5]) {
      const seen: string[] = [];
      let after: string | undefined;
      for (let more = true; more; ) {
        const shown = await view.page(run, page({}, { limit, ...(after !== undefined && { after }) }));
        expect(shown.analytics.filteredBreakCount).toBe(5);
        seen.push(...idsOf(shown.breaks));
        after = shown.breaks.at(-1)?.breakId;
        more = shown.more;
      }
      expect(seen).toEqual(['1', '2', '3', '5', '12']);
    }
  });

  test('err-422: a cursor of no list', async () => {
    const run = await view.settle(1, breaks);
    await expect(view.page(run, page({}, { after: '1; DROP' }))).rejects.toThrow('REQUEST_INVALID');
  });

  test('a page that is larger than a reply ends earlier, and long texts are cut', async () => {
    await view.close();
    view = await openView({ pageCharactersMax: 3_000, bounds });
    const long = { fund: 'x'.repeat(5_000) };
    const run = await view.settle(
      1,
      breaks.map((one) => ({ ...one, ...long })),
    );
    const first = await view.page(run, page());
    expect([first.breaks.length, first.more]).toEqual([1, true]);
    expect(first.breaks[0]?.observed.left?.fund).toHaveLength(1_024);
    expect(first.breaks[0]?.entity).toHaveLength(100);
    const last = await view.page(run, page({}, { after: '5' }));
    expect([idsOf(last.breaks), last.more]).toEqual([['12'], false]);
    expect((await view.breaksOf(run, ['1']))[0]?.observed.left?.fund).toHaveLength(5_000);
  });

  test('more values than a person chooses from are counted as others, and the sum stays exact', async () => {
    const many = Array.from({ length: 1_003 }, (_, index) => ({
      identity: `i${index}`,
      breakId: index + 1,
      fund: `F${index}`,
    }));
    const run = await view.settle(1, many);
    const { analytics, filters } = await view.page(run, page({}, { limit: 1 }));
    expect(Object.keys(analytics.breaksByEntity)).toHaveLength(1_001);
    expect(analytics.breaksByEntity['(others)']).toBe(3);
    expect(filters.entities).toHaveLength(1_000);
  });

  test('run-latest-completed: a run that is not settled has no view, nor has one of another tenant', async () => {
    const run = await view.settle(1, breaks);
    await view.runs.save({ ...run, status: 'RUNNING' });
    await expect(view.page(run, page())).rejects.toThrow('RESULTS_NOT_READY');
    await expect(view.page({ ...run, tenant: 'zeta' }, page())).rejects.toThrow('NOT_FOUND');
  });

  test('values are in the order of their UTF-8, and one that is named as the others are counted with them', async () => {
    const names = ['\u{1f600}', '\uff5e', 'ab', 'a', 'é', '(none)', '__proto__', 'Z'];
    const many = Array.from({ length: 1_000 }, (_, index) => `f${index}`);
    const ones = [...names, '(others)', ...many].map((fund, index) => ({
      identity: `i${index}`,
      breakId: index + 1,
      fund,
    }));
    const twice = ['(others)', ...names].map((fund, index) => ({
      identity: `j${index}`,
      breakId: 2_000 + index,
      fund,
    }));
    const run = await view.settle(1, [...ones, ...twice]);
    const { analytics, filters } = await view.page(run, page({}, { limit: 1 }));
    const inOrder = ['(none)', '(others)', 'Z', '__proto__', 'a', 'ab', 'é', '\uff5e', '\u{1f600}'];
    expect(filters.entities.filter((name) => !name.startsWith('f'))).toEqual(inOrder);
    expect(filters.entities).toHaveLength(1_000);
    const counts = new Map(Object.entries(analytics.breaksByEntity));
    expect([...inOrder].map((name) => counts.get(name))).toEqual([2, 2 + 9, ...Array(7).fill(2)]);
    expect(counts.size).toBe(1_000);
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(1_018);
  });

  test('a run without breaks counts none', async () => {
    const run = await view.settle(1, []);
    const { analytics, breaks: none, more } = await view.page(run, page());
    expect([analytics.filteredBreakCount, analytics.breaksByType, none, more]).toEqual([0, {}, [], false]);
  });

  test('after a failure the next request is answered', async () => {
    const run = await view.settle(1, breaks);
    await expect(view.deps.kept.use((engine) => engine.run('SELECT nothing'))).rejects.toThrow('nothing');
    const several = await Promise.all([1, 2, 3].map(() => view.page(run, page())));
    expect(several.map(({ breaks: shown }) => shown.length)).toEqual([5, 5, 5]);
  });
});

describe('breaksOf', () => {
  beforeEach(async () => {
    view = await openView();
  });

  test('gives those that the run has, whatever else is asked for', async () => {
    const run = await view.settle(1, breaks);
    view.touched.push({ breakId: '12', status: 'CLOSED' });
    const found = await view.breaksOf(run, ['12', '99', '2', "1' OR 'a'='a", '-1', '9'.repeat(30)]);
    expect(found.map(({ breakId, status }) => [breakId, status])).toEqual([
      ['2', 'OPEN'],
      ['12', 'CLOSED'],
    ]);
    expect(found[0]?.observed).toEqual({
      identity: 'b',
      type: 'MISMATCH',
      missingIn: null,
      key: 'b',
      occurrence: 1,
      source: 'gl',
      leftRow: 2,
      rightRow: 2,
      left: { id: 'b', amount: '1.50', product: 'EQUITIES', fund: 'F2' },
      right: { id: 'b', amount: '1.50', product: 'EQUITIES', fund: 'F2' },
      anomalies: [],
      differences: [],
      contentHash: 'h',
    });
    expect(await view.breaksOf(run, [])).toEqual([]);
  });
});

describe('writeRunView', () => {
  beforeEach(async () => {
    view = await openView();
  });

  test('writes every break with its state and typed values', async () => {
    const run = await view.settle(1, breaks);
    view.touched.push({ breakId: '3', status: 'PENDING_APPROVAL' });
    const path = await writeRunView(view.deps, run, join(view.directory, 'writer', 'export'));
    const rows = await view.writer.rows(
      `SELECT id, kind, status, product, entity, left_amount, right_id, typeof(left_amount) AS type FROM read_parquet('${path}')`,
    );
    expect(rows).toHaveLength(5);
    expect(rows[2]).toEqual({
      id: '3',
      kind: 'MISSING_IN_SOURCE_A',
      status: 'PENDING_APPROVAL',
      product: 'BONDS',
      entity: 'F2',
      left_amount: null,
      right_id: 'c',
      type: 'DECIMAL(18,2)',
    });
  });
});
