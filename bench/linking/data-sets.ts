// What linking is measured on: public data with a known truth, where somebody has them at hand, and made persons and payments. Every
// contestant reads the same files, `id` and the fields, and the truth is told to none.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Engine, openEngine } from '../../shared/matching/engine.ts';
import { identifier, literal } from '../../shared/matching/sql.ts';
import { makePayments, paymentFields } from './payments.ts';
import { makePersons, personFields } from './persons.ts';

export type DataSet = {
  name: string;
  title: string;
  /** Absent: one file is de-duplicated. */
  right?: string;
  left: string;
  /** Pairs of ids that are the same thing: columns l, r. */
  truth: string;
  fields: readonly string[];
};

type Recipe = {
  name: string;
  title: string;
  fields: readonly string[];
  single?: boolean;
  make: (engine: Engine) => Promise<void>;
};

const febrlFields = [
  ...['given_name', 'surname', 'street_number', 'address_1', 'address_2'],
  ...['suburb', 'postcode', 'state', 'date_of_birth', 'soc_sec_id'],
];

/** Directories `febrl`, `dblp-acm` and `abt-buy` of the public sets (Christen, 2002; Köpcke, Thor and Rahm, 2010). */
function publicSets(data: string): Recipe[] {
  const read = (path: string, delimiter: string, quote = '"') =>
    `read_csv(${literal(join(data, path))}, delim = ${literal(delimiter)}, quote = ${literal(quote)}, header = true, all_varchar = true, max_line_size = 100000)`;
  const febrl = (number: number): Recipe => ({
    name: `febrl${number}`,
    title: `FEBRL ${number}, one file`,
    fields: febrlFields,
    single: true,
    async make(engine) {
      const values = febrlFields.map((field) => `nullif(trim(${identifier(field)}), '') AS ${identifier(field)}`);
      await engine.run(
        `CREATE TABLE "left" AS SELECT rec_id AS id, ${values.join(', ')} FROM ${read(`febrl/dataset${number}.csv`, ', ')}`,
      );
      await engine.run(`CREATE TABLE truth AS SELECT a.id AS l, b.id AS r FROM "left" a JOIN "left" b
        ON split_part(a.id, '-', 2) = split_part(b.id, '-', 2) AND a.id < b.id`);
    },
  });
  const two = (
    name: string,
    title: string,
    files: [string, string],
    delimiter: string,
    quote: string,
    fields: string[],
  ): Recipe => ({
    name,
    title,
    fields,
    async make(engine) {
      for (const [at, side] of (['left', 'right'] as const).entries())
        await engine.run(
          `CREATE TABLE "${side}" AS SELECT id, ${fields.map((field) => `nullif(trim(${field}), '') AS ${field}`).join(', ')} FROM ${read(`${name}/${files[at]}.csv`, delimiter, quote)}`,
        );
      await engine.run(`CREATE TABLE truth AS SELECT D1 AS l, D2 AS r FROM ${read(`${name}/gt.csv`, delimiter)}`);
    },
  });
  return [
    ...[1, 2, 3].map(febrl),
    two('dblp-acm', 'DBLP – ACM', ['dblp', 'acm'], '%', '"', ['title', 'authors', 'venue', 'year']),
    two('abt-buy', 'Abt – Buy', ['abt', 'buy'], '|', '', ['name', 'description', 'price']),
  ];
}

type Size = { left: number; right: number; both: number };

function made(
  name: string,
  title: string,
  {
    fields,
    fill,
    of,
  }: { fields: readonly string[]; fill: (engine: Engine, seed: number, size: Size) => Promise<void>; of: string },
  size: Size,
): Recipe {
  return {
    name,
    title,
    fields,
    async make(engine) {
      await fill(engine, 7, size);
      for (const side of ['left', 'right']) await engine.run(`ALTER TABLE "${side}" RENAME ${of} TO id`);
      await engine.run('CREATE TABLE truth AS SELECT l.id AS l, r.id AS r FROM "left" l JOIN "right" r USING (id)');
    },
  };
}

const persons = { fields: personFields, fill: makePersons, of: 'person' };
const payments = { fields: paymentFields, fill: makePayments, of: 'payment' };

export const recipes = (data: string | undefined): Recipe[] => [
  ...(data === undefined ? [] : publicSets(data)),
  made('payments-20k', 'made payments, 20k × 20k', payments, { left: 20_000, right: 20_000, both: 16_000 }),
  made('persons-100k', 'made persons, 100k × 90k', persons, { left: 100_000, right: 90_000, both: 80_000 }),
  made('persons-1m', 'made persons, 1M × 0.9M', persons, { left: 1_000_000, right: 900_000, both: 800_000 }),
];

/** Writes the files of a set under the directory, unless they are there. */
export async function makeDataSet(
  { name, title, fields, single, make }: Recipe,
  directory: string,
  data: string | undefined,
): Promise<DataSet> {
  const own = join(directory, name);
  const path = (file: string) => join(own, `${file}.csv`);
  mkdirSync(own, { recursive: true });
  if (!existsSync(path('truth'))) {
    const engine = await openEngine({
      directory: own,
      ...(data && { allowed: ['febrl', 'dblp-acm', 'abt-buy'].map((one) => join(data, one)) }),
      memoryMb: 3000,
      threads: 2,
    });
    await make(engine);
    for (const table of single ? ['left', 'truth'] : ['left', 'right', 'truth'])
      await engine.run(`COPY "${table}" TO ${literal(path(table))} (HEADER, DELIMITER ',')`);
    engine.close();
  }
  return { name, title, fields, left: path('left'), ...(!single && { right: path('right') }), truth: path('truth') };
}
