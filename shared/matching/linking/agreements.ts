// How many pairs of records have equal values, counted exactly by the values: of each field, and of every two.
import type { Engine } from '../engine.ts';
import { type Atom, atomsOf, keySql } from './blocking-atoms.ts';
import { type Comparison, equalColumn, valueColumn } from './comparisons.ts';
import type { Agreements } from './dependent-fields.ts';
import type { Prepared } from './prepare-records.ts';

/** Statements are made of so many counts: enough that every core has work, few enough that their tables fit into memory. */
const countsTogether = 8;

/** Of each two relations of `key` and `n`, how many are equal in a key that is not null: the pairs of the records that they count. */
export async function countEqual(engine: Engine, sides: { left: string; right: string }[]): Promise<number[]> {
  const counts: number[] = [];
  for (let from = 0; from < sides.length; from += countsTogether) {
    const some = sides
      .slice(from, from + countsTogether)
      .map(
        ({ left, right }, at) =>
          `SELECT ${at} AS place, coalesce(sum(a.n * b.n), 0)::BIGINT AS n FROM ${left} a JOIN ${right} b USING (key)`,
      );
    const rows = await engine.rows<{ n: string }>(`SELECT n FROM (${some.join(' UNION ALL ')}) ORDER BY place`);
    counts.push(...rows.map(({ n }) => Number(n)));
  }
  return counts;
}

/** Per field but texts, of the same pairs: those with equal values, and those with both values. A record is no pair with itself. */
export async function countPresent(
  engine: Engine,
  { left, right }: { left: string; right: string },
  comparisons: Comparison[],
  equal: number[],
  { single, within }: Prepared,
): Promise<({ equal: number; present: number } | undefined)[]> {
  const group = within ? equalColumn : '0';
  const values = comparisons.map(({ field }, at) => `count(${valueColumn(field.index)}) AS n${at}`).join(', ');
  const side = (relation: string) => `(SELECT ${group} AS e, ${values} FROM ${relation} GROUP BY 1)`;
  const sums = comparisons.flatMap((_, at) => [
    `coalesce(sum(a.n${at} * b.n${at}), 0)::DOUBLE AS both${at}`,
    `coalesce(sum(a.n${at}), 0)::DOUBLE AS own${at}`,
  ]);
  const [found] = await engine.rows<Record<string, number>>(
    `SELECT ${sums.join(', ')} FROM ${side(left)} a JOIN ${side(right)} b USING (e)`,
  );
  return comparisons.map(({ field }, at) => {
    const self = single ? found![`own${at}`]! : 0;
    return field.kind === 'text' ? undefined : { equal: equal[at]! - self, present: found![`both${at}`]! - self };
  });
}

/** Of two relations of prepared records. Texts, whose values are as good as never equal, agree in nothing. */
export async function countAgreements(
  engine: Engine,
  { left, right, all }: { left: string; right: string; all: number },
  comparisons: Comparison[],
): Promise<Agreements> {
  const fields = comparisons.flatMap(({ field }, at) =>
    field.kind === 'text' ? [] : [{ at, atom: atomsOf(field)[0]! }],
  );
  const side = (relation: string, atoms: Atom[]) =>
    `(SELECT ${keySql(atoms, 's')} AS key, count(*) AS n FROM ${relation} s GROUP BY key)`;
  const sides = (atoms: Atom[]) => ({ left: side(left, atoms), right: side(right, atoms) });
  const twos = fields.flatMap((first, at) => fields.slice(at + 1).map((second) => [first, second] as const));
  const alone = await countEqual(
    engine,
    fields.map(({ atom }) => sides([atom])),
  );
  const together = await countEqual(
    engine,
    twos.map(([first, second]) => sides([first.atom, second.atom])),
  );
  const one = new Array<number>(comparisons.length).fill(0);
  for (const [place, { at }] of fields.entries()) one[at] = alone[place]!;
  const both = comparisons.map(() => new Array<number>(comparisons.length).fill(0));
  for (const [place, [first, second]] of twos.entries()) both[first.at]![second.at] = together[place]!;
  return { all, one, both };
}
