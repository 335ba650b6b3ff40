// Linking from records to pairs and clusters: what is found, that nothing but the records decides it, that every weight is
// explained, and what becomes of records that say nothing.
import { expect, test } from 'vitest';
import { makePersons, personFields } from '../../../../bench/linking/persons.ts';
import type { MatchEvidence } from '../../../../shared/domain/match-evidence.ts';
import type { Engine } from '../../../../shared/matching/engine.ts';
import { evidenceSql } from '../../../../shared/matching/linking/evidence.ts';
import { linkRecords } from '../../../../shared/matching/linking/link-records.ts';
import type { LinkRequest } from '../../../../shared/matching/linking/link-request.ts';
import { thresholdForPrecision } from '../../../../shared/matching/linking/threshold.ts';
import { fields, inOrder, linkPersons, type Shuffle, size } from './linked-persons.ts';
import { numbered, relationOf, type Values, withEngine } from './linking-engine.ts';

type Pair = { left: string; right: string; state: string; probability: number };

/** Pairs by the first of the fields of either side. */
async function pairsOf(engine: Engine, field: string): Promise<Pair[]> {
  return engine.rows<Pair>(`SELECT a."${field}" AS "left", b."${field}" AS "right", state, probability FROM link_paired
    JOIN a ON a."$id" = l JOIN b ON b."$id" = r ORDER BY ALL`);
}

async function link(left: Values[], right: Values[], fields: string[], more: Partial<LinkRequest> = {}) {
  return withEngine(async (engine) => {
    await relationOf(engine, 'a', fields, left);
    await relationOf(engine, 'b', fields, right);
    const linked = fields.slice(1).map((name) => ({ name }));
    const found = await linkRecords(engine, { left: 'a', right: 'b', fields: linked, ...more });
    return { found, pairs: await pairsOf(engine, fields[0]!) };
  });
}

const parties: [string, string, string][] = [
  ['Acme Trading Limited', '2024-01-05', '1200.00'],
  ['Müller & Söhne GmbH', '2024-01-06', '88.10'],
  ['Northwind Traders', '2024-01-09', '45.00'],
  ['Société Générale S.A.', '2024-02-01', '9800.50'],
  ['Ødegård Bakeri AS', '2024-02-11', '310.00'],
  ['Blue Sky Airlines', '2024-02-14', '705.25'],
];
const rewritten: [string, string, string][] = [
  ['ACME TRADING LTD', '2024-01-05', '1200.00'],
  ['Mueller und Soehne', '2024-01-06', '88.10'],
  ['Northwnd Traders', '2024-01-09', '45.00'],
  ['Societe Generale SA', '2024-02-02', '9800.50'],
  ['Odegard Bakeri', '2024-02-11', '310.00'],
  ['Some Other Company', '2023-07-30', '12.00'],
];

test('names written otherwise are linked, and what has no partner is not', async () => {
  const left = parties.map((row, at): Values => [`L${at}`, ...row]);
  const right = rewritten.map((row, at): Values => [`R${at}`, ...row]);
  const { pairs } = await link(left, right, ['key', 'name', 'date', 'amount']);
  expect(pairs.map(({ left, right, state }) => `${left} ${right} ${state}`)).toEqual(
    [0, 1, 2, 3, 4].map((at) => `L${at} R${at} linked`),
  );
});

/** Of four parties: those from the one place to the other. */
const tiny: { left: [number, number]; right: [number, number]; linked: number[] }[] = [
  { left: [0, 1], right: [0, 1], linked: [0] },
  { left: [0, 1], right: [1, 2], linked: [] },
  { left: [0, 2], right: [2, 4], linked: [] },
  { left: [0, 3], right: [1, 4], linked: [1, 2] },
  { left: [0, 4], right: [2, 3], linked: [2] },
  { left: [0, 4], right: [0, 4], linked: [0, 1, 2, 3] },
];

test.each(tiny)('files of a few records: $left and $right', async ({ left, right, linked }) => {
  const four = [0, 2, 4, 5].map((at, place): Values => [`${place}`, ...parties[at]!]);
  const { pairs } = await link(four.slice(...left), four.slice(...right), ['key', 'name', 'date', 'amount']);
  expect(pairs.map(({ left, right, state }) => `${left} ${right} ${state}`)).toEqual(
    linked.map((at) => `${at} ${at} linked`),
  );
});

