// What must hold of every group search: it finds what going through all sets and choices gives, in whatever order the
// entries come, and never uses one twice.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Entry,
  type GroupRequest,
  type GroupRule,
  type GroupSearch,
  searchGroups,
} from '../../shared/matching/grouping/search-groups.ts';
import { nameOf, referenceGroups } from './grouping-reference.ts';

const numRuns = Number(process.env.GROUPING_PROPERTY_RUNS ?? 1500);

type Kind = { units: number; date: number };

/** Few amounts and dates, so that sums meet often; entries of the same kind are identical. */
function entriesOf(units: fc.Arbitrary<number>, maxLength: number): fc.Arbitrary<Kind[]> {
  return fc.array(fc.record({ units, date: fc.nat(3) }), { maxLength, size: 'max' });
}

/** Identical kinds get one content, or each its own where only the rows tell them apart. */
function entries(kinds: Kind[], distinct: boolean, from: number): Entry[] {
  const contents = new Map<string, number>();
  return kinds.map(({ units, date }, at) => {
    const key = distinct ? `${at}` : `${units}|${date}`;
    const content = contents.get(key) ?? from + contents.size;
    contents.set(key, content);
    return { id: from + at, units: BigInt(units), date, content };
  });
}

const tolerance: fc.Arbitrary<GroupRule['tolerance']> = fc.constantFrom(
  { absolute: '0.01' },
  { absolute: '0.02' },
  { percent: '10', base: 'one' },
  { percent: '10', base: 'many' },
  { percent: '25', base: 'larger' },
);
const window = fc.record({ before: fc.nat(2), after: fc.nat(2) });
const fee: fc.Arbitrary<GroupRule['fee']> = fc.constantFrom(
  { fixed: '0.01', per: 'group' },
  { fixed: '0.01', per: 'record' },
  { percent: '10', fixed: '0.005', per: 'record' },
  { percent: '12.5', fixed: '0.01', per: 'group' },
);

function rules(cardinality: GroupRule['cardinality']): fc.Arbitrary<GroupRule> {
  return fc
    .record(
      {
        recordsMax: fc.integer({ min: 2, max: 4 }),
        tieMargin: fc.constantFrom(0, 200_000, 600_000),
        tolerance,
        window,
        ...(cardinality === 'one-to-many' && { fee }),
      },
      { requiredKeys: ['recordsMax', 'tieMargin'] },
    )
    .map((rule): GroupRule => ({ cardinality, scale: 2, ...rule }) as GroupRule);
}

const signed = fc.constantFrom(1, 2, 3, 4, 5, 7, -1, -2, -5, 0);
const sums = fc.constantFrom(3, 4, 5, 6, 7, 9, 12, -3, 0);
const distinct = fc.boolean();

const oneToMany = fc
  .record({ ones: entriesOf(sums, 3), many: entriesOf(signed, 6), rule: rules('one-to-many'), distinct })
  .map((made): GroupRequest => request(made));
const manyToMany = fc
  .record({ ones: entriesOf(signed, 3), many: entriesOf(signed, 4), rule: rules('many-to-many'), distinct })
  .map((made): GroupRequest => request(made));
const netting = fc
  .record({ ones: fc.constant<Kind[]>([]), many: entriesOf(signed, 7), rule: rules('netting'), distinct })
  .map((made): GroupRequest => request(made));

type Made = { ones: Kind[]; many: Kind[]; rule: GroupRule; distinct: boolean };

function request(made: Made): GroupRequest {
  return {
    ones: entries(made.ones, made.distinct, 0),
    many: entries(made.many, made.distinct, 100),
    rule: made.rule,
  };
}

/** Groups by content with how often: which of identical entries is taken is nobody's business. */
function shown({ ones, many }: GroupRequest, { groups, tied }: GroupSearch) {
  const entry = new Map([...ones, ...many].map((one) => [one.id, one]));
  const named = new Map<string, number>();
  for (const group of groups) {
    const name = nameOf(
      group.ones.map((id) => entry.get(id)!),
      group.many.map((id) => entry.get(id)!),
    );
    named.set(name, (named.get(name) ?? 0) + 1);
  }
  return { groups: named, tied: { ones: tied.ones, many: tied.many } };
}

