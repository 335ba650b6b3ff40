// The records as they are compared: every field's value in one spelling, with what is computed once per distinct value:
// how rare it is, how it sounds and which letters it has. Fills link_left and, where two relations are linked, link_right.
import type { Engine } from '../engine.ts';
import { identifier } from '../sql.ts';
import {
  digitsColumn,
  equalColumn,
  lettersColumn,
  numberColumn,
  rarityColumn,
  soundColumn,
  valueColumn,
} from './comparisons.ts';
import { applyEquivalences, equivalencesTable, loadEquivalences } from './equivalences.ts';
import { type PlannedField, writtenDate } from './fields.ts';
import { foldCodeSql, foldTextSql } from './fold-text.ts';
import type { Group } from './prior-odds.ts';
import { soundexSql } from './soundex.ts';

/** A column of the relations that is never null, and what it is made of, in words. */
export type EqualIn = { column: string; name: string };

/** `right` is `left` itself where one relation is de-duplicated. */
export type Prepared = {
  left: string;
  right: string;
  leftCount: number;
  rightCount: number;
  /** One relation with itself: pairs are those of the earlier with the later. */
  single: boolean;
  /** Pairs are possible only of records that are equal in this, in words. */
  within?: { name: string };
  /** How many pairs are possible. */
  pairs: number;
};

/** Weights and rarities are whole numbers of this part of a bit. */
export const bit = 1_000_000;

/** Records with other values, besides those at hand: that all five of a file have one value makes it no common one. */
const recordsElsewhere = 10;

type Sides = readonly ('left' | 'right')[];

/** Relations have `$id` and the fields. Columns are named in comparisons.ts; `id` is `$id`. */
export async function prepareRecords(
  engine: Engine,
  relations: { left: string; right?: string },
  fields: PlannedField[],
  equivalences: string[][],
  equal?: EqualIn,
): Promise<Prepared> {
  const sides: Sides = relations.right === undefined ? ['left'] : ['left', 'right'];
  if (equal) await numberEqual(engine, relations, equal);
  const numbered = equal
    ? `, (SELECT e FROM link_equal q WHERE q.said = s.${identifier(equal.column)}) AS ${equalColumn}`
    : '';
  for (const side of sides)
    await engine.run(`CREATE OR REPLACE TABLE link_read_${side} AS
      SELECT "$id"::INTEGER AS id${numbered}, ${fields.map((field) => `${readSql(field)} AS ${valueColumn(field.index)}`).join(', ')} FROM ${relations[side]!} s`);
  if (equal) await engine.run('DROP TABLE link_equal');
  await loadEquivalences(engine, equivalences);
  for (const field of fields) await fillValues(engine, field, sides);
  for (const side of sides) {
    const columns = fields.map(({ index }) => `w${index}.* EXCLUDE (said)`);
    const joins = fields.map(
      ({ index }) => `LEFT JOIN link_values_${index} w${index} ON w${index}.said = s.${valueColumn(index)}`,
    );
    await engine.run(
      `CREATE OR REPLACE TABLE link_${side} AS SELECT s.id${equal ? `, s.${equalColumn}` : ''}, ${columns.join(', ')} FROM link_read_${side} s ${joins.join(' ')}`,
    );
    await engine.run(`DROP TABLE link_read_${side}`);
  }
  for (const { index } of fields) await engine.run(`DROP TABLE link_values_${index}`);
  await engine.run(`DROP TABLE ${equivalencesTable}`);
  const count = async (side: 'left' | 'right') =>
    Number((await engine.rows<{ n: string }>(`SELECT count(*) AS n FROM link_${side}`))[0]!.n);
  const leftCount = await count('left');
  const single = relations.right === undefined;
  const right = single ? 'link_left' : 'link_right';
  const rightCount = single ? leftCount : await count('right');
  const all = equal ? pairsOf(await groupsWithin(engine, 'link_left', right)) : leftCount * rightCount;
  const pairs = single ? (all - leftCount) / 2 : all;
  return {
    left: 'link_left',
    right,
    leftCount,
    rightCount,
    single,
    pairs,
    ...(equal && { within: { name: equal.name } }),
  };
}

/** How many pairs are possible within groups; a record of one relation is with itself, too. */
export function pairsOf(groups: Group[]): number {
  return groups.reduce((sum, one) => sum + one.lefts * one.rights * one.groups, 0);
}

