// Spellings that are the same thing: legal forms of companies, and what a definition or confirmed matches say besides.
// A group is a list of spellings; all of them are read as the first.
import type { Engine } from '../engine.ts';
import { literal } from '../sql.ts';
import { foldTextSql } from './fold-text.ts';

/**
 * Legal forms of companies as their names have them, after folding (so `S.A.` is `sa`). Forms that mean the same in
 * one country are one group; those of different countries are not.
 */
export const legalForms: string[][] = [
  ['ltd', 'limited', 'ltda', 'limitada'],
  ['plc', 'public limited company'],
  ['llc', 'l l c', 'limited liability company', 'limited liability co'],
  ['llp', 'limited liability partnership'],
  ['inc', 'incorporated', 'incorporation'],
  ['corp', 'corporation'],
  ['co', 'company', 'cie', 'compagnie'],
  ['gmbh', 'gesellschaft mit beschrankter haftung', 'ges m b h', 'gesmbh', 'mbh'],
  ['ag', 'aktiengesellschaft'],
  ['kg', 'kommanditgesellschaft'],
  ['ohg', 'offene handelsgesellschaft'],
  ['sa', 's a', 'societe anonyme', 'sociedad anonima', 'sociedade anonima'],
  ['sarl', 's a r l', 'societe a responsabilite limitee'],
  ['sas', 's a s', 'societe par actions simplifiee'],
  ['sl', 's l', 'sociedad limitada'],
  ['srl', 's r l', 'societa a responsabilita limitata'],
  ['spa', 's p a', 'societa per azioni'],
  ['bv', 'b v', 'besloten vennootschap'],
  ['nv', 'n v', 'naamloze vennootschap'],
  ['ab', 'aktiebolag'],
  ['oy', 'osakeyhtio'],
  ['as', 'a s', 'aksjeselskap', 'aktieselskab'],
  ['pty', 'proprietary'],
  ['kk', 'k k', 'kabushiki kaisha'],
  ['bros', 'brothers'],
  ['intl', 'international'],
];

export const equivalencesTable = 'link_equivalences';

/** Fills the table (spelling, canonical), both folded. Of a spelling in two groups the later group counts. */
export async function loadEquivalences(engine: Engine, groups: string[][]): Promise<string[]> {
  const rows = groups.flatMap(([canonical, ...others], at) => others.map((one) => [one, canonical!, at] as const));
  const values = rows.map(([one, canonical, at]) => `(${literal(one)}, ${literal(canonical)}, ${at})`).join(', ');
  await engine.run(`CREATE OR REPLACE TABLE ${equivalencesTable} AS
    SELECT spelling, arg_max(canonical, place) AS canonical FROM (
      SELECT ${foldTextSql('one')} AS spelling, ${foldTextSql('other')} AS canonical, place
      FROM (${rows.length > 0 ? `VALUES ${values}` : `SELECT '', '', 0 WHERE false`}) t(one, other, place))
    WHERE spelling IS NOT NULL AND canonical IS NOT NULL AND spelling <> canonical GROUP BY spelling`);
  const found = await engine.rows<{ spelling: string }>(`SELECT spelling FROM ${equivalencesTable} ORDER BY spelling`);
  return found.map(({ spelling }) => spelling);
}

/**
 * Fills `table` (said, read): those of the values that are read as something else. `values` has a column `said`, folded texts
 * without repetition. The leftmost spelling counts, of those at one place the longest.
 */
export async function applyEquivalences(
  engine: Engine,
  table: string,
  values: string,
  spellings: string[],
): Promise<void> {
  if (spellings.length === 0) {
    await engine.run(`CREATE OR REPLACE TABLE ${table} (said VARCHAR, read VARCHAR)`);
    return;
  }
  const longestFirst = spellings.toSorted((a, b) => b.length - a.length || (a < b ? -1 : 1));
  const touched = `(^| )(${longestFirst.join('|')})( |$)`;
  // A text is cut into spellings of several words and into words.
  const phrases = longestFirst.filter((one) => one.includes(' ')).map((one) => `${one}\\b`);
  const pieces = `regexp_extract_all(said, ${literal([...phrases, '[^ ]+'].join('|'))})`;
  await engine.run(`CREATE OR REPLACE TABLE ${table} AS SELECT said, string_agg(coalesce(canonical, piece), ' ' ORDER BY place) AS read
    FROM (SELECT said, unnest(${pieces}) AS piece, generate_subscripts(${pieces}, 1) AS place FROM ${values}
      WHERE regexp_matches(said, ${literal(touched)}))
    LEFT JOIN ${equivalencesTable} ON spelling = piece GROUP BY said`);
}
