// Spellings that are the same thing: legal forms of companies, and what a definition or confirmed matches say besides.
// A group is a list of spellings; all of them are read as the first.
import type { Engine } from '../engine.ts';
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

/** Fills the table (spelling, head, words, canonical), folded: its first word, and how many it has. Of a spelling in two groups the later counts. */
export async function loadEquivalences(engine: Engine, groups: string[][]): Promise<void> {
  await engine.run('CREATE OR REPLACE TABLE link_written (one VARCHAR, other VARCHAR, place INTEGER)');
  const appender = await engine.connection.createAppender('link_written');
  for (const [place, [canonical, ...others]] of groups.entries())
    for (const one of others) {
      appender.appendVarchar(one);
      appender.appendVarchar(canonical!);
      appender.appendInteger(place);
      appender.endRow();
    }
  appender.closeSync();
  await engine.run(`CREATE OR REPLACE TABLE ${equivalencesTable} AS
    SELECT spelling, string_split(spelling, ' ')[1] AS head, len(string_split(spelling, ' '))::INTEGER AS words, arg_max(canonical, place) AS canonical FROM (
      SELECT ${foldTextSql('one')} AS spelling, ${foldTextSql('other')} AS canonical, place FROM link_written)
    WHERE spelling IS NOT NULL AND canonical IS NOT NULL AND spelling <> canonical GROUP BY spelling`);
  await engine.run('DROP TABLE link_written');
}

/**
 * Fills `table` (said, read): those of the values that are read as something else. `values` has a column `said`, folded texts
 * without repetition. The leftmost spelling counts, of those at one place the longest. Found by joins, for there may be many spellings.
 */
export async function applyEquivalences(engine: Engine, table: string, values: string): Promise<void> {
  const words = `string_split(said, ' ')`;
  const text = (from: string, to: string) => `array_to_string(${words}[${from}:${to}], ' ')`;
  await engine.run(`CREATE OR REPLACE TABLE link_spelt AS SELECT said, place, max(e.words) AS words, arg_max(e.canonical, e.words) AS canonical
    FROM (SELECT said, place, words, ${text('place', 'place + words - 1')} AS spelling FROM
      (SELECT said, unnest(${words}) AS word, generate_subscripts(${words}, 1)::INTEGER AS place FROM ${values})
      JOIN (SELECT DISTINCT head, words FROM ${equivalencesTable}) ON head = word) p
    JOIN ${equivalencesTable} e USING (spelling) WHERE e.words = p.words GROUP BY said, place`);
  // From the first on, each next one that begins after the one before has ended.
  await engine.run(`CREATE OR REPLACE TABLE ${table} AS WITH RECURSIVE
    following AS MATERIALIZED (SELECT a.said, a.place, min(b.place) AS next FROM link_spelt a
      JOIN link_spelt b ON b.said = a.said AND b.place >= a.place + a.words GROUP BY ALL),
    counted AS (SELECT said, min(place) AS place FROM link_spelt GROUP BY said
      UNION ALL SELECT c.said, f.next FROM counted c JOIN following f ON f.said = c.said AND f.place = c.place),
    taken AS (SELECT s.*, f.next FROM link_spelt s SEMI JOIN counted USING (said, place) LEFT JOIN following f USING (said, place))
    SELECT said, concat_ws(' ', nullif(${text('1', 'min(place) - 1')}, ''),
      string_agg(concat_ws(' ', canonical, nullif(${text('place + words', "coalesce(next - 1, len(string_split(said, ' ')))")}, '')), ' ' ORDER BY place)) AS read
    FROM taken GROUP BY said`);
  await engine.run('DROP TABLE link_spelt');
}