test('two records that are equally like one are tied, never picked', async () => {
  const left = parties.map((row, at): Values => [`L${at}`, ...row]);
  const right = [...rewritten.map((row, at): Values => [`R${at}`, ...row]), ['R0b', ...rewritten[0]!]];
  const { pairs } = await link(left, right, ['key', 'name', 'date', 'amount']);
  const of = (key: string) => pairs.filter((pair) => pair.left === key);
  expect(of('L0').map(({ right, state }) => `${right} ${state}`)).toEqual(['R0 tied', 'R0b tied']);
  expect(of('L0')[0]!.probability).toBe(of('L0')[1]!.probability);
  expect(of('L2').map(({ state }) => state)).toEqual(['linked']);
});

const sayNothing: { name: string; left: Values[]; right: Values[]; note?: RegExp }[] = [
  { name: 'no records', left: [], right: [] },
  { name: 'no records on a side', left: [['L', 'Smith']], right: [] },
  {
    name: 'a column of nulls',
    left: Array.from({ length: 20 }, (_, at): Values => [`L${at}`, null]),
    right: Array.from({ length: 20 }, (_, at): Values => [`R${at}`, null]),
    note: /name has no values on both sides/,
  },
  {
    name: 'a column of one value',
    left: Array.from({ length: 20 }, (_, at): Values => [`L${at}`, 'Smith']),
    right: Array.from({ length: 20 }, (_, at): Values => [`R${at}`, 'Smith']),
    note: /name has one value only/,
  },
  {
    name: 'names that have nothing in common',
    left: ['Anna', 'Bert', 'Carl', 'Dora'].map((name, at): Values => [`L${at}`, name]),
    right: ['Xu', 'Yves', 'Zoltan', 'Walburga'].map((name, at): Values => [`R${at}`, name]),
  },
];

test.each(sayNothing)('nothing is linked: $name', async ({ left, right, note }) => {
  const { found, pairs } = await link(left, right, ['key', 'name']);
  expect(pairs.filter(({ state }) => state === 'linked')).toEqual([]);
  if (note) expect(found.notes.join('\n')).toMatch(note);
});

test('names of two letters and of several scripts', async () => {
  const names = ['Li', 'Wu', 'Xu', 'Ng', '北京', '上海', 'Москва', 'Київ', 'Αθήνα', 'القاهرة'];
  const towns = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J'].map((letter) => `${letter}town`);
  const left = names.map((name, at): Values => [`${at}`, name, towns[at]!]);
  const right = names.map((name, at): Values => [`${at}`, name.toUpperCase(), towns[at]!]);
  const { pairs } = await link(left, right, ['key', 'name', 'town']);
  expect(pairs.map(({ left, right, state }) => [left, right, state])).toEqual(
    names.map((_, at) => [`${at}`, `${at}`, 'linked']),
  );
});

test('equivalences of a user are one name', async () => {
  const rest = Array.from({ length: 12 }, (_, at): Values => [`${at}`, `Company ${'abcdefghijkl'[at]!.repeat(4)}`]);
  const left: Values[] = [['x', 'International Business Machines'], ...rest];
  const right: Values[] = [['x', 'IBM'], ...rest];
  const equivalences = [['ibm', 'International Business Machines']];
  const linkedX = ({ pairs }: { pairs: Pair[] }) =>
    pairs.some(({ left, right, state }) => left === 'x' && right === 'x' && state === 'linked');
  expect(linkedX(await link(left, right, ['key', 'name']))).toBe(false);
  expect(linkedX(await link(left, right, ['key', 'name'], { equivalences }))).toBe(true);
});

test('a request that makes no sense is refused', async () => {
  await expect(link([], [], ['key', 'name'], { threshold: 2 })).rejects.toThrow(RangeError);
});

const canonical = `SELECT a.person AS "left", b.person AS "right", weight, probability, state FROM link_paired JOIN a ON a."$id" = l JOIN b ON b."$id" = r ORDER BY ALL`;

