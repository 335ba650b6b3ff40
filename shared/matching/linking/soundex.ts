// Soundex as SQL: words that sound alike in English begin with one letter and have one code of three figures.

/**
 * American Soundex (Russell and Odell, 1918; Knuth, The Art of Computer Programming, volume 3, §6.4) of a folded text without
 * its spaces: b f p v 1, c g j k q s x z 2, d t 3, l 4, m n 5, r 6; h and w part nothing, vowels part equal figures. Null for
 * a text that does not begin with a letter from a to z.
 */
export function soundexSql(text: string): string {
  const letters = `regexp_replace(${text}, '[^a-z]', '', 'g')`;
  const figures = `translate(${letters}, 'bfpvcgjkqsxzdtlmnraeiouyhw', '111122222222334556000000')`;
  const single = ['1', '2', '3', '4', '5', '6'].reduce(
    (sql, figure) => `regexp_replace(${sql}, '${figure}+', '${figure}', 'g')`,
    figures,
  );
  // The first figure stands for the first letter, which is written itself; where that is a vowel, h or w it has none.
  const first = `CASE WHEN regexp_matches(${text}, '^[hw]') THEN ${single} ELSE substr(${single}, 2) END`;
  return `CASE WHEN regexp_matches(${text}, '^[a-z]') THEN rpad(substr(${text}, 1, 1) || substr(replace(${first}, '0', ''), 1, 3), 4, '0') END`;
}
