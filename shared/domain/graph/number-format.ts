// Reads a formatting hint as the number format of a spreadsheet cell: `#,##0.00`, `0.0%`, `yyyy-MM-dd`, `dd.MM.yyyy HH:mm`.
// A hint that is none is not guessed at: a wrong format in a workbook makes programs refuse the whole file.
import type { ColumnKind } from './report-template.ts';

const hintLengthMax = 100;

/** Undefined where the hint is no format of this kind of value. */
export function numberFormatOf(hint: string, kind: ColumnKind): string | undefined {
  if (hint.length > hintLengthMax) return undefined;
  if (kind === 'number') return isNumberFormat(hint) ? hint : undefined;
  return kind === 'date' || kind === 'datetime' ? dateFormatOf(hint) : undefined;
}

const beside = String.raw`(?:[-+$€£¥() ]|"[^"\p{Cc}]{1,20}")*`;
const section = new RegExp(String.raw`^${beside}[#?0]+(?:,[#?0]+)*(?:\.[#?0]+)?(?:E\+0+)?%?${beside}$`, 'u');

/** One to three sections: positive, negative, zero. */
function isNumberFormat(hint: string): boolean {
  const sections = hint.split(';');
  return sections.length <= 3 && sections.every((one) => section.test(one));
}

/** Patterns as Java and Angular write them, and as spreadsheets do; letters are those of both. */
const dateTokens = [
  [/^(yyyy|yy)/i, (token: string) => token.toLowerCase()],
  [/^(EEEE|EEE)/, (token: string) => 'd'.repeat(token.length)],
  [/^(MMMM|MMM|MM|M|mmmm|mmm|mm|m|dddd|ddd|dd|d|DD|D|HH|H|hh|h|ss|s)/, (token: string) => token.toLowerCase()],
  [/^\.SSS/, () => '.000'],
  [/^(AM\/PM|a)/, () => 'AM/PM'],
  [/^('T'|T)/, () => '"T"'],
  [/^[-/.:, ]/, (token: string) => token],
] as const;

function dateFormatOf(hint: string): string | undefined {
  let format = '';
  for (let rest = hint; rest !== ''; ) {
    const found = dateTokens.flatMap(([pattern, written]) => {
      const token = pattern.exec(rest)?.[0];
      return token === undefined ? [] : [{ token, written: written(token) }];
    })[0];
    if (!found) return undefined;
    format += found.written;
    rest = rest.slice(found.token.length);
  }
  return /[ymdhs]/.test(format) ? format : undefined;
}
