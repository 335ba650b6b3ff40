// SQL that reads a written value as its type, or gives NULL where it is none. Never rounds, never guesses: a fast path
// casts and casts back; what does not come back equal (1.5 of two decimals) must match a pattern in full.
import { literal } from '../sql.ts';
import { isoFormat } from './moment-reading.ts';
import { digitsMax, type NumberReading } from './number-reading.ts';
import { spaces } from './shapes.ts';

/** How the values of one column are read, fully decided. */
export type ValueReading =
  | { type: 'text' }
  | { type: 'boolean' }
  | { type: 'integer'; number: NumberReading }
  | { type: 'decimal'; number: NumberReading }
  /** `proven`: later batches are held to the format. */
  | { type: 'date'; format: string; timeZone: string; proven: boolean }
  | { type: 'datetime'; format: string; timeZone: string; proven: boolean };

/** 17 digits in a width of 18, so that the difference of two never overflows. */
const narrowDigits = 17;

/** Precision and scale of a column of this reading. */
export function decimalOf(number: NumberReading, integer: boolean): { width: number; scale: number } {
  const scale = integer ? 0 : Math.min(number.scale, digitsMax);
  if (number.wholeDigits + scale <= narrowDigits) return { width: 18, scale };
  // Values with more digits before the mark than then fit are too large, and rejected.
  return { width: digitsMax, scale: Math.min(scale, Math.max(0, digitsMax - number.wholeDigits)) };
}

export function sqlTypeOf(reading: ValueReading): string {
  switch (reading.type) {
    case 'text':
      return 'VARCHAR';
    case 'boolean':
      return 'BOOLEAN';
    case 'date':
      return 'DATE';
    case 'datetime':
      return 'TIMESTAMP';
    default: {
      const { width, scale } = decimalOf(reading.number, reading.type === 'integer');
      return `DECIMAL(${width},${scale})`;
    }
  }
}

/**
 * What `valueSql` takes as its `cast`, of the SQL text expression: to be computed once under a name, for within CASE
 * DuckDB computes an expression as often as it is written. Null where a reading needs none.
 */
export function castSql(reading: ValueReading, text: string): string | null {
  if (reading.type !== 'integer' && reading.type !== 'decimal') return null;
  const { scale } = decimalOf(reading.number, reading.type === 'integer');
  return `TRY_CAST(${text} AS DECIMAL(${narrowDigits},${Math.min(scale, narrowDigits)}))`;
}

/** The value of the SQL text expression, which is put in several times: give it a name before, and to its cast. */
export function valueSql(reading: ValueReading, text: string, cast = castSql(reading, text)): string {
  switch (reading.type) {
    case 'text':
      return text;
    case 'boolean':
      return `CASE WHEN lower(${trimmed(text)}) IN ('true', 't', 'yes', 'y', '1') THEN true
        WHEN lower(${trimmed(text)}) IN ('false', 'f', 'no', 'n', '0') THEN false END`;
    case 'date':
      return dateSql(reading.format, text);
    case 'datetime':
      return momentSql(reading.format, reading.timeZone, text);
    default:
      return numberSql(reading.number, decimalOf(reading.number, reading.type === 'integer'), text, cast!);
  }
}

export function trimmed(text: string): string {
  return `trim(${text}, ${literal(spaces)})`;
}

function numberSql(
  number: NumberReading,
  { width, scale }: { width: number; scale: number },
  text: string,
  narrow: string,
): string {
  const type = `DECIMAL(${width},${scale})`;
  const plain = plainNumber(number, text);
  const fractionMax = `(position('.' IN ${plain}) = 0 OR length(${plain}) - position('.' IN ${plain}) <= ${scale})`;
  const digits = width === digitsMax ? digitsMax : narrowDigits;
  const slow = `WHEN regexp_full_match(${text}, ${literal(numberPattern(number))}) AND ${fractionMax}
      THEN CAST(TRY_CAST(${plain} AS DECIMAL(${digits},${scale})) AS ${type})`;
  const fast =
    number.decimalMark === '.' && scale <= narrowDigits
      ? `WHEN CAST(${narrow} AS VARCHAR) = ${text} THEN CAST(${narrow} AS ${type})
      WHEN ${narrow} IS NOT NULL AND regexp_full_match(${text}, '-?[0-9]+(\\.[0-9]{0,${scale}})?') THEN CAST(${narrow} AS ${type})`
      : '';
  return `CASE ${fast} ${slow} END`;
}

