// Linking that is bounded from outside: within equal fields, in given blocks, of values that are alike enough, without pairs that
// may not be. Learning is then about what is possible.
import { expect, test } from 'vitest';
import type { Engine } from '../../../../shared/matching/engine.ts';
import { dropLinkage, linkRecords } from '../../../../shared/matching/linking/link-records.ts';
import type { LinkRequest } from '../../../../shared/matching/linking/link-request.ts';
import { fields, inOrder, linkPersons } from './linked-persons.ts';

type Linked = { n: number; right: number; apart: number; sure: number; possible: number };

/** Of the linked pairs: how many are right, how many hold `apart`, and how many right ones there could be. */
async function linkedOf(engine: Engine, apart: string): Promise<Linked> {
  const [found] =
    await engine.rows<Linked>(`SELECT count(*)::INTEGER AS n, count(*) FILTER (a.person = b.person)::INTEGER AS "right",
      count(*) FILTER (${apart})::INTEGER AS apart, sum(probability)::DOUBLE AS sure,
      (SELECT count(*) FROM a JOIN b USING (person) WHERE NOT (${apart}))::INTEGER AS possible
    FROM link_paired JOIN a ON a."$id" = l JOIN b ON b."$id" = r WHERE state = 'linked'`);
  return found!;
}

/** Numbers of groups; of every tenth person the right side has another. */
const groups = [1, 5, 700].map((count) => ({ count }));

test.each(groups)(
  'within $count groups: none across, nearly all inside, and as sure as they are right',
  async ({ count }) => {
    const group = `(hash(person, 'group') + CASE WHEN side = 'right' AND hash(person, 'moved') % 10 = 0 THEN 1 ELSE 0 END) % ${count}`;
    await linkPersons(
      async (engine, request) => {
        const { model, notes } = await linkRecords(engine, { ...request, equal: { column: 'group', name: 'group' } });
        const found = await linkedOf(engine, 'a."group" <> b."group"');
        expect(found.apart).toBe(0);
        expect(found.right / found.possible).toBeGreaterThan(0.98);
        expect(found.right / found.n).toBeGreaterThan(0.99);
        expect(Math.abs(found.sure - found.right) / found.n).toBeLessThan(0.01);
        // As many partners are expected as there are.
        expect(Math.abs(model.partners - found.possible / 1_100)).toBeLessThan(0.02);
        // A million pairs and less are compared one and all; of 1,100,000 in one group not all are.
        if (count === 1) expect(notes.join()).toMatch(/compared were records equal in group, and of these in: /);
        else expect(model.blocks).toBeUndefined();
        await dropLinkage(engine);
      },
      inOrder,
      { group },
    );
  },
);

test('of many possible pairs within groups the rarest words are looked for inside of them', async () => {
  await linkPersons(
    async (engine, request) => {
      const wordy = { ...request, fields: [{ name: 'about', kind: 'text' as const }, { name: 'birth_date' }] };
      await linkRecords(engine, { ...wordy, equal: { column: 'group', name: 'group' } });
      const found = await linkedOf(engine, 'a."group" <> b."group"');
      expect(found.apart).toBe(0);
      expect(found.right / found.possible).toBeGreaterThan(0.95);
    },
    inOrder,
    { group: '1', about: `concat_ws(' ', given_name, surname, street, city, postcode)` },
  );
});

const blocks: { name: string; request: Partial<LinkRequest>; apart: string }[] = [
  {
    name: 'only what is equal in all fields of one list',
    request: { blocks: [['surname', 'city'], ['birth_date']] },
    apart:
      '(a.surname <> b.surname OR a.city <> b.city OR b.surname IS NULL OR b.city IS NULL) AND (a.birth_date <> b.birth_date OR b.birth_date IS NULL)',
  },
  {
    name: 'only what is alike enough',
    request: { fields: fields.map((one) => (one.name === 'surname' ? { ...one, similarityMin: 0.93 } : one)) },
    apart: 'b.surname IS NULL OR jaro_winkler_similarity(a.surname, b.surname) < 0.93',
  },
];

test.each(blocks)('$name', async ({ request: more, apart }) => {
  await linkPersons(async (engine, request) => {
    const { model, notes } = await linkRecords(engine, { ...request, ...more });
    const found = await linkedOf(engine, apart);
    expect(found.apart).toBe(0);
    expect(found.right / found.possible).toBeGreaterThan(0.98);
    if (!more.blocks) return;
    expect(notes.join()).toMatch(/compared were records equal in: surname and city; birth_date\. About/);
    // What may be lost is told: of 900 persons so many are in no block.
    expect(Math.abs(model.blocks!.recall - found.possible / 900)).toBeLessThan(0.03);
  }, inOrder);
});

test('of few records, too, only those in a block are compared', async () => {
  await linkPersons(async (engine, request) => {
    for (const side of ['a', 'b'])
      await engine.run(`CREATE OR REPLACE TABLE ${side} AS SELECT * REPLACE ((row_number() OVER (ORDER BY "$id") - 1)::INTEGER AS "$id")
        FROM ${side} WHERE hash(person, 'some') % 10 = 0`);
    await linkRecords(engine, { ...request, blocks: [['birth_date']] });
    const found = await linkedOf(engine, 'coalesce(a.birth_date <> b.birth_date, true)');
    expect(found.apart).toBe(0);
    expect(found.right / found.possible).toBeGreaterThan(0.95);
  }, inOrder);
});

test('what may be no pair is none, and no rival either', async () => {
  await linkPersons(async (engine, request) => {
    await engine.run(
      `CREATE TABLE apart AS SELECT a."$id" AS l, b."$id" AS r FROM a JOIN b USING (person) WHERE hash(person) % 2 = 0`,
    );
    await linkRecords(engine, { ...request, apart: 'apart' });
    const found = await linkedOf(engine, 'hash(a.person) % 2 = 0 AND a.person = b.person');
    expect(found.apart).toBe(0);
    expect(found.right / found.possible).toBeGreaterThan(0.98);
  }, inOrder);
});

test.each<[string, Partial<LinkRequest>, RegExp]>([
  ['blocks of other fields', { blocks: [['shoe']] }, /shoe makes blocks, and is none of the fields/],
  ['blocks of nothing', { blocks: [[]] }, /a block has no fields/],
  ['a similarity that is none', { fields: [{ name: 'city', similarityMin: 2 }] }, /similarityMin of city is 2/],
])('refused: %s', async (_title, more, message) => {
  await linkPersons(async (engine, request) => {
    await expect(linkRecords(engine, { ...request, ...more })).rejects.toThrow(message);
  }, inOrder);
});