test('persons are found again by blocks that the records choose, and the recall they may lose is told', async () => {
  await linkPersons(async (engine, request) => {
    const { model, notes } = await linkRecords(engine, request);
    const [found] = await engine.rows<{
      right: number;
      linked: number;
    }>(`SELECT count(*) FILTER (a.person = b.person)::INTEGER AS "right",
      count(*)::INTEGER AS linked FROM link_paired JOIN a ON a."$id" = l JOIN b ON b."$id" = r WHERE state = 'linked'`);
    expect(found!.right / found!.linked).toBeGreaterThan(0.99);
    expect(found!.right / size.both).toBeGreaterThan(0.98);
    expect(model.blocks!.keys.length).toBeGreaterThan(1);
    expect(model.blocks!.recall).toBeGreaterThan(0.98);
    expect(model.blocks!.recall).toBeLessThan(1);
    expect(notes.join('\n')).toMatch(/compared were records equal in: .*% of the matches may be in none/);
    expect(Math.abs(model.partners - size.both / size.left)).toBeLessThan(0.02);
  }, inOrder);
});

/** Of few matches, fields that go together must not pass for what matches are like. */
test.each([
  { both: 60, wrongMost: 2 },
  { both: 0, wrongMost: 10 },
])('of $both persons that both sides have, no others are linked', async ({ both, wrongMost }) => {
  await withEngine(async (engine) => {
    await makePersons(engine, 3, { left: 3_000, right: 2_500, both });
    const columns = [...personFields, 'person'].map((name) => `"${name}"`).join(', ');
    await numbered(engine, 'a', '"left"', columns);
    await numbered(engine, 'b', '"right"', columns);
    const { model, notes } = await linkRecords(engine, { left: 'a', right: 'b', fields });
    expect(model.fields.find(({ name }) => name === 'postcode')!.given!.field).toBe('city');
    expect(notes.join('\n')).toMatch(/where city is equal, postcode is weighed by how often it then is/);
    const [found] = await engine.rows<{
      right: number;
      wrong: number;
    }>(`SELECT count(*) FILTER (a.person = b.person)::INTEGER AS "right",
      count(*) FILTER (a.person <> b.person)::INTEGER AS wrong FROM link_paired JOIN a ON a."$id" = l JOIN b ON b."$id" = r WHERE state = 'linked'`);
    expect(found!.right).toBeGreaterThanOrEqual(0.95 * both);
    expect(found!.wrong).toBeLessThanOrEqual(wrongMost);
  });
});

const outcome = (shuffle: Shuffle) =>
  linkPersons(async (engine, request) => {
    const { model } = await linkRecords(engine, request);
    return { model, pairs: await engine.rows(canonical) };
  }, shuffle);
let first: ReturnType<typeof outcome>;

test('persons have an outcome', async () => {
  first = outcome(inOrder);
  expect((await first).pairs.length).toBeGreaterThan(800);
});

test.each<Shuffle>([
  { order: `hash(person, 'x')`, threads: 1 },
  { order: 'person DESC', threads: 3 },
])('neither the order of rows nor the number of threads changes a figure: $order, $threads', async (shuffle) => {
  expect(await outcome(shuffle)).toEqual(await first);
});

test('a model that was kept gives the outcome that it gave', async () => {
  await linkPersons(async (engine, request) => {
    const { model } = await linkRecords(engine, request);
    const first = await engine.rows(canonical);
    await linkRecords(engine, { ...request, model: JSON.parse(JSON.stringify(model)) });
    expect(await engine.rows(canonical)).toEqual(first);
  }, inOrder);
});

test('a model without blocks does not compare everything with everything', async () => {
  await withEngine(async (engine) => {
    await numbered(engine, 'a', '(SELECT n::VARCHAR AS name FROM range(5000) t(n))', 'name');
    const few = { left: 'a', right: 'few', fields: [{ name: 'name' }] };
    await numbered(engine, 'few', '(SELECT n::VARCHAR AS name FROM range(100) t(n))', 'name');
    const { model } = await linkRecords(engine, few);
    expect(model.blocks).toBeUndefined();
    await expect(linkRecords(engine, { ...few, right: 'a', model })).rejects.toThrow(/25000000 pairs are too many/);
  });
});

