// Long texts as bags of words, weighed by how rare each is: `Ltd` says little, a model number nearly all. Words that nearly
// agree count nearly as much. Gives the similarity of pairs of texts, and the pairs that share rare words.
import type { Engine } from '../engine.ts';
import { identifier } from '../sql.ts';
import { equalColumn, similarityColumn, valueColumn } from './comparisons.ts';
import type { PlannedField } from './fields.ts';
import { foldLettersSql } from './fold-text.ts';
import type { Prepared } from './prepare-records.ts';

/** Shares of the weight of a word that a nearly equal one has: one typo; the same code but for letters at its end. */
const nearly = { typo: 0.9, stem: 0.8 };
/** Rarities of words are whole thousandths, so that sums of their products are exact. */
const unit = 1000;

export const termsTable = (index: number, side: 'left' | 'right'): string => `link_terms_${index}_${side}`;

/**
 * Fills link_terms_<index>_left and _right: id, term, weight; and link_norms_<index>_left and _right: id, norm. Weights are
 * inverse document frequency, ln((1 + records) ÷ records with the word) (Spärck Jones, 1972). On the right every
 * word stands for those of the left's that it nearly equals, too (soft TF-IDF: Cohen, Ravikumar and Fienberg, 2003).
 */
export async function prepareTerms(
  engine: Engine,
  prepared: Prepared,
  relations: { left: string; right?: string },
  field: PlannedField,
): Promise<void> {
  const { index } = field;
  const sides = prepared.single ? (['left'] as const) : (['left', 'right'] as const);
  for (const side of sides)
    await engine.run(`CREATE OR REPLACE TABLE link_words_${index}_${side} AS
      SELECT DISTINCT id, term FROM (
        SELECT id, unnest(string_split(${valueColumn(index)}, ' ')) AS term FROM ${prepared[side]}
        UNION ALL SELECT "$id", unnest(${joinedCodes(identifier(field.name))}) FROM ${relations[side]!})
      WHERE term <> ''`);
  const count = (side: 'left' | 'right') =>
    `SELECT term, ${side === 'left' ? 'count(*)' : '0'} AS lefts, ${side === 'right' ? 'count(*)' : '0'} AS rights FROM link_words_${index}_${side} GROUP BY term`;
  const total = prepared.single ? prepared.leftCount : prepared.leftCount + prepared.rightCount;
  await engine.run(`CREATE OR REPLACE TABLE link_vocabulary_${index} AS
    SELECT term, lefts, rights, round(${unit} * ln((1 + ${total}) / (lefts + rights)))::BIGINT AS weight FROM (
      SELECT term, sum(lefts)::BIGINT AS lefts, sum(rights)::BIGINT AS rights FROM (${sides.map(count).join(' UNION ALL ')}) GROUP BY term)`);
  await nearTerms(engine, index, prepared.single);
  const weighed = (side: string) =>
    `SELECT id, term, weight FROM link_words_${index}_${side} JOIN link_vocabulary_${index} USING (term)`;
  for (const side of sides)
    await engine.run(`CREATE OR REPLACE TABLE link_norms_${index}_${side} AS
      SELECT id, sqrt(sum(weight * weight)::DOUBLE) AS norm FROM (${weighed(side)}) GROUP BY id`);
  // Pairs are only of records that are equal in something besides: the word of one of these is not that of another.
  const told = (side: 'left' | 'right', rows: string) =>
    prepared.within
      ? `SELECT id, ${equalColumn} || ':' || term AS term, weight FROM (${rows}) JOIN ${prepared[side]} USING (id)`
      : rows;
  const last = sides.at(-1)!;
  await engine.run(
    `CREATE OR REPLACE TABLE ${termsTable(index, 'right')} AS ${told(
      last,
      `SELECT id, term, max(weight) AS weight FROM (
      ${weighed(last)}
      UNION ALL SELECT id, n.term, round(weight * share)::BIGINT FROM (${weighed(last)}) w JOIN link_near_${index} n ON n.other = w.term)
    GROUP BY id, term`,
    )}`,
  );
  await engine.run(`CREATE OR REPLACE TABLE ${termsTable(index, 'left')} AS ${told('left', weighed('left'))}`);
}

