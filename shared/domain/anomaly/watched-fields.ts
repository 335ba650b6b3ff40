// Which fields of a definition are watched for anomalies: at most so many, in the definition's order.
import type { Definition } from '../definition.ts';
import type { LoadedField } from '../record.ts';

export type WatchedFields = {
  /** Of numbers, whose sizes are amounts. */
  amounts: string[];
  /** Compared numbers and dates, of which breaks have differences. */
  differences: string[];
  /** Those of the differences that are in days. */
  days: string[];
  /** Of texts that may tell records apart: a field with too many values drops out by what is counted of it. */
  values: string[];
  currency?: string;
};

const amountsMax = 20;
const valuesMax = 8;

/** `fields`: of all sources, as they were loaded. Classifiers come first, then the currency, then other texts that are no key. */
export function watchedFields(definition: Definition, fields: LoadedField[]): WatchedFields {
  const shapes = Map.groupBy(fields, ({ name }) => name);
  const every = (name: string, is: (sqlType: string) => boolean) =>
    shapes.get(name)?.every(({ sqlType }) => is(sqlType));
  const isNumber = (name: string) => every(name, (sqlType) => sqlType.startsWith('DECIMAL')) ?? false;
  const isTime = (name: string) => every(name, (sqlType) => sqlType === 'DATE' || sqlType === 'TIMESTAMP') ?? false;
  const isText = (name: string) => every(name, (sqlType) => sqlType === 'VARCHAR') ?? false;
  const { currencyField } = definition;
  const open = definition.fields.filter(({ role }) => role !== 'KEY');
  const compared = open
    .filter(({ role, comparison }) => role === 'COMPARE' && comparison !== 'ignored')
    .map(({ name }) => name);
  const texts = open.filter(({ name }) => isText(name));
  const ranked = [
    ...texts.filter(({ role }) => role === 'CLASSIFIER').map(({ name }) => name),
    ...texts.filter(({ name }) => name === currencyField).map(({ name }) => name),
    ...texts.map(({ name }) => name),
  ];
  const days = compared.filter(isTime).slice(0, amountsMax);
  return {
    amounts: open
      .map(({ name }) => name)
      .filter(isNumber)
      .slice(0, amountsMax),
    differences: [...compared.filter(isNumber).slice(0, amountsMax), ...days],
    days,
    values: [...new Set(ranked)].slice(0, valuesMax),
    ...(definition.fields.some(({ name }) => name === currencyField) && { currency: currencyField! }),
  };
}
