// Filters, counts and pages of a run whose breaks are in memory: what view-sql.ts says of runs of any size, without the time that the
// engine needs to plan it. test/property/run-view.test.ts holds both to the same answers.
import { ageBucketOf } from '../../domain/break-age.ts';
import type { Dimensions } from '../../domain/run.ts';
import type { BreakFilter, PagedBreak, RunPage, RunPageRequest, TouchedBreaks } from '../../ports/run-view.ts';
import { analyticsOf, type Count, selectableOf } from './run-counts.ts';
import { namesMax, noValue, otherValues } from './view-sql.ts';

/** What a run saw, without a state. */
export type SettledBreak = Omit<PagedBreak, 'status' | 'gone' | 'touched' | 'observed'> & {
  /** JSON, which is read when it is shown. */
  observed: string;
};

/** With the state of now. */
export type FewBreak = SettledBreak & Pick<PagedBreak, 'status' | 'gone' | 'touched'>;

type Touched = Awaited<ReturnType<TouchedBreaks['touched']>>;

/** In the order of the breaks. `gone`: those that the newest ledger no longer has. */
export function stateOf(breaks: readonly SettledBreak[], gone: ReadonlySet<string>, touched: Touched): FewBreak[] {
  const statuses = new Map(touched.map(({ breakId, status }) => [breakId, status]));
  return breaks.map((one) => {
    if (gone.has(one.breakId)) return { ...one, status: 'CLOSED', gone: true, touched: false };
    const status = statuses.get(one.breakId);
    return { ...one, status: status ?? 'OPEN', gone: false, touched: status !== undefined };
  });
}

/** `breaks`: in the order of their ids. */
export function pageOf(
  breaks: readonly FewBreak[],
  dimensions: Dimensions,
  { filter, now, after, limit }: RunPageRequest,
): RunPage {
  const passes = passing(filter);
  const counted = countsOf(breaks, passes, now);
  const next = after === undefined ? breaks : breaks.filter(({ breakId }) => BigInt(breakId) > BigInt(after));
  const found = next.filter(passes);
  return {
    analytics: analyticsOf(counted),
    filters: selectableOf(counted, dimensions),
    breaks: found.slice(0, limit).map((one) => ({ ...one, observed: JSON.parse(one.observed) })),
    more: found.length > limit,
  };
}

const named = (value: string | null): string => value ?? noValue;

function passing({ product, subProduct, entity, status, anomalous }: BreakFilter): (one: FewBreak) => boolean {
  const among = <Value>(values: Value[] | undefined): ((value: Value) => boolean) => {
    if (values === undefined || values.length === 0) return () => true;
    const wanted = new Set(values);
    return (value) => wanted.has(value);
  };
  const [products, subProducts, entities, statuses] = [among(product), among(subProduct), among(entity), among(status)];
  return (one) =>
    products(named(one.product)) &&
    subProducts(named(one.subProduct)) &&
    entities(named(one.entity)) &&
    statuses(one.status) &&
    (anomalous === undefined || one.anomalous === anomalous);
}

function countsOf(breaks: readonly FewBreak[], passes: (one: FewBreak) => boolean, now: number): Count[] {
  const passed = breaks.map(passes);
  const values: Record<Exclude<Count['name'], 'total'>, (one: FewBreak) => string | undefined> = {
    status: ({ status }) => status,
    type: ({ kind }) => kind,
    product: ({ product }) => named(product),
    subProduct: ({ subProduct }) => named(subProduct),
    entity: ({ entity }) => named(entity),
    age: ({ status, openedAt }) => (status === 'OPEN' ? ageBucketOf(openedAt, now) : undefined),
  };
  const counts = Object.entries(values).flatMap(([name, seenIn]) => {
    const found = new Map<string, Tally>();
    for (const [index, one] of breaks.entries()) {
      const value = seenIn(one);
      if (value === undefined) continue;
      const tally = found.get(value) ?? { value, total: 0, breaks: 0 };
      tally.total += 1;
      if (passed[index]) tally.breaks += 1;
      found.set(value, tally);
    }
    return rankedCounts(name as Count['name'], [...found.values()]);
  });
  return [...counts, { name: 'total', value: '', breaks: breaks.length, selectable: false }];
}

type Tally = { value: string; total: number; breaks: number };

function rankedCounts(name: Count['name'], tallies: Tally[]): Count[] {
  const inOrder = tallies.sort((a, b) => byBytes(a.value, b.value));
  // Sorting is stable: what is equally frequent stays in the order of the values.
  const [frequent, shown] = [
    firstOf(inOrder.toSorted((a, b) => b.total - a.total)),
    firstOf(inOrder.toSorted((a, b) => b.breaks - a.breaks)),
  ];
  const counts = inOrder
    .filter((one) => shown.has(one) || frequent.has(one))
    .map((one) => ({
      name,
      value: one.value,
      breaks: shown.has(one) ? one.breaks : 0,
      selectable: frequent.has(one),
    }));
  const others = inOrder.filter((one) => !shown.has(one)).reduce((sum, { breaks }) => sum + breaks, 0);
  return others === 0 ? counts : [...counts, { name, value: otherValues, breaks: others, selectable: false }];
}

function firstOf(ranked: Tally[]): ReadonlySet<Tally> {
  return new Set(ranked.slice(0, namesMax));
}

/** As the engine orders texts, by their UTF-8: the halves of a pair come after all other letters, although their numbers do not. */
function byBytes(a: string, b: string): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at += 1;
  if (at === a.length || at === b.length) return a.length - b.length;
  const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)];
  return Number(isHalf(left)) - Number(isHalf(right)) || left - right;
}

function isHalf(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}