/** Any sign, grouping and mark of the reading; parentheses and a minus behind are negative too. */
export function numberPattern(number: NumberReading): string {
  const blank = `[${spaces}]*`;
  const decimal = number.decimalMark === '.' ? '\\.' : ',';
  const between = { '': '', ' ': `[${spaces}]`, "'": "['\u2019]", '.': '\\.', ',': ',', _: '_' }[number.groupMark];
  const whole = between === '' ? '[0-9]+' : `(?:[1-9][0-9]{0,2}(?:${between}[0-9]{3})+|[0-9]+)`;
  const body = `(?:${whole}(?:${decimal}[0-9]*)?|${decimal}[0-9]+)`;
  const sign = number.sign === '' ? '' : `(?:${escapePattern(number.sign)})?${blank}`;
  const minus = '[-+\u2212]?';
  const forms = [
    `${minus}${blank}${sign}${minus}${body}${blank}${sign}`,
    `${sign}${body}${blank}${sign}[-\u2212]`,
    `\\(${blank}${sign}${body}${blank}${sign}\\)`,
  ];
  // Two signs in front ("-$-5") are no number: only one of the two places may be taken.
  forms[0] =
    number.sign === ''
      ? `${minus}${blank}${body}`
      : `(?:${minus}${blank}${sign}${body}|${sign}${minus}${body}|${minus}${body}${blank}${sign})`;
  return `${blank}(?:${forms.join('|')})${blank}`;
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** `-1234.5` of a text that matches the pattern: zeros at the end of the fraction are dropped. */
function plainNumber(number: NumberReading, text: string): string {
  const kept = number.decimalMark === '.' ? '[^0-9.]' : '[^0-9,]';
  const digits = `replace(regexp_replace(${text}, ${literal(kept)}, '', 'g'), ',', '.')`;
  const short = `CASE WHEN contains(${digits}, '.') THEN rtrim(rtrim(${digits}, '0'), '.') ELSE ${digits} END`;
  return `(CASE WHEN regexp_matches(${text}, '[-(\u2212]') THEN '-' ELSE '' END || coalesce(nullif(${short}, ''), '0'))`;
}

function dateSql(format: string, text: string): string {
  const clean = trimmed(text);
  if (format !== isoFormat) {
    return `CASE WHEN regexp_full_match(${clean}, ${literal(formatPattern(format))}) THEN CAST(try_strptime(${clean}, ${literal(format)}) AS DATE) END`;
  }
  // Ten bytes that begin with a digit and cast are year, month and day: 'infinity', 'epoch' and '1-1-1 (BC)' are not.
  // Casting back would prove the same and cost three times the cast.
  const slow = `TRY_CAST(left(${clean}, 10) AS DATE)`;
  const fast = `strlen(${text}) = 10 AND ${startsWithDigit(text)} AND NOT ends_with(${text}, ')')`;
  return `CASE WHEN ${fast} THEN TRY_CAST(${text} AS DATE)
    WHEN regexp_full_match(${clean}, ${literal(isoPattern)}) AND CAST(${slow} AS VARCHAR) = left(${clean}, 10)
      AND (length(${clean}) = 10 OR TRY_CAST(${isoClock(clean)} AS TIMESTAMP) IS NOT NULL) THEN ${slow} END`;
}

function startsWithDigit(text: string): string {
  return `${text} >= '0' AND ${text} < ':'`;
}

const isoPattern =
  '[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,6}0*)?)?( ?(Z|[+-][0-9]{2}(:?[0-9]{2})?))?)?';
const isoOffset = '(Z|[+-][0-9]{2}(:?[0-9]{2})?)$';

/** The clock reading of an ISO date-time: no offset, a blank for T, seconds always. */
function isoClock(text: string): string {
  const bare = `replace(replace(rtrim(CASE WHEN length(${text}) > 16 THEN left(${text}, 16) || regexp_replace(substr(${text}, 17), ${literal(` ?${isoOffset}`)}, '') ELSE ${text} END), 'T', ' '), ',', '.')`;
  return `CASE length(${bare}) WHEN 10 THEN ${bare} || ' 00:00:00' WHEN 16 THEN ${bare} || ':00' ELSE ${bare} END`;
}

function momentSql(format: string, timeZone: string, text: string): string {
  const clean = trimmed(text);
  if (format !== isoFormat) {
    const parsed = inUtc(`CAST(try_strptime(${clean}, ${literal(format)}) AS TIMESTAMP)`, timeZone);
    return `CASE WHEN regexp_full_match(${clean}, ${literal(formatPattern(format))}) THEN ${parsed} END`;
  }
  const clock = `TRY_CAST(${isoClock(clean)} AS TIMESTAMP)`;
  const sameDay = `strftime(${clock}, '%Y-%m-%d') = left(${clean}, 10)`;
  const offset = `nullif(regexp_extract(substr(${clean}, 17), ${literal(isoOffset)}), '')`;
  const minutes = `(CASE WHEN ${offset} = 'Z' THEN 0 ELSE (CASE WHEN left(${offset}, 1) = '-' THEN -1 ELSE 1 END)
    * (CAST(substr(${offset}, 2, 2) AS INTEGER) * 60 + CAST(coalesce(nullif(right(replace(substr(${offset}, 4), ':', ''), 2), ''), '0') AS INTEGER)) END)`;
  const fast = `strlen(${text}) = 19 AND ${startsWithDigit(text)} AND ${text} LIKE '____-__-_____:__:__' AND NOT ends_with(upper(${text}), 'Z')`;
  return `CASE WHEN ${fast} THEN ${inUtc(`TRY_CAST(${text} AS TIMESTAMP)`, timeZone)}
    WHEN regexp_full_match(${clean}, ${literal(isoPattern)}) AND ${sameDay} THEN
      CASE WHEN ${offset} IS NULL THEN ${inUtc(clock, timeZone)} ELSE ${clock} - to_minutes(${minutes}) END END`;
}

function inUtc(timestamp: string, timeZone: string): string {
  if (timeZone === 'UTC') return timestamp;
  return `timezone('UTC', timezone(${literal(timeZone)}, ${timestamp}))`;
}

/** The pattern that a text of a strptime format must match in full: strptime alone is lenient. */
export function formatPattern(format: string): string {
  const parts: Record<string, string> = {
    Y: '[0-9]{4}',
    y: '[0-9]{2}',
    m: '[0-9]{1,2}',
    d: '[0-9]{1,2}',
    H: '[0-9]{1,2}',
    I: '[0-9]{1,2}',
    M: '[0-9]{2}',
    S: '[0-9]{2}',
    f: '[0-9]{1,6}',
    p: '[AaPp][Mm]',
    b: '[A-Za-z]{3}',
    B: '[A-Za-z]{3,9}',
  };
  let pattern = '';
  for (let at = 0; at < format.length; at++) {
    const character = format[at]!;
    if (character !== '%') pattern += escapePattern(character);
    else pattern += parts[format[++at] ?? ''] ?? escapePattern(format[at] ?? '%');
  }
  return pattern;
}