test('the weights of the fields and the prior are the weight of the pair', async () => {
  await linkPersons(async (engine, request) => {
    const linkage = await linkRecords(engine, {
      ...request,
      fields: fields.map((field, at) => (at === 0 ? { ...field, weight: 0.5 } : field)),
    });
    const rows = await engine.rows<{ evidence: string; weight: number; probability: number }>(
      `SELECT evidence, weight, probability FROM link_paired JOIN (${evidenceSql(linkage, 'link_paired')}) USING (l, r)`,
    );
    expect(rows.length).toBeGreaterThan(800);
    const whole = (bits: number) => Math.round(bits * 1e6);
    const levels = new Set<string>();
    for (const { evidence, weight, probability } of rows) {
      const said = JSON.parse(evidence) as MatchEvidence;
      expect(said.fields.reduce((sum, one) => sum + whole(one.weight), whole(said.prior))).toBe(weight);
      expect([whole(said.weight), said.probability]).toEqual([weight, probability]);
      expect(said.alone).toBeCloseTo(1 / (1 + 2 ** -said.weight), 6);
      for (const { level, similarity } of said.fields) {
        levels.add(level);
        expect([similarity === null, similarity === 1]).toEqual([level === 'absent', level === 'equal']);
      }
    }
    expect(levels).toContain('absent');
  }, inOrder);
});

/** Means of the pairs from each probability on: 0.99, 0.945, 0.896667, 0.7975, 0.678. */
const targets: [precision: number | undefined, threshold: number | undefined][] = [
  [undefined, undefined],
  [0, 0.2],
  [0.79, 0.5],
  [0.85, 0.8],
  [0.945, 0.9],
  [0.946, 0.99],
  [0.999, 1],
];

test.each(targets)('for a precision of %d the threshold is %d', async (precision, threshold) => {
  await withEngine(async (engine) => {
    const pairs = '(SELECT unnest([0.8, 0.2, 0.99, 0.5, 0.9])::DOUBLE AS probability, 1 AS n)';
    expect(await thresholdForPrecision(engine, pairs, precision)).toBe(threshold);
  });
});

test('the threshold that a target precision chooses is what pairs are linked by', async () => {
  await linkPersons(async (engine, request) => {
    const { threshold } = await linkRecords(engine, { ...request, targetPrecision: 0.99999 });
    expect(threshold).toBeGreaterThan(0.9);
    const [found] = await engine.rows<{ mean: number; least: number }>(
      `SELECT avg(probability) AS mean, min(probability) AS least FROM link_paired WHERE state = 'linked'`,
    );
    expect(found!.mean).toBeGreaterThanOrEqual(0.99999);
    expect(found!.least).toBe(threshold);
  }, inOrder);
});

test('one relation is de-duplicated: clusters are the persons', async () => {
  await withEngine(async (engine) => {
    await makePersons(engine, 5, { left: 900, right: 700, both: 400 });
    const columns = [...personFields, 'person'].map((name) => `"${name}"`).join(', ');
    await numbered(engine, 'a', '(SELECT * FROM "left" UNION ALL SELECT * FROM "right")', columns);
    const { model } = await linkRecords(engine, { left: 'a', fields });
    expect(model.blocks).toBeDefined();
    const pairs = (relation: string, by: string) =>
      `(SELECT x.id AS l, y.id AS r FROM ${relation} x JOIN ${relation} y ON x.${by} = y.${by} AND x.id < y.id)`;
    const truth = pairs('(SELECT "$id" AS id, person FROM a)', 'person');
    const [found] = await engine.rows<{ right: number; linked: number }>(`SELECT count(*)::INTEGER AS linked,
      count(*) FILTER ((l, r) IN (SELECT (l, r) FROM ${truth}))::INTEGER AS "right" FROM ${pairs('link_clusters', 'cluster')}`);
    expect(found!.right / found!.linked).toBeGreaterThan(0.99);
    expect(found!.right / 400).toBeGreaterThan(0.97);
  });
});

