// Group search by going through every set and every choice of sets there is: what the fast one is held to, on blocks of
// a few entries. Written from the words of the specification, with nothing of the code under test but its types.
import type { Entry, GroupRequest, GroupRule } from '../../shared/matching/grouping/search-groups.ts';

/** Groups by contents with how often, and ids of the unsettled. */
export type ReferenceGroups = {
  groups: Map<string, number>;
  tied: { ones: Set<number>; many: Set<number> };
};

type Kind = { content: number; units: bigint; date: number; ids: number[]; isOne: boolean };
type Option = { name: string; uses: Map<Kind, number>; size: number; cost: number; one?: Kind };

export function referenceGroups({ ones, many, rule }: GroupRequest): ReferenceGroups {
  const kinds = [...kindsOf(ones, true, rule), ...kindsOf(many, false, rule)];
  return rule.cardinality === 'one-to-many' ? explained(kinds, rule) : netted(kinds, rule);
}

function kindsOf(entries: Entry[], isOne: boolean, rule: GroupRule): Kind[] {
  const kinds = new Map<number, Kind>();
  for (const { id, content, units, date } of entries) {
    if (units === 0n || (rule.window && date === undefined)) continue;
    const kind = kinds.get(content) ?? { content, units, date: date ?? 0, ids: [], isOne };
    kind.ids.push(id);
    kinds.set(content, kind);
  }
  return [...kinds.values()];
}

function explained(kinds: Kind[], rule: GroupRule): ReferenceGroups {
  const ones = kinds.filter(({ isOne }) => isOne);
  const sets = multisets(
    kinds.filter(({ isOne }) => !isOne),
    rule.recordsMax!,
  ).filter((set) => set.length >= (rule.fee ? 1 : 2));
  const all = ones.flatMap((one) => sets.flatMap((set) => optionOf(one, set, rule) ?? []));
  const sizes = new Map(ones.map((one) => [one, 0]));
  const grow = (one: Kind): boolean => {
    const larger = all.filter((option) => option.one === one && option.size > sizes.get(one)!);
    if (larger.length > 0) sizes.set(one, Math.min(...larger.map(({ size }) => size)));
    return larger.length > 0;
  };
  for (const one of ones) grow(one);
  for (;;) {
    const offered = all.filter((option) => option.size <= sizes.get(option.one!)!);
    const near = nearBest(offered, kinds, rule.tieMargin ?? 0);
    const explains = (choice: number[], one: Kind): number =>
      choice.reduce((sum, copies, at) => (offered[at]!.one === one ? sum + copies : sum), 0);
    const leftOut = ones.filter((one) => near.some((choice) => explains(choice, one) < one.ids.length));
    const wanted = offered.filter(({ one }) => leftOut.includes(one!));
    const short = ones.filter((one) =>
      offered.some((option) => option.one === one && wanted.some((other) => sharesMany(option, other))),
    );
    if (short.map(grow).some((grew) => grew)) continue;
    return outcome(offered, near, kinds);
  }
}

function netted(kinds: Kind[], rule: GroupRule): ReferenceGroups {
  const netting = rule.cardinality === 'netting';
  const legs = kinds.map((kind) => (netting ? { ...kind, isOne: kind.units > 0n } : kind));
  const total: ReferenceGroups = { groups: new Map(), tied: { ones: new Set(), many: new Set() } };
  for (let size = 2; size <= rule.recordsMax!; size += 1) {
    const open = legs.filter(({ ids }) => ids.length > 0);
    const offered = multisets(open, size)
      .filter((set) => set.length === size)
      .flatMap((set) => zeroOption(set, rule) ?? []);
    const { groups, tied } = outcome(offered, nearBest(offered, open, rule.tieMargin ?? 0), open);
    for (const [name, copies] of groups) total.groups.set(name, (total.groups.get(name) ?? 0) + copies);
    for (const leg of open) {
      const ids = leg.isOne ? tied.ones : tied.many;
      const settled = offered.reduce((sum, { name, uses }) => sum + (groups.get(name) ?? 0) * (uses.get(leg) ?? 0), 0);
      leg.ids = leg.ids.slice(settled);
      for (const id of ids)
        if (leg.ids.includes(id)) (leg.isOne && !netting ? total.tied.ones : total.tied.many).add(id);
      if (leg.ids.some((id) => ids.has(id))) leg.ids = [];
    }
  }
  return total;
}

function sharesMany(a: Option, b: Option): boolean {
  return [...a.uses.keys()].some((kind) => !kind.isOne && b.uses.has(kind));
}

function multisets(kinds: Kind[], sizeMax: number): Kind[][] {
  const found: Kind[][] = [];
  const extend = (at: number, set: Kind[]): void => {
    if (at === kinds.length) {
      if (set.length > 0) found.push(set);
      return;
    }
    for (let copies = 0; copies <= kinds[at]!.ids.length && set.length + copies <= sizeMax; copies += 1) {
      extend(at + 1, [...set, ...new Array<Kind>(copies).fill(kinds[at]!)]);
    }
  };
  extend(0, []);
  return found;
}

function optionOf(one: Kind, set: Kind[], rule: GroupRule): Option[] | undefined {
  const days = set.map(({ date }) => date - one.date);
  if (rule.window && days.some((day) => day < -rule.window!.before || day > rule.window!.after)) return undefined;
  const gross = sumOf(set);
  const fees = rule.fee?.per === 'record' ? set.map(({ units }) => feeOf(rule, units)) : [feeOf(rule, gross)];
  const net = gross - fees.reduce((sum, fee) => sum + fee, 0n);
  const off = amountCost(one.units, net, rule);
  if (off === undefined) return undefined;
  const uses = usesOf([one, ...set]);
  return [{ name: nameOf([one], set), uses, size: set.length, cost: off + dateCost(days, rule), one }];
}