/** How many entries of each content are not settled: identical ones are one another's equals here too. */
function contentsOf(ids: Set<number>, entries: Entry[]): number[] {
  return entries
    .filter(({ id }) => ids.has(id))
    .map(({ content }) => content)
    .sort((a, b) => a - b);
}

test.each([
  ['one to many', oneToMany],
  ['many to many', manyToMany],
  ['netting', netting],
] as const)('%s is what going through all sets and choices gives', (_, requests) => {
  fc.assert(
    fc.property(requests, (made) => {
      const found = searchGroups(made);
      const { groups, tied } = shown(made, found);
      const wanted = referenceGroups(made);
      expect(groups).toEqual(wanted.groups);
      expect(contentsOf(tied.ones, made.ones)).toEqual(contentsOf(wanted.tied.ones, made.ones));
      expect(contentsOf(tied.many, made.many)).toEqual(contentsOf(wanted.tied.many, made.many));
      expect(found.exhausted.ones.size + found.exhausted.many.size).toBe(0);
    }),
    { numRuns },
  );
});

const larger = fc
  .oneof(
    fc.record({ ones: entriesOf(sums, 8), many: entriesOf(signed, 14), rule: rules('one-to-many'), distinct }),
    fc.record({ ones: entriesOf(signed, 8), many: entriesOf(signed, 8), rule: rules('many-to-many'), distinct }),
    fc.record({ ones: fc.constant<Kind[]>([]), many: entriesOf(signed, 14), rule: rules('netting'), distinct }),
  )
  .map((made: Made): GroupRequest => request({ ...made, rule: { ...made.rule, stepsMax: 2_000_000 } }));

test('no entry is in two groups, or settled and unsettled at once', () => {
  fc.assert(
    fc.property(larger, (made) => {
      const { groups, tied, exhausted } = searchGroups(made);
      for (const side of ['ones', 'many'] as const) {
        const all = [...groups.flatMap((group) => group[side]), ...tied[side], ...exhausted[side]];
        expect(new Set(all).size).toBe(all.length);
        const known = new Set(made[side].map(({ id }) => id));
        expect(all.every((id) => known.has(id))).toBe(true);
      }
    }),
    { numRuns: numRuns / 3 },
  );
});

test('the order of entries does not matter', () => {
  const shuffled = larger.chain((made) =>
    fc.record({
      made: fc.constant(made),
      ones: fc.shuffledSubarray(made.ones, { minLength: made.ones.length }),
      many: fc.shuffledSubarray(made.many, { minLength: made.many.length }),
    }),
  );
  fc.assert(
    fc.property(shuffled, ({ made, ones, many }) => {
      expect(searchGroups({ ...made, ones, many })).toEqual(searchGroups(made));
    }),
    { numRuns: numRuns / 3 },
  );
});

test('the numbering of contents does not matter, nor does an offset that makes every sum a bigint', () => {
  const huge = 10n ** 24n;
  fc.assert(
    fc.property(larger, (made) => {
      const renumbered = (side: Entry[]): Entry[] => side.map((entry) => ({ ...entry, content: 1000 - entry.content }));
      const other = { ...made, ones: renumbered(made.ones), many: renumbered(made.many) };
      const names = ({ groups, tied }: ReturnType<typeof shown>, of: GroupRequest) => ({
        groups: [...groups.values()].sort(),
        tied: [contentsOf(tied.ones, of.ones).length, contentsOf(tied.many, of.many).length],
      });
      const found = searchGroups(made);
      expect(names(shown(other, searchGroups(other)), other)).toEqual(names(shown(made, found), made));
      // Amounts times 10^24 with as many more decimals are the same amounts.
      const scaled = (side: Entry[]): Entry[] => side.map((entry) => ({ ...entry, units: entry.units * huge }));
      if (made.rule.fee) return;
      const rule = { ...made.rule, scale: made.rule.scale + 24 };
      expect(searchGroups({ ones: scaled(made.ones), many: scaled(made.many), rule })).toEqual(found);
    }),
    { numRuns: numRuns / 3 },
  );
});
