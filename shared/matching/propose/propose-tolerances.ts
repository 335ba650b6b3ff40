// Looks at pairs of rows with the same key for differences so small and so frequent that they look like rounding or
// settlement days. Conservative: it proposes one last digit, a few days or letter case, never a percentage.
import type { Field } from '../../domain/definition.ts';
import type { Engine } from '../engine.ts';
import { identifier } from '../sql.ts';
import type { PairedColumn } from './pair-columns.ts';
import { type ColumnProfile, comparableText, type Profile } from './profile-columns.ts';

export type ProposedTolerance = Pick<Field, 'tolerance' | 'comparison'> & { note: string };

/** Of the pairs that differ, so many must be within the tolerance: most differences are then of this kind. */
const shareOfDifferingMin = 0.5;
/** And so many of all pairs: a few near misses are breaks, not a habit of the data. */
const shareOfPairsMin = 0.005;
const pairsMin = 3;
const daysMax = 3;

type Compared = { left: ColumnProfile; right: ColumnProfile };
type Question = Pick<ProposedTolerance, 'tolerance' | 'comparison'> & { column: string; sql: string; says: string };

/** By the name of the left column. Keys that several rows have are left out: their pairing is not known yet. */
export async function proposeTolerances(
  engine: Engine,
  profile: Profile,
  key: PairedColumn[],
  compared: PairedColumn[],
): Promise<Map<string, ProposedTolerance>> {
  const find = (pair: PairedColumn): Compared => ({
    left: profile.left.columns.find((column) => column.name === pair.left)!,
    right: profile.right.columns.find((column) => column.name === pair.right)!,
  });
  const columns = compared.map(find).filter(({ left, right }) => left && right);
  const questions = columns.flatMap(questionsFor);
  if (questions.length === 0) return new Map();
  const keys = key.map(find);
  const side = (which: 'left' | 'right') =>
    `(SELECT hash(${keys.map((column) => comparableText(column[which])).join(', ')}) AS "$h", * FROM ${profile[which].relation} QUALIFY count(*) OVER (PARTITION BY "$h") = 1)`;
  const [counts = {}] = await engine.rows<Record<string, string>>(
    `SELECT count(*) AS pairs, ${columns.map((column, i) => `count(*) FILTER (${differs(column)}) AS differ${i}`).join(', ')},
       ${questions.map((question, i) => `count(*) FILTER (${question.sql}) AS q${i}`).join(', ')}
     FROM ${side('left')} l JOIN ${side('right')} r USING ("$h")`,
  );
  const proposals = new Map<string, ProposedTolerance>();
  questions.forEach((question, i) => {
    const pairs = Number(counts.pairs);
    const differing = Number(counts[`differ${columns.findIndex((column) => column.left.name === question.column)}`]);
    const within = Number(counts[`q${i}`]);
    if (proposals.has(question.column) || within < pairsMin) return;
    if (within < shareOfPairsMin * pairs || within < shareOfDifferingMin * differing) return;
    const { column, sql: _sql, says, ...proposal } = question;
    proposals.set(column, {
      ...proposal,
      note: `${column}: of ${differing} pairs that differ, ${within} ${says}; proposed as agreeing, remove it if they are breaks`,
    });
  });
  return proposals;
}

function differs({ left, right }: Compared): string {
  return `${textOf('l', left)} IS DISTINCT FROM ${textOf('r', right)}`;
}

function textOf(alias: 'l' | 'r', column: ColumnProfile): string {
  return comparableText(column).replace(identifier(column.field), `${alias}.${identifier(column.field)}`);
}

/** Narrowest first. */
function questionsFor(pair: Compared): Question[] {
  const { left, right } = pair;
  const [l, r] = [`l.${identifier(left.field)}`, `r.${identifier(right.field)}`];
  const column = left.name;
  const numbers = [left, right].every(({ type }) => type === 'decimal' || type === 'integer');
  if (numbers && Math.max(left.scale, right.scale) > 0) {
    const scale = Math.min(left.scale, right.scale) || Math.max(left.scale, right.scale);
    const absolute = `0.${'1'.padStart(scale, '0')}`;
    // Doubles only choose what to propose; the comparison itself will be exact.
    const sql = `${differs(pair)} AND abs(${l}::DOUBLE - ${r}::DOUBLE) <= ${absolute} * 1.000001`;
    return [{ column, sql, tolerance: { absolute }, says: `differ by at most ${absolute}` }];
  }
  if ([left, right].every(({ type }) => type === 'date' || type === 'datetime'))
    return Array.from({ length: daysMax }, (_, index) => index + 1).map((days) => ({
      column,
      sql: `${differs(pair)} AND abs(date_diff('day', ${l}::DATE, ${r}::DATE)) <= ${days}`,
      tolerance: { days },
      says: `are at most ${days} day${days > 1 ? 's' : ''} apart`,
    }));
  if ([left, right].every(({ type }) => type === 'text')) {
    const plain = (value: string) => `lower(regexp_replace(trim(${value}), '\\s+', ' ', 'g'))`;
    const sql = `${differs(pair)} AND ${plain(l)} = ${plain(r)}`;
    return [{ column, sql, comparison: 'ignore-case', says: 'differ only in case or spaces' }];
  }
  return [];
}
