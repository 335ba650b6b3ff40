// Which columns of a file tell whether two of its records are the same thing, where nobody says so: all but those that tell
// every record apart, for they are the file's own numbering, and those that tell none apart.
import type { Engine } from '../engine.ts';
import { chooseKind, profileFields } from '../linking/fields.ts';
import { decimalShape } from '../match/exact-decimal.ts';
import type { LoadedSource } from '../records.ts';
import { rowColumn } from '../records.ts';
import { identifier } from '../sql.ts';

export type ChosenColumns = {
  fields: string[];
  /** A sentence for each that is left out. */
  leftOut: { field: string; why: string }[];
};

/** More say little that these do not, and every two of them are looked at together. */
const fieldsMax = 12;

const oneValue = 'one value only';

export async function chooseColumns(engine: Engine, source: LoadedSource): Promise<ChosenColumns> {
  const names = source.fields.map(({ name }) => name);
  const records = `(SELECT (${identifier(rowColumn)})::BIGINT AS "$id", ${names.map(identifier).join(', ')} FROM ${source.relation})`;
  const counts = names.map(
    (name, at) => `count(DISTINCT ${identifier(name)}) AS d${at}, count(${identifier(name)}) AS p${at}`,
  );
  const [row] = await engine.rows<Record<string, string>>(
    `SELECT count(*) AS n, ${counts.join(', ')} FROM ${source.relation}`,
  );
  const profiles = await profileFields(engine, [records], names);
  const total = Number(row!.n);
  const leftOut: ChosenColumns['leftOut'] = [];
  const kept: { field: string; distinct: number }[] = [];
  for (const [at, field] of names.entries()) {
    const [distinct, present] = [Number(row![`d${at}`]), Number(row![`p${at}`])];
    const kind = chooseKind(profiles[at]!);
    const whole = (decimalShape(source.fields[at]!.sqlType)?.scale ?? 0) === 0;
    const numbering = kind === 'code' || (kind === 'number' && whole);
    if (present === 0) leftOut.push({ field, why: 'no values' });
    else if (distinct === 1) leftOut.push({ field, why: oneValue });
    else if (numbering && distinct === total) leftOut.push({ field, why: 'another value in every row' });
    else kept.push({ field, distinct });
  }
  // Where nothing tells records apart, rows that are the same are still to be found.
  if (kept.length === 0) {
    const alike = leftOut
      .filter(({ why }) => why === oneValue)
      .slice(0, fieldsMax)
      .map(({ field }) => field);
    return { fields: alike, leftOut: leftOut.filter(({ field }) => !alike.includes(field)) };
  }
  const telling = kept.toSorted((a, b) => b.distinct - a.distinct || names.indexOf(a.field) - names.indexOf(b.field));
  const most = new Set(telling.slice(0, fieldsMax).map(({ field }) => field));
  for (const { field } of kept)
    if (!most.has(field)) leftOut.push({ field, why: `the ${fieldsMax} columns with the most values are enough` });
  return { fields: kept.map(({ field }) => field).filter((field) => most.has(field)), leftOut };
}
