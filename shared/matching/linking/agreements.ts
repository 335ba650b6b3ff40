// How many pairs of records have equal values, counted exactly by the values: of each field, and of every two.
import type { Engine } from '../engine.ts';
import { type Atom, atomsOf, keySql } from './blocking-atoms.ts';
import type { Comparison } from './comparisons.ts';
import type { Agreements } from './dependent-fields.ts';

/** Of two relations of prepared records. Texts, whose values are as good as never equal, agree in nothing. */
export async function countAgreements(
  engine: Engine,
  { left, right, all }: { left: string; right: string; all: number },
  comparisons: Comparison[],
): Promise<Agreements> {
  const atoms = comparisons.map(({ field }) => (field.kind === 'text' ? undefined : atomsOf(field)[0]!));
  const count = async (key: (Atom | undefined)[]): Promise<number> => {
    const known = key.filter((atom) => atom !== undefined);
    if (known.length < key.length) return 0;
    const side = (relation: string) =>
      `(SELECT ${keySql(known, 's')} AS key, count(*) AS n FROM ${relation} s GROUP BY key)`;
    const [found] = await engine.rows<{ n: string }>(
      `SELECT coalesce(sum(a.n * b.n), 0)::BIGINT AS n FROM ${side(left)} a JOIN ${side(right)} b USING (key)`,
    );
    return Number(found!.n);
  };
  const one: number[] = [];
  for (const atom of atoms) one.push(await count([atom]));
  const both = atoms.map(() => new Array<number>(atoms.length).fill(0));
  for (const [at, atom] of atoms.entries())
    for (let other = at + 1; other < atoms.length; other += 1) both[at]![other] = await count([atom, atoms[other]]);
  return { all, one, both };
}
