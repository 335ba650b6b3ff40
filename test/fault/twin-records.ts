// Records as the twin engine keeps them: JSON files, values as text.
import { readFile, writeFile } from 'node:fs/promises';
import { canonicalJson } from '../../shared/app/batches/load-hash.ts';
import type { FieldDifference } from '../../shared/domain/break.ts';
import { fromScaled, toScaled } from '../../shared/domain/decimal.ts';
import type { Definition, Field } from '../../shared/domain/definition.ts';
import { addSums, type SideSums } from '../../shared/domain/outcome.ts';
import type { LoadedField } from '../../shared/domain/record.ts';

export type Values = Record<string, string | null>;
export type TwinRecord = { row: number; key: string | null; values: Values };

export function compareValues(definition: Definition, source: string, left: Values, right: Values): FieldDifference[] {
  return definition.fields
    .filter((field) => field.role === 'COMPARE' && !same(field, left[field.name] ?? null, right[field.name] ?? null))
    .map(({ name, type }) => {
      const [a, b] = [left[name] ?? null, right[name] ?? null];
      const difference = type === 'decimal' && a !== null && b !== null ? minus(b, a) : null;
      return { source, field: name, left: a, right: b, difference };
    });
}

function same(field: Field, a: string | null, b: string | null): boolean {
  if (a === null || b === null || field.type !== 'decimal') return a === b;
  return toScaled(minus(a, b)).units === 0n;
}

function minus(a: string, b: string): string {
  const [x, y] = [toScaled(a), toScaled(b)];
  const scale = Math.max(x.scale, y.scale);
  return fromScaled(x.units * 10n ** BigInt(scale - x.scale) - y.units * 10n ** BigInt(scale - y.scale), scale);
}

export function fieldsOf(definition: Definition, source: string): LoadedField[] {
  return definition.fields
    .filter((field) => field.mapping[source] !== undefined)
    .map(({ name, type = 'text' }) => ({ name, type, sqlType: type === 'decimal' ? 'DECIMAL(18,2)' : 'VARCHAR' }));
}

export function sumsOf(definition: Definition, records: TwinRecord[]): SideSums {
  let sums: SideSums = {};
  for (const { values } of records) {
    const currency = (definition.currencyField && values[definition.currencyField]) || '';
    for (const { name, type } of definition.fields) {
      const value = values[name];
      if (type === 'decimal' && value) sums = addSums(sums, { [name]: { [currency]: value } });
    }
  }
  return sums;
}

export function keyOf(definition: Definition, values: Values): string | null {
  const keys = definition.fields.filter((field) => field.role === 'KEY').map((field) => values[field.name] ?? null);
  return keys.every((key) => key === null) ? null : keys.map((key) => key ?? '').join('\u001f');
}

export function byKey(records: TwinRecord[]): Map<string, TwinRecord[]> {
  return Map.groupBy(records, (record) => record.key ?? '');
}

export function sorted(records: TwinRecord[] | undefined): TwinRecord[] {
  return (records ?? []).toSorted((a, b) => (canonicalJson(a.values) < canonicalJson(b.values) ? -1 : 1));
}

export async function readAll(paths: string[]): Promise<TwinRecord[]> {
  const all: TwinRecord[] = [];
  for (const path of paths) all.push(...(await readJson<TwinRecord[]>(path)));
  return all;
}

export async function readJson<T>(path: string): Promise<T> {
  return JSON.parse(await readFile(path, 'utf8')) as T;
}

export async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, JSON.stringify(value));
}
