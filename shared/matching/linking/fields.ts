// What records are linked by: fields, and for each how its values are compared. Chosen from the values where it is not given.
import type { Engine } from '../engine.ts';
import { identifier } from '../sql.ts';

/** `name`: a short text. `text`: a long one, compared by its words. `code`: an identifier. */
export type ComparisonKind = 'name' | 'text' | 'code' | 'number' | 'date';

export type LinkField = {
  name: string;
  kind?: ComparisonKind;
  /** Factor of what the field says for or against a pair; 1 unless given, 0 is no evidence. */
  weight?: number;
  /** A pair whose values are less similar than this, or that lacks one, is none. */
  similarityMin?: number;
};

/** `index` is the field's place; working columns are named by it. */
export type PlannedField = {
  name: string;
  index: number;
  kind: ComparisonKind;
  /** Only records that are equal in something besides may be a pair. */
  within?: boolean;
};

/** What is known of a field's values, over all records, in shares of those that are not empty. */
export type FieldProfile = {
  sqlType: string;
  meanWords: number;
  withDigits: number;
  integers: number;
  decimals: number;
  dates: number;
  /** Share of the commonest length in characters. */
  sameLength: number;
  meanLength: number;
};

/** Digits alone that are a date of the calendar, `20240229`, or its ISO form, of a date-time the date. */
export const writtenDate = (text: string): string =>
  `(CASE WHEN contains(${text}, '-') THEN try_strptime(substr(${text}, 1, 10), '%Y-%m-%d') ELSE try_strptime(${text}, '%Y%m%d') END)::DATE`;

/** Records that profiles are made of, per relation: by the records' numbers, so that they are always the same. */
const sampleMax = 2_000;

/** Of each field, over relations that have `$id` and the fields. */
export async function profileFields(engine: Engine, relations: string[], names: string[]): Promise<FieldProfile[]> {
  const columns = names.map(
    (name, at) => `typeof(${identifier(name)}) AS t${at}, ${identifier(name)}::VARCHAR AS v${at}`,
  );
  const samples = relations.map((relation) => {
    const every = `greatest(1, (SELECT count(*) FROM ${relation}) // ${sampleMax})`;
    return `SELECT ${columns.join(', ')} FROM ${relation} WHERE "$id" % ${every} = 0`;
  });
  await engine.run(`CREATE OR REPLACE TABLE link_profiled AS ${samples.join(' UNION ALL ')}`);
  const profiles: FieldProfile[] = [];
  for (const at of names.keys()) profiles.push(await profileColumn(engine, at));
  await engine.run('DROP TABLE link_profiled');
  return profiles;
}

async function profileColumn(engine: Engine, at: number): Promise<FieldProfile> {
  const share = (condition: string) => `coalesce(avg((${condition})::INTEGER), 0)::DOUBLE`;
  const date = `coalesce(${writtenDate('value')} BETWEEN DATE '1800-01-01' AND DATE '2200-01-01', false)`;
  const [found] = await engine.rows<FieldProfile>(`
    WITH kept AS MATERIALIZED (SELECT t${at} AS type, trim(v${at}) AS value FROM link_profiled WHERE trim(v${at}) <> '')
    SELECT coalesce(min(type), 'VARCHAR') AS "sqlType",
      coalesce(avg(1 + length(value) - length(replace(value, ' ', ''))), 0)::DOUBLE AS "meanWords",
      ${share(`regexp_matches(value, '[0-9]')`)} AS "withDigits",
      ${share(`regexp_full_match(value, '[+-]?[0-9]+')`)} AS integers,
      ${share(`regexp_full_match(value, '[+-]?[0-9]*[.][0-9]+')`)} AS decimals,
      ${share(`CASE WHEN regexp_full_match(value, '[0-9]{4}-?[0-9]{2}-?[0-9]{2}.*') THEN ${date} ELSE false END`)} AS dates,
      coalesce((SELECT max(n) FROM (SELECT count(*) AS n FROM kept GROUP BY length(value)))::DOUBLE / count(*), 0)::DOUBLE AS "sameLength",
      coalesce(avg(length(value)), 0)::DOUBLE AS "meanLength"
    FROM kept`);
  return found!;
}

/**
 * The kind for a profile. A column's type decides where it says something; of texts, and of whole numbers, which may be
 * identifiers, the values do.
 */
export function chooseKind(profile: FieldProfile): ComparisonKind {
  const { sqlType, integers, decimals, dates, sameLength, meanLength, meanWords, withDigits } = profile;
  if (/^(DATE|TIMESTAMP)/.test(sqlType)) return 'date';
  // Whole numbers may be identifiers, or dates without punctuation.
  if (/^(DOUBLE|FLOAT|DECIMAL)/.test(sqlType) && !/^DECIMAL[(]\d+,0[)]$/.test(sqlType)) return 'number';
  if (sqlType === 'BOOLEAN') return 'code';
  if (dates >= 0.9) return 'date';
  if (integers >= 0.9) return meanLength >= 4 && sameLength >= 0.9 ? 'code' : 'number';
  if (integers + decimals >= 0.9) return 'number';
  if (meanWords >= 3.5) return 'text';
  return withDigits >= 0.5 && meanWords < 1.5 ? 'code' : 'name';
}