test.each([
  ['equal', `'Smith'`],
  ['null', 'NULL::VARCHAR'],
])('a million pairs of which all values are %s: nothing is compared, and that is said', async (_, value) => {
  await withEngine(async (engine) => {
    for (const table of ['a', 'b'])
      await numbered(engine, table, `(SELECT ${value} AS name, ${value} AS town FROM range(1100))`, 'name, town');
    const { notes } = await linkRecords(engine, {
      left: 'a',
      right: 'b',
      fields: [{ name: 'name' }, { name: 'town' }],
    });
    expect(notes.join('\n')).toMatch(/nothing was compared/);
    expect(notes.join('\n')).toMatch(/the estimation came to no end/);
    expect(await engine.rows('FROM link_paired')).toEqual([]);
  });
});

test('a block of a million pairs is not compared, and that is said', async () => {
  await withEngine(async (engine) => {
    // One surname for nearly all; the towns tell a few of them apart.
    const rows = (
      side: string,
    ) => `SELECT '${side}' || n AS key, CASE WHEN n < 1100 THEN 'Smith' ELSE 'Name' || (n * 7919 % 100003) END AS surname,
      'Town' || (n * 104729 % 100003) AS town FROM range(1400) t(n)`;
    await numbered(engine, 'a', `(${rows('L')})`, 'key, surname, town');
    await numbered(engine, 'b', `(${rows('R')})`, 'key, surname, town');
    const request: LinkRequest = {
      left: 'a',
      right: 'b',
      fields: [
        { name: 'surname', kind: 'name' },
        { name: 'town', kind: 'code' },
      ],
    };
    const { model } = await linkRecords(engine, request);
    const bySurname = {
      ...model,
      blocks: { ...model.blocks!, keys: [[{ field: 'surname', part: 0 }], [{ field: 'town', part: 0 }]] },
    };
    const { notes } = await linkRecords(engine, { ...request, model: bySurname });
    expect(notes.join('\n')).toMatch(/1 block of equal surname with 2200 records was too large to compare/);
    const [found] = await engine.rows<{
      n: number;
    }>(`SELECT count(*)::INTEGER AS n FROM link_paired JOIN a ON a."$id" = l JOIN b ON b."$id" = r
      WHERE state = 'linked' AND a.town = b.town`);
    expect(found!.n).toBe(1400);
  });
});

const tablesLeft: { name: string; kind: 'name' | 'text'; single: boolean; tables: string[] }[] = [
  {
    name: 'names',
    kind: 'name',
    single: false,
    tables: ['link_left', 'link_paired', 'link_right', 'link_scored', 'link_weighed'],
  },
  {
    name: 'texts',
    kind: 'text',
    single: false,
    tables: ['link_left', 'link_paired', 'link_right', 'link_scored', 'link_weighed'],
  },
  { name: 'texts of one relation', kind: 'text', single: true, tables: ['link_clusters', 'link_left', 'link_scored'] },
];

const tableNames = async (engine: Engine) => {
  const rows = await engine.rows<{ name: string }>(
    `SELECT table_name AS name FROM duckdb_tables() WHERE table_name LIKE 'link%' ORDER BY name`,
  );
  return rows.map(({ name }) => name);
};

test.each(tablesLeft)('no table is left but those that it tells of: $name', async ({ kind, single, tables }) => {
  await withEngine(async (engine) => {
    const rows = parties.map(([name]): Values => [name]);
    await relationOf(engine, 'a', ['name'], rows);
    await relationOf(engine, 'b', ['name'], rows);
    await linkRecords(engine, { left: 'a', ...(!single && { right: 'b' }), fields: [{ name: 'name', kind }] });
    expect(await tableNames(engine)).toEqual(tables);
  });
});

test('nor where blocks were made', async () => {
  await linkPersons(async (engine, request) => {
    await linkRecords(engine, { ...request, fields: [...fields, { name: 'person', kind: 'text' }] });
    expect(await tableNames(engine)).toEqual(['link_left', 'link_paired', 'link_right', 'link_scored', 'link_weighed']);
  }, inOrder);
});
