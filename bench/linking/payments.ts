// Made payments: a ledger and a bank that have no key in common. Payers are misspelt, shortened or cut, their legal form is written
// otherwise or left out; references are cut, prefixed or absent; some amounts are less a fee, dates are days later, and some payers pay
// the same sum each month. Made by DuckDB out of hashes of a seed, so that files are the same everywhere.
import type { Engine } from '../../shared/matching/engine.ts';
import { literal } from '../../shared/matching/sql.ts';

export type PaymentsSize = {
  left: number;
  right: number;
  /** Payments that both files have. */
  both: number;
};

export const paymentFields = ['payer', 'reference', 'amount', 'booked', 'currency'] as const;

const payers = 3_000;
/** As the ledger and as the bank writes them. */
const forms = [
  ['Limited', 'Ltd'],
  ['GmbH', 'Ges.m.b.H.'],
  ['S.A.', 'Societe Anonyme'],
  ['Inc.', 'Incorporated'],
  ['B.V.', 'BV'],
  ['& Co. KG', 'Co KG'],
] as const;
const words = [
  ...['Alpine', 'Baltic', 'Cedar', 'Delta', 'Ember', 'Falcon', 'Granite', 'Harbour', 'Iberia', 'Juniper', 'Kestrel'],
  ...['Lumen', 'Meridian', 'Nordic', 'Orchard', 'Pioneer', 'Quartz', 'Rivage', 'Saturn', 'Tundra', 'Umbra', 'Vértice'],
  ...['Wölfle', 'Xenon', 'Yarrow', 'Zénith', 'Ångström', 'Bergmann', 'Castillo', 'Dupont', 'Eriksen', 'Fiorelli'],
];
const trades = [
  ...['Logistics', 'Trading', 'Foods', 'Textiles', 'Consulting', 'Energy', 'Pharma', 'Media', 'Steel', 'Software'],
  ...[
    'Furniture',
    'Shipping',
    'Partners',
    'Holding',
    'Services',
    'Electronics',
    'Insurance',
    'Travel',
    'Paper',
    'Optics',
  ],
];

/** Fills tables `left` and `right`: payment (the truth) and the five fields as text. */
export async function makePayments(engine: Engine, seed: number, size: PaymentsSize): Promise<void> {
  const draw = (of: string, label: string, bound: number | string) =>
    // Hashed twice: once, those of two labels go together.
    `(hash(hash(${of}, ${literal(`${seed}:${label}`)})) % (${bound})::UBIGINT)::BIGINT`;
  const one = (list: readonly string[], of: string, label: string) =>
    `[${list.map(literal).join(', ')}][1 + ${draw(of, label, list.length)}]`;
  // The square of a uniform chance: some pay often, most seldom.
  const payer = `floor(${payers} * pow(${draw('payment', 'payer', 1_000_000)} / 1000000.0, 2))::BIGINT`;
  const form = (at: 0 | 1) =>
    `[${forms.map((both) => literal(both[at])).join(', ')}][1 + ${draw('payer', 'form', forms.length)}]`;
  await engine.run(`CREATE OR REPLACE TABLE made AS SELECT *,
      ${one(words, 'payer', 'first')} || ' ' || ${one(words, 'payer', 'second')} || ' ' || ${one(trades, 'payer', 'trade')} AS name,
      ${form(0)} AS form, ${form(1)} AS other_form,
      'INV-2024-' || lpad((${draw('payment', 'reference', 1_000_000)})::VARCHAR, 6, '0') AS number,
      CASE WHEN monthly THEN 5000 + 2500 * ${draw('payer', 'rent', 60)}
        WHEN ${draw('payment', 'round', 100)} < 25 THEN 5000 * (1 + ${draw('payment', 'hundreds', 40)})
        ELSE 100 + floor(2000000 * pow(${draw('payment', 'cents', 1_000_000)} / 1000000.0, 3))::BIGINT END AS cents,
      DATE '2024-01-01' + CASE WHEN monthly THEN 30 * ${draw('payment', 'month', 12)} + ${draw('payer', 'day', 28)} ELSE ${draw('payment', 'day', 365)} END::INTEGER AS day,
      CASE WHEN ${draw('payer', 'currency', 10)} < 7 THEN 'EUR' WHEN ${draw('payer', 'currency', 10)} < 9 THEN 'USD' ELSE 'GBP' END AS currency
    FROM (SELECT payment, ${payer} AS payer, ${draw('payment', 'monthly', 100)} < 20 AS monthly FROM range(${size.left + size.right - size.both}) t(payment))`);
  const written = (cents: string) => `((${cents}) / 100.0)::DECIMAL(12, 2)::VARCHAR`;
  await engine.run(`CREATE OR REPLACE TABLE "left" AS SELECT payment, name || ' ' || form AS payer, number AS reference, ${written('cents')} AS amount,
      day::VARCHAR AS booked, currency FROM made WHERE payment < ${size.left} ORDER BY hash(payment, ${literal(`${seed}:left`)})`);
  const chance = (label: string, bound: number | string) => draw('payment', `right:${label}`, bound);
  const typo = (text: string, label: string, letter: string) => {
    const place = chance(`${label} place`, `greatest(1, length(${text}) - 1)`);
    return `substr(${text}, 1, (${place})::INTEGER) || ${letter} || substr(${text}, (${place})::INTEGER + 2)`;
  };
  const bankName = `CASE WHEN ${chance('form', 100)} < 40 THEN name || ' ' || other_form WHEN ${chance('form', 100)} < 60 THEN name ELSE name || ' ' || form END`;
  const letter = `chr((97 + ${chance('letter', 26)})::INTEGER)`;
  const digit = `chr((48 + ${chance('digit', 10)})::INTEGER)`;
  await engine.run(`CREATE OR REPLACE TABLE "right" AS SELECT payment,
      CASE WHEN ${chance('payer absent', 100)} < 5 THEN NULL WHEN ${chance('case', 100)} < 50 THEN upper(strip_accents(bank_name)) ELSE bank_name END AS payer,
      CASE WHEN ${chance('reference', 100)} < 25 THEN NULL WHEN ${chance('reference', 100)} < 45 THEN right(number, 6)
        WHEN ${chance('reference', 100)} < 60 THEN 'PAYMENT ' || number WHEN ${chance('reference', 100)} < 70 THEN ${typo('number', 'number', digit)} ELSE number END AS reference,
      ${written(`CASE WHEN ${chance('fee', 100)} < 5 THEN cents - 1500 ELSE cents END`)} AS amount,
      (day + CASE WHEN ${chance('late', 100)} < 3 THEN 4 + ${chance('very late', 7)} ELSE ${chance('days', 4)} END::INTEGER)::VARCHAR AS booked, currency
    FROM (SELECT *, CASE WHEN ${chance('spelling', 100)} < 15 THEN ${typo('whole_name', 'name', letter)} WHEN ${chance('spelling', 100)} < 25 THEN left(whole_name, 18) ELSE whole_name END AS bank_name
      FROM (SELECT *, ${bankName} AS whole_name FROM made WHERE payment >= ${size.left - size.both}))
    ORDER BY hash(payment, ${literal(`${seed}:right`)})`);
  await engine.run('DROP TABLE made');
}
