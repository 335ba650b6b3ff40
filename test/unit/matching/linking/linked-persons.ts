// Test support: persons of the bench on two sides, in any order and with any number of threads, to be linked.
import { makePersons, personFields } from '../../../../bench/linking/persons.ts';
import type { Engine } from '../../../../shared/matching/engine.ts';
import type { LinkRequest } from '../../../../shared/matching/linking/link-request.ts';
import { numbered, withEngine } from './linking-engine.ts';

/** Enough of them that not every pair is compared. */
export const size = { left: 1_100, right: 1_000, both: 900 };
export const fields = personFields.map((name) => ({ name }));

export type Shuffle = { order: string; threads: number };
export const inOrder: Shuffle = { order: 'person', threads: 2 };

/** `more` are columns besides, as SQL over the persons: by name. */
export async function linkPersons<Result>(
  use: (engine: Engine, request: LinkRequest) => Promise<Result>,
  { order, threads }: Shuffle,
  more: Record<string, string> = {},
): Promise<Result> {
  return withEngine(async (engine) => {
    await makePersons(engine, 3, size);
    const columns = [...personFields, ...Object.keys(more), 'person'].map((name) => `"${name}"`).join(', ');
    const further = Object.entries(more).map(([name, value]) => `, ${value} AS "${name}"`);
    for (const [table, from] of [
      ['a', 'left'],
      ['b', 'right'],
    ] as const) {
      const side = `(SELECT '${from}' AS side, * FROM "${from}")`;
      await engine.run(`CREATE TABLE shuffled_${table} AS SELECT *${further.join('')} FROM ${side} ORDER BY ${order}`);
      await numbered(engine, table, `shuffled_${table}`, columns);
    }
    return use(engine, { left: 'a', right: 'b', fields });
  }, threads);
}
