// Says what is wrong with the fields that a pass names: each known, named once, mapped where the pass looks, and of a kind
// that its rule is for. What only the values can tell is not judged here.
import { checkMapping } from './check-mapping.ts';
import type { Report } from './check-values.ts';
import { type Definition, type Field, isLinked } from './definition.ts';

/** Where in the pass each field was named first. */
export type Seen = Map<string, string>;

/** The field of that name, if there is one; each only once in a pass, since two rules for one field contradict each other. */
export function takeField(
  definition: Definition,
  name: string,
  path: string,
  seen: Seen,
  report: Report,
): Field | undefined {
  const field = definition.fields.find((one) => one.name === name);
  if (!field) report(path, `there is no field "${name}"`);
  const earlier = seen.get(name);
  if (earlier !== undefined) report(path, `"${name}" is ${earlier} too: a pass has one rule for a field`);
  else seen.set(name, path);
  return field;
}

export function isMapped(field: Field, source: string): boolean {
  return Object.hasOwn(field.mapping, source);
}

export function checkBothSides(definition: Definition, field: Field, path: string, report: Report): void {
  const { sources } = definition;
  const anchors = sources.filter((source) => source.anchor);
  if (!anchors.every(({ name }) => isMapped(field, name)))
    report(path, `"${field.name}" must be mapped for the anchor`);
  if (!sources.some((source) => !source.anchor && isMapped(field, source.name)))
    report(path, `"${field.name}" must be mapped for a source besides the anchor`);
}

/** A pair or a group is found only where both of its sides have all the fields. */
export function checkSomeSource(definition: Definition, fields: Field[], path: string, report: Report): void {
  const sides = (one: Field) => definition.sources.filter(({ name }) => isMapped(one, name));
  if (fields.some((field) => !sides(field).some(({ anchor }) => anchor) || !sides(field).some(({ anchor }) => !anchor)))
    return;
  const others = definition.sources.filter((source) => !source.anchor);
  if (others.length > 0 && !others.some(({ name }) => fields.every((field) => isMapped(field, name))))
    report(path, 'no source besides the anchor has all of these fields, so nothing could ever be found');
}

type Kind = 'number' | 'date' | 'text' | 'boolean';

/** Refuses a field that is known to be of another kind; a field that its values decide on is judged when they are known. */
export function checkKind(
  definition: Definition,
  field: Field,
  wanted: 'number' | 'date',
  path: string,
  report: Report,
): void {
  const kind = kindOf(definition, field);
  if (kind === undefined || kind === wanted) return;
  const types = wanted === 'date' ? 'date or datetime' : 'decimal or integer';
  const why = field.type ?? (kind === 'text' ? `read as text unless it has a type (${types})` : `a ${kind}`);
  const what = wanted === 'date' ? 'days are for dates' : 'an amount is a number';
  report(path, `${what}, and the field "${field.name}" is ${why}`);
}

/** What loading reads the field as, as far as the definition tells. */
export function kindOf(definition: Definition, field: Field): Kind | undefined {
  const { type, tolerance, comparison } = field;
  if (type === 'integer' || type === 'decimal') return 'number';
  if (type === 'date' || type === 'datetime') return 'date';
  if (type !== undefined) return type === 'boolean' ? 'boolean' : 'text';
  if (field.role === 'KEY' || field.name === definition.currencyField) return 'text';
  if (tolerance) return 'days' in tolerance ? 'date' : 'number';
  if (Object.values(field.mapping).some((mapping) => checkMapping(mapping, '', () => {}, false))) return 'number';
  if (comparison === 'ignore-case') return 'text';
  if ((field.role !== 'COMPARE' || comparison === 'ignored') && !isLinked(definition, field)) return 'text';
  return field.normalise && field.normalise.length > 0 ? 'text' : undefined;
}

/** Undefined where some source has none. */
export function usableCurrency(definition: Definition): Field | undefined {
  const field = definition.fields.find((one) => one.name === definition.currencyField);
  return field && definition.sources.every(({ name }) => isMapped(field, name)) ? field : undefined;
}

/** Whether its values can be many: a boolean has two, and a constant one. */
export function tellsApart(definition: Definition, field: Field): boolean {
  if (kindOf(definition, field) === 'boolean') return false;
  const mappings = definition.sources.flatMap(({ name }) => field.mapping[name] ?? []);
  return !mappings.some((mapping) => typeof mapping !== 'string' && 'constant' in mapping);
}
