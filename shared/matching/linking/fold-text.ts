// One spelling for texts that a person reads as the same: case, accents, width, letters that are written as two,
// punctuation and white space. Makes SQL expressions; reads no data.
import { literal } from '../sql.ts';

/** Letters of the Latin script that no accent is stripped from, and what they are written as without them. */
const spelledOut: Record<string, string> = {
  ...{
    ß: 'ss',
    æ: 'ae',
    œ: 'oe',
    þ: 'th',
    ĳ: 'ij',
    ŉ: 'n',
    ﬀ: 'ff',
    ﬁ: 'fi',
    ﬂ: 'fl',
    ﬃ: 'ffi',
    ﬄ: 'ffl',
    ﬅ: 'st',
    ﬆ: 'st',
  },
};
const single: Record<string, string> = {
  ı: 'i',
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ŧ: 't',
  ĸ: 'k',
  ŋ: 'n',
  ſ: 's',
  ς: 'σ',
};

/** U+FF01 to U+FF5E are the characters U+0021 to U+007E in full width (Unicode Standard, chapter 18), U+3000 is the space. */
const wide = [...range(0xff01, 0xff5e)].map((code) => [
  String.fromCharCode(code),
  String.fromCharCode(code - 0xfee0).toLowerCase(),
]);
const translated = [...Object.entries(single), ...wide, ['\u3000', ' '], ['\u00a0', ' ']] as [string, string][];

/** Apostrophes and full stops stand inside of words (O'Neill, S.A.), all other punctuation between them. */
const dropped = `['’‘ʼ\`´.]`;
const separating = `[^\\p{L}\\p{N}\\p{M}]+`;

/** Case, accents, width and letters written as two: `text` is a VARCHAR expression; punctuation stays. */
export function foldLettersSql(text: string): string {
  const from = translated.map(([one]) => one).join('');
  const to = translated.map(([, other]) => other).join('');
  // Of scripts whose marks are vowels, such as Devanagari, nothing may be stripped.
  const stripped = `CASE WHEN regexp_matches(${text}, '[\\p{Latin}\\p{Greek}\\p{Cyrillic}]') THEN strip_accents(${text}) ELSE nfc_normalize(${text}) END`;
  const narrow = `translate(lower(${stripped}), ${literal(from)}, ${literal(to)})`;
  // Plain ASCII is most of what there is, and needs none of it.
  const spelled = Object.entries(spelledOut).reduce(
    (sql, [one, other]) => `replace(${sql}, ${literal(one)}, ${literal(other)})`,
    // The dot that is left of İ.
    `replace(${narrow}, '\u0307', '')`,
  );
  return `CASE WHEN strlen(${text}) = length(${text}) THEN lower(${text}) ELSE ${spelled} END`;
}

/** Words in one spelling, a space between each two; null where no letter or figure is left. */
export function foldTextSql(text: string): string {
  const letters = foldLettersSql(text);
  // Most values are written so already, and to see that is cheaper than to replace.
  return `CASE WHEN regexp_full_match(${text}, '[a-z0-9]+( [a-z0-9]+)*') THEN ${text} ELSE nullif(trim(regexp_replace(regexp_replace(${letters}, ${literal(dropped)}, '', 'g'), ${literal(separating)}, ' ', 'g')), '') END`;
}

/** Letters and figures alone, for identifiers: `PS-LX 350/H` is `pslx350h`. */
export function foldCodeSql(text: string): string {
  return `CASE WHEN regexp_full_match(${text}, '[a-z0-9]+') THEN ${text} ELSE nullif(regexp_replace(${foldLettersSql(text)}, ${literal(separating)}, '', 'g'), '') END`;
}

function* range(first: number, last: number): Generator<number> {
  for (let code = first; code <= last; code += 1) yield code;
}
