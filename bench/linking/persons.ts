// Made persons with six fields: some of either side are the same person. Of the right side one value in ten is absent and
// one in five typed wrongly. Made by DuckDB out of hashes of a seed, so that files are the same everywhere and a million take seconds.
import type { Engine } from '../../shared/matching/engine.ts';
import { literal } from '../../shared/matching/sql.ts';

export type PersonsSize = {
  left: number;
  right: number;
  /** Persons that both files have. */
  both: number;
};

export const personFields = ['given_name', 'surname', 'birth_date', 'street', 'city', 'postcode'] as const;

const absentPercent = 10;
const typoPercent = 20;

/**
 * Fills tables `left` and `right`: person (the truth) and the six fields as text. Names are made of syllables, their
 * frequencies fall as the square root of uniform chance squared: a few are common, most are rare.
 */
export async function makePersons(engine: Engine, seed: number, size: PersonsSize): Promise<void> {
  const draw = (label: string, bound: number | string) =>
    `(hash(person, ${literal(`${seed}:${label}`)}) % (${bound})::UBIGINT)::BIGINT`;
  // The third power of a uniform chance: the commonest of 1,000 names has 10 % of the persons.
  const skewed = (label: string, names: number) =>
    `floor(${names} * pow(${draw(label, 1_000_000)} / 1000000.0, 3))::BIGINT`;
  const syllables = [
    'ba',
    'cor',
    'den',
    'fi',
    'gar',
    'hol',
    'jen',
    'kes',
    'lam',
    'mon',
    'nor',
    'pet',
    'rin',
    'sal',
    'tom',
    'vin',
    'wes',
    'yor',
    'zel',
    'mar',
    'ton',
    'ber',
    'lin',
    'dra',
  ];
  const list = `[${syllables.map(literal).join(', ')}]`;
  const spelled = (number: string, count: number) =>
    Array.from(
      { length: count },
      (_, at) => `${list}[1 + (hash(${number}, ${at}) % ${syllables.length})::BIGINT]`,
    ).join(' || ');
  await engine.run(`CREATE OR REPLACE TABLE made AS SELECT person,
      ${spelled('given', 2)} || CASE WHEN given % 3 = 0 THEN 'a' ELSE '' END AS given_name,
      ${spelled('family', 3)} AS surname,
      strftime(DATE '1930-01-01' + born::INTEGER, '%Y-%m-%d') AS birth_date,
      house || ' ' || ${spelled('road', 3)} || CASE road % 3 WHEN 0 THEN ' street' WHEN 1 THEN ' road' ELSE ' lane' END AS street,
      ${spelled('town', 3)} || 'ville' AS city,
      (10000 + town * 7 % 90000 + district)::VARCHAR AS postcode
    FROM (SELECT person, ${skewed('given', 1_500)} AS given, 100000 + ${skewed('family', 40_000)} AS family, ${draw('born', 27_000)} AS born,
      1 + ${draw('house', 150)} AS house, 200000 + ${skewed('road', 8_000)} AS road, 300000 + ${skewed('town', 1_200)} AS town,
      ${draw('district', 20)} AS district FROM range(${size.left + size.right - size.both}) t(person))`);
  const sides = { left: `person < ${size.left}`, right: `person >= ${size.left - size.both}` };
  for (const [side, where] of Object.entries(sides)) {
    const values = personFields.map((field) => {
      if (side === 'left') return field;
      const chance = (label: string, bound: number | string) => draw(`${side}:${field}:${label}`, bound);
      const place = chance('place', `greatest(1, length(${field}) - 1)`);
      const letter =
        field === 'birth_date' || field === 'postcode'
          ? `chr((48 + ${chance('letter', 10)})::INTEGER)`
          : `chr((97 + ${chance('letter', 26)})::INTEGER)`;
      const before = `substr(${field}, 1, ${place}::INTEGER)`;
      const after = (from: number) => `substr(${field}, ${place}::INTEGER + ${from})`;
      // A date stays one of eight digits and two hyphens: only its digits are typed wrongly.
      const typo =
        field === 'birth_date'
          ? `CASE WHEN substr(${field}, ${place}::INTEGER + 1, 1) = '-' THEN ${before} || substr(${field}, ${place}::INTEGER + 1, 1) || ${letter} || ${after(3)} ELSE ${before} || ${letter} || ${after(2)} END`
          : `CASE ${chance('kind', 4)} WHEN 0 THEN ${before} || ${after(2)} WHEN 1 THEN ${before} || ${letter} || ${after(1)}
              WHEN 2 THEN ${before} || substr(${field}, ${place}::INTEGER + 2, 1) || substr(${field}, ${place}::INTEGER + 1, 1) || ${after(3)} ELSE ${before} || ${letter} || ${after(2)} END`;
      return `CASE WHEN ${chance('absent', 100)} < ${absentPercent} THEN NULL WHEN ${chance('typo', 100)} < ${typoPercent} THEN ${typo} ELSE ${field} END AS ${field}`;
    });
    await engine.run(
      `CREATE OR REPLACE TABLE "${side}" AS SELECT person, ${values.join(', ')} FROM made WHERE ${where} ORDER BY hash(person, ${literal(`${seed}:${side}`)})`,
    );
  }
  await engine.run('DROP TABLE made');
}
