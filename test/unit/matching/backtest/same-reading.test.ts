// When one load serves both definitions, and when two definitions cannot be compared.
import { expect, test } from 'vitest';
import type { Definition } from '../../../../shared/domain/definition.ts';
import { checkComparable, readsTheSame } from '../../../../shared/matching/backtest/same-reading.ts';

const base: Definition = {
  name: 'base',
  sources: [{ name: 'left', anchor: true }, { name: 'right' }],
  fields: [
    { name: 'id', role: 'KEY', mapping: { left: 'id', right: 'ref' } },
    { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: { left: 'amount', right: 'amt' } },
    { name: 'note', role: 'COMPARE', mapping: { left: 'note', right: 'note' } },
  ],
  passes: [{ kind: 'exact-key' }],
};

function changed(change: (definition: Definition) => void): Definition {
  const copy = structuredClone(base);
  change(copy);
  return copy;
}

test.each<[string, boolean, (definition: Definition) => void]>([
  ['name', true, (one) => void (one.name = 'other')],
  ['passes', true, (one) => void one.passes.push({ kind: 'tolerance', conditions: [{ field: 'note', equal: true }] })],
  ['a tolerance of a typed field', true, (one) => void (one.fields[1]!.tolerance = { absolute: '1' })],
  ['the order of names in a mapping', true, (one) => void (one.fields[1]!.mapping = { right: 'amt', left: 'amount' })],
  ['a tolerance that decides the type', false, (one) => void (one.fields[2]!.tolerance = { days: 1 })],
  ['a comparison that decides the type', false, (one) => void (one.fields[2]!.comparison = 'ignore-case')],
  ['a type', false, (one) => void (one.fields[1]!.type = 'text')],
  ['a mapping', false, (one) => void (one.fields[1]!.mapping.right = 'other')],
  ['a normalisation', false, (one) => void (one.fields[0]!.normalise = ['upper'])],
  ['a reading', false, (one) => void (one.fields[1]!.reading = { left: { decimalMark: ',' } })],
  ['what is the key', false, (one) => void (one.fields[2]!.role = 'KEY')],
  ['a filter', false, (one) => void (one.sources[1]!.filters = [{ column: 'amt', empty: false }])],
  ['the currency field', false, (one) => void (one.currencyField = 'note')],
  ['the limit of rejects', false, (one) => void (one.rejectsMax = 3)],
])('one load serves both where they differ in %s: %s', (_, same, change) => {
  expect(readsTheSame(base, changed(change))).toBe(same);
  expect(readsTheSame(changed(change), base)).toBe(same);
});

test.each<[string, (definition: Definition) => void]>([
  ['sources', (one) => void (one.sources[1]!.name = 'bank')],
  ['the anchor', (one) => void (one.sources = [{ name: 'left' }, { name: 'right', anchor: true }])],
])('definitions that differ in %s are not compared', (_, change) => {
  expect(checkComparable(base, changed(change))).toMatchObject({ ok: false, code: 'DEFINITION_INVALID' });
});

test('sheets, headers, preambles and footers that differ would number the rows differently', () => {
  const withInput = (input: NonNullable<Definition['sources'][number]['input']>) =>
    changed((one) => void (one.sources[1]!.input = input));
  for (const [one, other] of [
    [{ sheet: 'March' }, { sheet: 'April' }],
    [{ header: true }, { header: false }],
    [{ preambleLines: 1 }, { preambleLines: 2 }],
    [{ footerLines: 1 }, { footerLines: 2 }],
  ] as const) {
    const refused = checkComparable(withInput(one), withInput(other));
    expect(refused).toMatchObject({ ok: false, code: 'DEFINITION_INVALID' });
    expect(checkComparable(withInput(one), base).ok).toBe(true);
  }
  expect(checkComparable(withInput({ delimiter: ';' }), withInput({ delimiter: ',' })).ok).toBe(true);
});
