// What is kept of a run between requests, and what is looked up for each: values are kept, states are not.
import { afterEach, expect, test } from 'vitest';
import { createRunView } from '../../../shared/app/run-view/read-run-view.ts';
import { keptBounds } from '../../../shared/app/run-view/settled-breaks.ts';
import { emptyFeed } from '../../../shared/domain/feed.ts';
import { dayMs, type GivenBreak, now, openView, type StoredView } from './stored-view.ts';

let view: StoredView;
afterEach(() => view.close());

const breaks: GivenBreak[] = [1, 2, 3].map((breakId) => ({ identity: `i${breakId}`, breakId, product: 'BONDS' }));
const request = { filter: {}, now, limit: 100 };

/** A view of the same stores that says how often it has asked the engine. */
async function counted(bounds: Partial<typeof keptBounds> = {}, pageCharactersMax = 4_000_000) {
  view = await openView();
  const asked = { engine: 0 };
  const kept: typeof view.deps.kept = {
    ...view.deps.kept,
    use: (work) => {
      asked.engine += 1;
      return view.deps.kept.use(work);
    },
  };
  const shown = createRunView({ ...view.deps, kept, pageCharactersMax }, { ...keptBounds, ...bounds });
  const statuses = async (run: Parameters<typeof shown.page>[0]) =>
    (await shown.page(run, request)).breaks.map(({ status }) => status);
  const asking = async <T>(answer: Promise<T>): Promise<[T, number]> => {
    const before = asked.engine;
    return [await answer, asked.engine - before];
  };
  return { ...shown, statuses, asking };
}

test('the engine is asked once for a run, whatever is filtered later', async () => {
  const { page, asking } = await counted();
  const run = await view.settle(1, breaks);
  expect((await asking(page(run, request)))[1]).toBe(1);
  const [shown, asked] = await asking(page(run, { ...request, filter: { product: ['BONDS'] }, after: '1', limit: 1 }));
  expect([shown.breaks.map(({ breakId }) => breakId), shown.more, asked]).toEqual([['2'], true, 0]);
});

test('what persons do, and time, is seen by the next request', async () => {
  const { page, statuses, asking } = await counted();
  const run = await view.settle(1, breaks);
  expect(await statuses(run)).toEqual(['OPEN', 'OPEN', 'OPEN']);
  view.touched.push({ breakId: '2', status: 'PENDING_APPROVAL' });
  expect(await asking(statuses(run))).toEqual([['OPEN', 'PENDING_APPROVAL', 'OPEN'], 0]);
  view.touched.length = 0;
  expect(await asking(statuses(run))).toEqual([['OPEN', 'OPEN', 'OPEN'], 0]);
  const later = await page(run, { ...request, now: now + 5 * dayMs });
  expect(later.analytics.openBreaksByAgeBucket).toEqual({ '4-7d': 3 });
});

test('an answer that is changed by who got it changes no later one', async () => {
  const { page } = await counted();
  const run = await view.settle(1, breaks);
  const first = await page(run, request);
  const before = structuredClone(first);
  first.breaks[0]!.observed.left!.product = 'changed';
  first.breaks[0]!.status = 'CLOSED';
  first.filters.products.length = 0;
  expect(await page(run, request)).toEqual(before);
});

test('the next run that settles closes what it no longer has, and so does the one after', async () => {
  const { statuses, asking } = await counted();
  const first = await view.settle(1, breaks);
  expect(await statuses(first)).toEqual(['OPEN', 'OPEN', 'OPEN']);
  await view.settle(2, [breaks[0]!, breaks[1]!], [{ identity: 'i3', breakId: 3 }]);
  expect(await asking(statuses(first))).toEqual([['OPEN', 'OPEN', 'CLOSED'], 1]);
  expect(await asking(statuses(first))).toEqual([['OPEN', 'OPEN', 'CLOSED'], 0]);
  await view.settle(
    3,
    [breaks[1]!],
    [1, 3].map((breakId) => ({ identity: `i${breakId}`, breakId })),
  );
  expect(await asking(statuses(first))).toEqual([['CLOSED', 'OPEN', 'CLOSED'], 1]);
});

test.each([{ tenant: 'zeta' }, { reconciliationId: 'other' }])(
  'a run of %o with the same id is another run',
  async (of) => {
    const { page } = await counted();
    const second = await view.settle(2, [breaks[2]!]);
    const first = await view.settle(1, breaks);
    const other = { ...second, ...of, runId: first.runId };
    const { ledgerKey } = second.results!;
    const settled = { runId: other.runId, number: 2, ledgerKey: ledgerKey! };
    await view.runs.create(other, { ...emptyFeed(other), lastRunNumber: 2, settled });
    expect((await page(first, request)).analytics.totalBreakCount).toBe(3);
    expect((await page(other, request)).analytics.totalBreakCount).toBe(1);
  },
);

test('past the bound the run that was looked at longest ago is read again', async () => {
  view = await openView();
  const one = await view.settle(1, breaks);
  const { breaks: shown } = await view.page(one, request);
  await view.close();
  const { page, asking } = await counted({ charactersMax: 2 * JSON.stringify(shown).length + 100 });
  const runs = [];
  // Each is the newest when it is looked at first.
  for (const number of [1, 2]) runs.push(await view.settle(number, breaks));
  const [first, second] = runs;
  const asked = async (run: typeof first) => (await asking(page(run!, request)))[1];
  // One question for the breaks; of an older run one more for those that are gone.
  expect([await asked(first), await asked(second), await asked(first), await asked(second)]).toEqual([2, 1, 0, 0]);
  const third = await view.settle(3, breaks);
  await asked(first);
  await asked(third);
  expect([await asked(first), await asked(third), await asked(second)]).toEqual([0, 0, 2]);
});

test.each([
  ['too many', { breaksMax: 2 }, 4_000_000, [2, 1]],
  ['just as many as are kept', { breaksMax: 3 }, 4_000_000, [1, 0]],
  ['larger than an answer', {}, 500, [2, 1]],
])('breaks that are %s', async (_of, bounds, charactersMax, expected) => {
  const { page, asking } = await counted(bounds, charactersMax);
  const run = await view.settle(1, breaks);
  const asked = [];
  for (let round = 0; round < 2; round += 1) {
    const [shown, questions] = await asking(page(run, { ...request, limit: 1 }));
    asked.push(questions);
    expect([shown.breaks.length, shown.more, shown.analytics.totalBreakCount]).toEqual([1, true, 3]);
  }
  expect(asked).toEqual(expected);
});
