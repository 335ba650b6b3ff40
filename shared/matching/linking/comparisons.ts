// How near two values are, as a level: 1 is equal, the last is anything else, 0 is that one of them is absent, which is no
// evidence. A pair is measured first and the measure cut into levels, so that no similarity is computed twice.
import type { ComparisonKind, PlannedField } from './fields.ts';

export type Level = { name: string; when: string };
export type Comparison = {
  field: PlannedField;
  /** An expression over the two values, `pairColumn`s, and similarities of texts; its result is `measureColumn`. */
  measure: string;
  /** From the second on; `when` is over the two values and the measure. */
  levels: Level[];
  /** How near two values are, from 0 to 1 (equal): what a person is shown. Over the two values, numbers and similarities of texts. */
  similarity: string;
};

export const valueColumn = (index: number): string => `v${index}`;
export const numberColumn = (index: number): string => `x${index}`;
export const rarityColumn = (index: number): string => `f${index}`;
export const soundColumn = (index: number): string => `z${index}`;
export const lettersColumn = (index: number): string => `g${index}`;
/** Of eight digits: each in four bits, null of anything else. */
export const digitsColumn = (index: number): string => `d${index}`;
export const similarityColumn = (index: number): string => `s${index}`;
export const measureColumn = (index: number): string => `m${index}`;
export const levelColumn = (index: number): string => `c${index}`;

/** The number of what alone a record may be paired within. */
export const equalColumn = 'e';

/** A column of the left's or the right's record, where both are in one row. */
export const pairColumn = (side: 'l' | 'r', column: string): string => `${side}_${column}`;

/** Similarity of texts is in ten-thousandths. */
export const textLevels = [9000, 8000, 7000, 6000, 5000, 4000, 3250, 2500, 2000, 1500, 1000, 500] as const;

/** Number of levels with the last, which is anything else; a level's number is at most this. */
export function levelCount({ levels }: Comparison): number {
  return levels.length + 2;
}

export function levelNames({ levels }: Comparison): string[] {
  return ['absent', 'equal', ...levels.map(({ name }) => name), 'different'];
}

export function planComparison(field: PlannedField): Comparison {
  return { field, ...makers[field.kind](field.index) };
}

/** To four places; null where a value is absent. */
export function similaritySql({ field, similarity }: Comparison): string {
  const value = valueColumn(field.index);
  return `(CASE WHEN l_${value} IS NULL OR r_${value} IS NULL THEN NULL WHEN l_${value} = r_${value} THEN 1 ELSE round(greatest(0, ${similarity}), 4) END)::DOUBLE`;
}

/** Level of a pair, over the two values and the measure. */
export function levelSql({ field, levels }: Comparison): string {
  const value = valueColumn(field.index);
  const cases = levels.map(({ when }, at) => `WHEN ${when} THEN ${at + 2}`).join(' ');
  return `(CASE WHEN l_${value} IS NULL OR r_${value} IS NULL THEN 0 WHEN l_${value} = r_${value} THEN 1 ${cases} ELSE ${levels.length + 2} END)::UTINYINT`;
}

const makers: Record<ComparisonKind, (index: number) => Omit<Comparison, 'field'>> = {
  name: nameComparison,
  code: codeComparison,
  number: numberComparison,
  date: dateComparison,
  text: textComparison,
};

/** Letters that only one of the two texts has; one typo makes two of them at most. */
function lettersApart(index: number): string {
  const letters = lettersColumn(index);
  return `bit_count(xor(l_${letters}, r_${letters}))`;
}

/**
 * Jaro-Winkler (Winkler, 1990), and Damerau-Levenshtein where it can be one. Names of which more than six letters are in one
 * only are different without being measured: few of them would reach 0.8, and most pairs are such.
 */
function nameComparison(index: number): Omit<Comparison, 'field'> {
  const value = valueColumn(index);
  const measured = measureColumn(index);
  const letters = lettersColumn(index);
  const words = (side: string) => `string_split(${side}_${value}, ' ')`;
  const among = (one: string, other: string) =>
    `(${one}_${letters} & ${other}_${letters} = ${one}_${letters} AND contains(${one}_${value}, ' ') AND list_has_all(${words(other)}, ${words(one)}))`;
  const sorted = (side: string) => `list_sort(${words(side)})`;
  const closed = (side: string) => `replace(${side}_${value}, ' ', '')`;
  const spaced = `(contains(l_${value}, ' ') OR contains(r_${value}, ' '))`;
  // DuckDB counts edits of bytes, of which a letter of another script has two or three.
  const letterBytes = `greatest(1, strlen(l_${value}) // length(l_${value}))`;
  const initial = `(length(l_${value}) = 1 OR length(r_${value}) = 1) AND l_${value}[1] = r_${value}[1]`;
  return {
    measure: `CASE WHEN l_${value} = r_${value} THEN 1 WHEN ${lettersApart(index)} > 6 THEN 0 ELSE jaro_winkler_similarity(l_${value}, r_${value}, 0.8) END`,
    levels: [
      {
        name: 'one typo, or the words in another order',
        when: `(${measured} >= 0.8 AND ${lettersApart(index)} <= 2 AND abs(length(l_${value}) - length(r_${value})) <= 1 AND damerau_levenshtein(l_${value}, r_${value}) <= ${letterBytes})
          OR (${lettersApart(index)} = 0 AND ${spaced} AND (${sorted('l')} = ${sorted('r')} OR ${closed('l')} = ${closed('r')}))`,
      },
      {
        name: 'Jaro-Winkler 0.9, or two words and more of the other',
        when: `${measured} >= 0.9 OR ${among('l', 'r')} OR ${among('r', 'l')}`,
      },
      { name: 'Jaro-Winkler 0.8, or an initial', when: `${measured} >= 0.8 OR (${initial})` },
    ],
    // The order of the words says nothing.
    similarity: `greatest(jaro_winkler_similarity(l_${value}, r_${value}), jaro_winkler_similarity(array_to_string(${sorted('l')}, ' '), array_to_string(${sorted('r')}, ' ')))`,
  };
}

