// Keys that repeat: identical records pair off, then the closest, and a tie is never broken.
import { expect, test } from 'vitest';
import {
  canonicalLines,
  definitionOf,
  type FieldSpec,
  matchRows,
  type Row,
  sourceOf,
  withEngine,
} from './records-from-rows.ts';

const fields: FieldSpec[] = [
  { name: 'amount', sqlType: 'DECIMAL(18,2)' },
  { name: 'note', sqlType: 'VARCHAR' },
  { name: 'booked', sqlType: 'DATE' },
];

const k = (amount: string | null, note: string | null = 'n', booked: string | null = '2024-01-10'): Row => [
  'K',
  amount,
  note,
  booked,
];

/** Of the left, then of the right: amounts by outcome. `10=10` matched, `10~9` mismatched. */
const cases: { name: string; left: Row[]; right: Row[]; expected: string[]; fields?: FieldSpec[] }[] = [
  {
    name: 'identical records pair as often as both sides have them',
    left: [k('1'), k('1'), k('1')],
    right: [k('1'), k('1'), k('1')],
    expected: ['1=1', '1=1', '1=1'],
  },
  {
    name: 'an identical record left over is a duplicate',
    left: [k('1'), k('1')],
    right: [k('1')],
    expected: ['1=1', 'duplicate 1|'],
  },
  {
    name: 'a differing record left over is a duplicate of its key',
    left: [k('1')],
    right: [k('1'), k('7')],
    expected: ['1=1', 'duplicate |7'],
  },
  {
    name: 'fewest differing fields go before least difference',
    left: [k('1', 'a')],
    right: [k('1.01', 'b'), k('500', 'a')],
    expected: ['1~500', 'duplicate |1.01'],
  },
  { name: 'then the least difference', left: [k('10')], right: [k('12'), k('9')], expected: ['10~9', 'duplicate |12'] },
  {
    name: 'differences of all numbers count before those of dates',
    left: [k('10', 'a', '2024-01-10')],
    right: [k('11', 'a', '2024-01-20'), k('12', 'a', '2024-01-11')],
    expected: ['10~11', 'duplicate |12'],
  },
  {
    name: 'dates by their distance',
    left: [k('1', 'a', '2024-01-10')],
    right: [k('1', 'a', '2024-01-13'), k('1', 'b', '2024-01-12'), k('1', 'a', '2024-01-08')],
    expected: ['1~1', 'duplicate |1', 'duplicate |1'],
  },
  {
    name: 'a tie between different records is ambiguous, on both sides',
    left: [k('10')],
    right: [k('9'), k('11')],
    expected: ['ambiguous 10|', 'ambiguous |11', 'ambiguous |9'],
  },
  {
    name: 'no tie where both are needed',
    left: [k('10'), k('10')],
    right: [k('9'), k('11')],
    expected: ['10~11', '10~9'],
  },
  {
    name: 'a settled pair beside a tie',
    left: [k('10'), k('100')],
    right: [k('9'), k('11'), k('101')],
    expected: ['100~101', 'ambiguous 10|', 'ambiguous |11', 'ambiguous |9'],
  },
  {
    name: 'a record whose closest partner is tied is ambiguous too',
    left: [k('10'), k('100')],
    right: [k('9'), k('11')],
    expected: ['ambiguous 100|', 'ambiguous 10|', 'ambiguous |11', 'ambiguous |9'],
  },
  {
    name: 'mutual best: the closer pair first, whoever comes first',
    left: [k('10'), k('12')],
    right: [k('13'), k('30')],
    expected: ['10~30', '12~13'],
  },
  {
    name: 'null equals null and differs from a value',
    left: [k(null), k('5')],
    right: [k('6'), k(null)],
    expected: ['5~6', 'null=null'],
  },
  {
    name: 'a tie of different texts is ambiguous',
    left: [k('1', 'a')],
    right: [k('1', 'b'), k('1', 'c')],
    expected: ['ambiguous 1|', 'ambiguous |1', 'ambiguous |1'],
  },
  {
    name: 'within the tolerance the nearest is taken',
    left: [k('10')],
    right: [k('10.5'), k('10.1')],
    expected: ['10=10.10', 'duplicate |10.50'],
    fields: [{ name: 'amount', sqlType: 'DECIMAL(18,2)', tolerance: { absolute: '1' } }, ...fields.slice(1)],
  },
  {
    name: 'numbers of 38 digits by their exact distance',
    left: [k('99999999999999999999999999999999999999')],
    right: [k('-99999999999999999999999999999999999999'), k('99999999999999999999999999999999999997'), k('1')],
    expected: [
      '99999999999999999999999999999999999999~99999999999999999999999999999999999997',
      'duplicate |-99999999999999999999999999999999999999',
      'duplicate |1',
    ],
    fields: [{ name: 'amount', sqlType: 'DECIMAL(38,0)' }, ...fields.slice(1)],
  },
  {
    name: 'nothing compared: records of a key are all the same',
    left: [k('1'), k('2')],
    right: [k('3')],
    expected: ['1=3', 'duplicate 2|'],
    fields: fields.map((field) => ({ ...field, role: 'DISPLAY' as const })),
  },
  {
    name: 'folded texts are one content',
    left: [k('1', 'Ann  Lee'), k('1', 'ann lee')],
    right: [k('1', ' ANN LEE ')],
    expected: ['1=1', 'duplicate 1|'],
    fields: [fields[0]!, { name: 'note', sqlType: 'VARCHAR', comparison: 'ignore-case' }, fields[2]!],
  },
];

test.each(cases)('$name', async ({ left, right, expected, fields: own = fields }) => {
  await withEngine(async (engine) => {
    const definition = definitionOf(own);
    for (const [l, r] of [
      [left, right],
      [left.toReversed(), right.toReversed()],
    ] as const) {
      const sources = [sourceOf('left', own, l), sourceOf('right', own, r)];
      const { lines } = await canonicalLines(engine, definition, sources, [
        await matchRows(engine, definition, sources),
      ]);
      expect(lines.map(short).sort()).toEqual(expected.toSorted());
    }
  });
});

function short(line: Awaited<ReturnType<typeof canonicalLines>>['lines'][number]): string {
  const amount = (side: Record<string, string | null> | null) =>
    side?.amount == null ? side && 'null' : side.amount.replace(/\.0+$/, '');
  if (line.outcome === 'matched') return `${amount(line.left)}=${amount(line.right)}`;
  if (line.outcome === 'mismatch') return `${amount(line.left)}~${amount(line.right)}`;
  return `${line.outcome} ${amount(line.left) ?? ''}|${amount(line.right) ?? ''}`;
}