/** How many records of either side are equal in what they must be, and how often it is so many. */
export async function groupsWithin(engine: Engine, left: string, right: string): Promise<Group[]> {
  const counted = (relation: string) =>
    `(SELECT ${equalColumn} AS e, count(*)::INTEGER AS n FROM ${relation} GROUP BY 1)`;
  return engine.rows<Group>(`SELECT a.n AS lefts, b.n AS rights, count(*)::INTEGER AS groups
    FROM ${counted(left)} a JOIN ${counted(right)} b USING (e) GROUP BY ALL ORDER BY ALL`);
}

/** Fills link_equal (said, e): a number for each value of the column, in their order. */
async function numberEqual(
  engine: Engine,
  relations: { left: string; right?: string },
  { column }: EqualIn,
): Promise<void> {
  const values = Object.values(relations).map((relation) => `SELECT ${identifier(column)} AS said FROM ${relation}`);
  await engine.run(`CREATE OR REPLACE TABLE link_equal AS SELECT said, row_number() OVER (ORDER BY said)::INTEGER AS e
    FROM (${values.join(' UNION ')})`);
}

/**
 * Fills link_values_<index>: said (as folded), and what is compared. Rarity is −log₂ of the share of the records with a value, of both
 * sides, that have this one (Winkler, 2000).
 */
async function fillValues(engine: Engine, { index, kind }: PlannedField, sides: Sides): Promise<void> {
  const value = valueColumn(index);
  const all = sides
    .map((side) => `SELECT ${value} AS said FROM link_read_${side} WHERE ${value} IS NOT NULL`)
    .join(' UNION ALL ');
  await engine.run(`CREATE OR REPLACE TABLE link_said AS SELECT said, count(*) AS n FROM (${all}) GROUP BY said`);
  const worded = kind === 'name' || kind === 'text';
  if (worded) await applyEquivalences(engine, 'link_same', 'link_said');
  else await engine.run('CREATE OR REPLACE TABLE link_same (said VARCHAR, read VARCHAR)');
  const further = {
    name: [`${lettersSql('value')} AS ${lettersColumn(index)}`, `${soundexSql('value')} AS ${soundColumn(index)}`],
    text: [],
    code: [`${lettersSql('value')} AS ${lettersColumn(index)}`],
    number: [`${numberSql('value')} AS ${numberColumn(index)}`],
    date: [
      `CASE WHEN regexp_full_match(value, '[0-9]{8}') THEN ('0x' || value)::BIGINT END AS ${digitsColumn(index)}`,
      `datediff('day', DATE '1970-01-01', ${writtenDate('value')}) AS ${numberColumn(index)}`,
    ],
  }[kind];
  await engine.run(`CREATE OR REPLACE TABLE link_values_${index} AS SELECT said, value AS ${value},
      round(${bit} * log2((${recordsElsewhere} + sum(n) OVER ())::DOUBLE / (sum(n) OVER (PARTITION BY value))::DOUBLE))::INTEGER AS ${rarityColumn(index)}${further.map((one) => `, ${one}`).join('')}
    FROM (SELECT said, n, coalesce(read, said) AS value FROM link_said LEFT JOIN link_same USING (said))`);
  await engine.run('DROP TABLE link_said');
  await engine.run('DROP TABLE link_same');
}

/** A bit for each letter and figure that a text has: texts of which many are different are not worth measuring. */
function lettersSql(text: string): string {
  const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789'];
  return `(${letters.map((letter, at) => `(contains(${text}, '${letter}')::BIGINT << ${at})`).join(' | ')})`;
}

function numberSql(text: string): string {
  return `coalesce(try_cast(${text} AS DOUBLE), try_cast(regexp_replace(${text}, '[^0-9.+-]', '', 'g') AS DOUBLE))`;
}

/** A value as text: words folded, codes of letters and figures alone, numbers without what says nothing, dates as `YYYYMMDD`. */
function readSql({ name, kind }: PlannedField): string {
  const text = `${identifier(name)}::VARCHAR`;
  if (kind === 'name' || kind === 'text') return foldTextSql(text);
  if (kind === 'code') return foldCodeSql(text);
  // What is written as no date still is a value: most of it may be right.
  if (kind === 'date') return `coalesce(strftime(${writtenDate(text)}, '%Y%m%d'), ${foldCodeSql(text)})`;
  // Amounts have more digits than a number has that distances are computed with: 38 of them are compared as they stand.
  return `CASE WHEN regexp_full_match(${text}, '0|-?[1-9][0-9]*') THEN ${text} WHEN regexp_full_match(${text}, '(0|-?[1-9][0-9]*)[.][0-9]+')
    THEN rtrim(rtrim(${text}, '0'), '.') ELSE regexp_replace(regexp_replace((${numberSql(text)})::VARCHAR, '[.]0$', ''), '^-0$', '0') END`;
}