function zeroOption(set: Kind[], rule: GroupRule): Option[] | undefined {
  const netting = rule.cardinality === 'netting';
  const first = Math.min(...set.map(({ date }) => date));
  const days = set.map(({ date }) => date - first);
  if (rule.window && days.some((day) => day > rule.window!.after)) return undefined;
  const [left, right] = [set.filter(({ isOne }) => isOne), set.filter(({ isOne }) => !isOne)];
  if (left.length === 0 || right.length === 0) return undefined;
  const one = sumOf(left);
  const off = amountCost(one, netting ? -sumOf(right) : sumOf(right), rule);
  if (off === undefined || one === 0n) return undefined;
  const name = netting ? nameOf([], set) : nameOf(left, right);
  return [{ name, uses: usesOf(set), size: set.length, cost: off + dateCost(days, rule) }];
}

function usesOf(set: Kind[]): Map<Kind, number> {
  const uses = new Map<Kind, number>();
  for (const kind of set) uses.set(kind, (uses.get(kind) ?? 0) + 1);
  return uses;
}

function sumOf(set: Kind[]): bigint {
  return set.reduce((sum, { units }) => sum + units, 0n);
}

export function nameOf(ones: { content: number }[], many: { content: number }[]): string {
  const contents = (set: { content: number }[]): string =>
    set
      .map(({ content }) => content)
      .sort((a, b) => a - b)
      .join('+');
  return `${contents(ones)}=${contents(many)}`;
}

/** Percentages and fixed fees of up to four decimals; units of two. */
function feeOf({ fee }: GroupRule, amount: bigint): bigint {
  if (!fee || amount <= 0n) return 0n;
  const tenThousandths = (text: string | undefined): bigint => BigInt(Math.round(Number(text ?? '0') * 10_000));
  // In millionths of a unit.
  const exact = amount * tenThousandths(fee.percent) + tenThousandths(fee.fixed) * 100n * 100n;
  return (exact + 500_000n) / 1_000_000n;
}

function amountCost(one: bigint, many: bigint, { tolerance }: GroupRule): number | undefined {
  const off = Number(one > many ? one - many : many - one);
  if (off === 0) return 0;
  if (!tolerance) return undefined;
  // The percentages tried are whole.
  const [a, b] = [Math.abs(Number(one)), Math.abs(Number(many))];
  const base = 'absolute' in tolerance ? 0 : { one: a, many: b, larger: Math.max(a, b) }[tolerance.base];
  const limit =
    'absolute' in tolerance ? Math.round(Number(tolerance.absolute) * 100) : Number(tolerance.percent) * base;
  const used = 'absolute' in tolerance ? off : off * 100;
  return used <= limit ? Math.floor((used * 1_000_000) / limit) : undefined;
}

function dateCost(days: number[], { window }: GroupRule): number {
  if (!window) return 0;
  const late = days.reduce((sum, day) => sum + Math.max(day, 0), 0);
  const early = days.reduce((sum, day) => sum + Math.max(-day, 0), 0);
  const part = (sum: number, limit: number): number => (sum === 0 ? 0 : (sum / limit) * 1_000_000);
  return Math.floor((part(late, window.after) + part(early, window.before)) / days.length);
}

/** Copies per option of every choice with as many groups, as few records, and a cost within the margin of the least. */
function nearBest(options: Option[], kinds: Kind[], margin: number): number[][] {
  const room = new Map(kinds.map((kind) => [kind, kind.ids.length]));
  const found: { copies: number[]; groups: number; size: number; cost: number }[] = [];
  const extend = (copies: number[], groups: number, size: number, cost: number): void => {
    const option = options[copies.length];
    if (!option) {
      found.push({ copies, groups, size, cost });
      return;
    }
    let taken = 0;
    for (;;) {
      extend([...copies, taken], groups + taken, size + taken * option.size, cost + taken * option.cost);
      if (![...option.uses].every(([kind, amount]) => room.get(kind)! >= amount)) break;
      for (const [kind, amount] of option.uses) room.set(kind, room.get(kind)! - amount);
      taken += 1;
    }
    for (const [kind, amount] of option.uses) room.set(kind, room.get(kind)! + taken * amount);
  };
  extend([], 0, 0, 0);
  const groups = Math.max(...found.map((choice) => choice.groups));
  const most = found.filter((choice) => choice.groups === groups);
  const size = Math.min(...most.map((choice) => choice.size));
  const small = most.filter((choice) => choice.size === size);
  const cost = Math.min(...small.map((choice) => choice.cost));
  return small.filter((choice) => choice.cost <= cost + margin).map(({ copies }) => copies);
}

function outcome(options: Option[], near: number[][], kinds: Kind[]): ReferenceGroups {
  const groups = new Map<string, number>();
  const [used, tiedKinds] = [new Map<Kind, number>(), new Set<Kind>()];
  for (const [at, option] of options.entries()) {
    const shares = new Set(near.map((choice) => choice[at]!));
    const [copies] = shares;
    if (shares.size > 1) for (const kind of option.uses.keys()) tiedKinds.add(kind);
    else if (copies! > 0) {
      groups.set(option.name, copies!);
      for (const [kind, amount] of option.uses) used.set(kind, (used.get(kind) ?? 0) + amount * copies!);
    }
  }
  const tied = { ones: new Set<number>(), many: new Set<number>() };
  for (const kind of kinds) {
    if (!tiedKinds.has(kind)) continue;
    for (const id of kind.ids.slice(used.get(kind) ?? 0)) (kind.isOne ? tied.ones : tied.many).add(id);
  }
  return { groups, tied };
}