function codeComparison(index: number): Omit<Comparison, 'field'> {
  const [value, letters] = [valueColumn(index), lettersColumn(index)];
  const measured = measureColumn(index);
  const shorter = `least(length(l_${value}), length(r_${value}))`;
  const within = (one: string, other: string) =>
    `(l_${letters} & r_${letters} = ${other}_${letters} AND (starts_with(${one}_${value}, ${other}_${value}) OR ends_with(${one}_${value}, ${other}_${value})))`;
  return {
    // Two edits change four characters at most; the cheap measures spare most pairs the dear one.
    measure: `CASE WHEN l_${value} = r_${value} THEN 0 WHEN ${lettersApart(index)} > 4 OR abs(length(l_${value}) - length(r_${value})) > 2
      OR jaro_similarity(l_${value}, r_${value}, 0.7) < 0.7 THEN 9 ELSE damerau_levenshtein(l_${value}, r_${value}) END`,
    levels: [
      { name: 'one edit', when: `${measured} <= 1` },
      {
        name: 'one is the beginning or the end of the other',
        when: `${shorter} >= 4 AND (${within('l', 'r')} OR ${within('r', 'l')})`,
      },
      { name: 'two edits', when: `${measured} <= 2 AND ${shorter} >= 5` },
    ],
    // Edits are of bytes.
    similarity: `1 - damerau_levenshtein(l_${value}, r_${value})::DOUBLE / greatest(strlen(l_${value}), strlen(r_${value}))`,
  };
}

function numberComparison(index: number): Omit<Comparison, 'field'> {
  const [value, number, measured] = [valueColumn(index), numberColumn(index), measureColumn(index)];
  return {
    measure: `CASE WHEN l_${value} = r_${value} THEN 0 ELSE abs(l_${number} - r_${number}) / greatest(abs(l_${number}), abs(r_${number})) END`,
    levels: [
      { name: 'within 1 %', when: `${measured} <= 0.01` },
      {
        name: 'one digit typed wrongly',
        when: `${measured} <= 1 AND least(length(l_${value}), length(r_${value})) >= 3 AND abs(length(l_${value}) - length(r_${value})) <= 1 AND damerau_levenshtein(l_${value}, r_${value}) <= 1`,
      },
      { name: 'within 10 %', when: `${measured} <= 0.1` },
      { name: 'within 30 %', when: `${measured} <= 0.3` },
    ],
    similarity: `1 - abs(l_${number} - r_${number}) / greatest(abs(l_${number}), abs(r_${number}))`,
  };
}

/** Values are `YYYYMMDD`, numbers are days. What is compared of the digits is compared as numbers: texts take four times as long. */
function dateComparison(index: number): Omit<Comparison, 'field'> {
  const [value, number, digits, measured] = [
    valueColumn(index),
    numberColumn(index),
    digitsColumn(index),
    measureColumn(index),
  ];
  const apart = `xor(l_${digits}, r_${digits})`;
  // One edit of eight digits is one digit that differs, or two that are swapped.
  const places = `bit_count((${apart} | (${apart} >> 1) | (${apart} >> 2) | (${apart} >> 3)) & ${0x11111111})`;
  const edit = `damerau_levenshtein(l_${value}, r_${value}) <= 1`;
  const near = `${places} = 1 OR ((${places} = 2 OR ${apart} IS NULL) AND ${edit})`;
  const lower = (side: string, bits: number) => `((${side}_${digits} >> ${bits}) & 255)`;
  const swapped = `(${apart} >> 16 = 0 AND ${lower('l', 8)} = ${lower('r', 0)} AND ${lower('l', 0)} = ${lower('r', 8)})`;
  return {
    measure: `abs(l_${number} - r_${number})`,
    levels: [
      { name: 'one digit typed wrongly, or day and month swapped', when: `${near} OR ${swapped}` },
      { name: 'within 7 days', when: `${measured} <= 7` },
      {
        name: 'same day of another year, or within 31 days',
        when: `${measured} <= 31 OR ${apart} & 65535 = 0`,
      },
      { name: 'same year', when: `${apart} >> 16 = 0` },
    ],
    // By the days of a year, or by the digits: a date may be a few days off, or typed wrongly.
    similarity: `greatest(1 - abs(l_${number} - r_${number}) / 365.0, 1 - ${places} / 8.0)`,
  };
}

/** The similarity of the two texts' words is a column of the pair; see terms.ts. */
function textComparison(index: number): Omit<Comparison, 'field'> {
  const measured = measureColumn(index);
  return {
    measure: `coalesce(${similarityColumn(index)}, 0)`,
    levels: textLevels.map((least) => ({ name: `words alike by ${least / 10_000}`, when: `${measured} >= ${least}` })),
    similarity: `coalesce(${similarityColumn(index)}, 0) / 10000.0`,
  };
}