export async function dropTerms(engine: Engine, { single }: Prepared, { index }: PlannedField): Promise<void> {
  const sided = [
    ...['words', 'norms'].flatMap((name) =>
      single ? [`${name}_${index}_left`] : [`${name}_${index}_left`, `${name}_${index}_right`],
    ),
  ];
  for (const name of [...sided, `terms_${index}_left`, `terms_${index}_right`, `vocabulary_${index}`, `near_${index}`])
    await engine.run(`DROP TABLE link_${name}`);
}

/** `PS-LX350H` is one code, besides the words that it is written as. */
function joinedCodes(column: string): string {
  const letters = foldLettersSql(`${column}::VARCHAR`);
  const pieces = `regexp_extract_all(${letters}, '[\\p{L}\\p{N}]+(?:[-/.+][\\p{L}\\p{N}]+)+')`;
  const joined = `list_transform(${pieces}, lambda piece: regexp_replace(piece, '[-/.+]', '', 'g'))`;
  return `list_filter(${joined}, lambda code: length(code) >= 4 AND regexp_matches(code, '[0-9]'))`;
}

/**
 * Fills link_near_<index>: term (of the left), other (of the right), share. Words of five letters and more that one
 * edit makes equal, found by what is left of both without one character (Mor and Fraenkel, 1982). Figures have to be
 * the same: 40V4100 and 46V4100 are two things.
 */
async function nearTerms(engine: Engine, index: number, single: boolean): Promise<void> {
  const vocabulary = `link_vocabulary_${index}`;
  const [left, right] = single ? ['true', 'true'] : ['lefts > 0', 'rights > 0'];
  const without = (where: string) => `SELECT term, unnest(list_distinct(list_append(
      list_transform(range(1, length(term) + 1), lambda place: substr(term, 1, place - 1) || substr(term, place + 1)), term))) AS rest
    FROM ${vocabulary} WHERE length(term) BETWEEN 5 AND 40 AND ${where}`;
  const figures = (term: string) => `regexp_replace(${term}, '[^0-9]', '', 'g')`;
  const stems = (where: string) => `SELECT term, regexp_replace(term, '[^0-9]+$', '') AS stem FROM ${vocabulary}
    WHERE regexp_matches(term, '[0-9]') AND ${where}`;
  await engine.run(`CREATE OR REPLACE TABLE link_near_${index} AS
    SELECT term, other, max(share) AS share FROM (
      SELECT a.term, b.term AS other, ${nearly.typo} AS share FROM (${without(left!)}) a JOIN (${without(right!)}) b ON a.rest = b.rest
      WHERE a.term <> b.term AND ${figures('a.term')} = ${figures('b.term')} AND damerau_levenshtein(a.term, b.term) = 1
      UNION ALL SELECT a.term, b.term, ${nearly.stem} FROM (${stems(left!)}) a JOIN (${stems(right!)}) b ON a.stem = b.stem
      WHERE length(a.stem) >= 4 AND a.term <> b.term AND regexp_matches(a.stem, '[^0-9]'))
    GROUP BY term, other`);
}

/**
 * SQL of the similarities of `pairs` (a relation with l and r): l, r, and one column per field, in ten-thousandths of
 * the cosine of the two bags of words; null where a text has no words.
 */
export function similaritiesSql(pairs: string, fields: PlannedField[], single: boolean): string {
  if (fields.length === 0) return pairs;
  const joins = fields.map(({ index }) => {
    const dot = `(SELECT p.l, p.r, sum(a.weight * b.weight) AS dot FROM ${pairs} p
      JOIN ${termsTable(index, 'left')} a ON a.id = p.l JOIN ${termsTable(index, 'right')} b ON b.id = p.r AND b.term = a.term GROUP BY p.l, p.r)`;
    return `LEFT JOIN ${dot} d${index} ON d${index}.l = p.l AND d${index}.r = p.r
      LEFT JOIN link_norms_${index}_left n${index} ON n${index}.id = p.l
      LEFT JOIN link_norms_${index}_${single ? 'left' : 'right'} o${index} ON o${index}.id = p.r`;
  });
  const columns = fields.map(
    ({ index }) =>
      `least(10000, round(10000 * coalesce(d${index}.dot, 0)::DOUBLE / (n${index}.norm * o${index}.norm)))::INTEGER AS ${similarityColumn(index)}`,
  );
  return `(SELECT p.l, p.r, ${columns.join(', ')} FROM ${pairs} p ${joins.join(' ')})`;
}
