// How one field of one source is made: the mapping compiled, the type wanted, the reading decided from shapes.
import {
  type Definition,
  type Field,
  type FieldType,
  isLinked,
  type Reading,
  type Source,
} from '../../domain/definition.ts';
import { type Failure, fail } from '../../domain/result.ts';
import type { LoadedSource } from '../records.ts';
import { type CompiledMapping, isArithmetic } from './map-columns.ts';
import { decideMoment, isoFormat } from './moment-reading.ts';
import { type Ambiguity, decideNumber } from './number-reading.ts';
import type { Shape } from './shapes.ts';
import type { ValueReading } from './value-sql.ts';

export type FieldPlan = {
  field: Field;
  mapping: CompiledMapping;
  /** Law: given by the definition, by an earlier batch, or following from what the field is for. */
  wanted: FieldType | 'moment' | undefined;
  given: Reading;
  reading: ValueReading;
  /** No value was seen that the reading could be decided from. */
  undecided: boolean;
};

/** The share of values that must read as a type for a column without one to be of it; the others are rejected. */
export const readableShareMin = 0.99;

export function wantedType(
  definition: Definition,
  field: Field,
  source: Source,
  held: LoadedSource['readings'],
): FieldType | 'moment' | undefined {
  if (field.type) return field.type;
  const earlier = held[field.name]?.type;
  if (earlier) return earlier;
  if (field.role === 'KEY' || field.name === definition.currencyField) return 'text';
  if (field.tolerance && 'days' in field.tolerance) return 'moment';
  const mapping = field.mapping[source.name];
  if (field.tolerance || (mapping !== undefined && isArithmetic(mapping))) return 'decimal';
  if (field.comparison === 'ignore-case') return 'text';
  const compared = field.role === 'COMPARE' && field.comparison !== 'ignored';
  if (!compared && !isLinked(definition, field)) return 'text';
  return field.normalise && field.normalise.length > 0 ? 'text' : undefined;
}

export type Decision =
  | { kind: 'decided'; reading: ValueReading; undecided?: boolean }
  | { kind: 'ambiguous'; ambiguity: Ambiguity; option: 'dateFormat' | 'decimalMark' };

/** `shapes` are those of a sample or of all values; undefined when there are too many for anything but text. */
export function decide(
  plan: Pick<FieldPlan, 'wanted' | 'given'>,
  shapes: Shape[] | undefined,
  options: { settled: boolean; timeZone: string },
): Decision {
  const { wanted, given } = plan;
  const { settled, timeZone } = options;
  if (wanted === 'text' || wanted === 'boolean') return decided({ type: wanted });
  const all = shapes ?? [];
  const total = all.reduce((sum, shape) => sum + shape.count, 0);
  if (wanted === 'integer' || wanted === 'decimal') {
    const number = decideNumber(all, given, { settled, integer: wanted === 'integer' });
    if (number.kind === 'ambiguous') return { ...number, option: 'decimalMark' };
    if (number.kind === 'number') return decided({ type: wanted, number: number.reading });
    return decided({ type: wanted, number: plainNumber(given) }, total === 0);
  }
  if (wanted !== undefined) {
    const moment = decideMoment(all, given, { compactDates: true });
    if (moment.kind === 'ambiguous') return { ...moment, option: 'dateFormat' };
    const format = moment.kind === 'moment' ? moment.format : (given.dateFormat ?? isoFormat);
    const timed = moment.kind === 'moment' && moment.time;
    const type = wanted === 'moment' ? (timed ? 'datetime' : 'date') : wanted;
    const proven = moment.kind === 'moment' && moment.proven && total > 0;
    return decided({ type, format, timeZone, proven }, total === 0);
  }
  return decideUntyped(all, total, given, options);
}

function decideUntyped(
  all: Shape[],
  total: number,
  given: Reading,
  options: { settled: boolean; timeZone: string },
): Decision {
  if (total === 0) return decided({ type: 'text' }, true);
  const moment = decideMoment(all, given, { compactDates: false });
  if (moment.kind !== 'none' && share(moment, total) >= readableShareMin) {
    if (moment.kind === 'ambiguous') return { ...moment, option: 'dateFormat' };
    const { format, time, proven } = moment;
    return decided({ type: time ? 'datetime' : 'date', format, timeZone: options.timeZone, proven });
  }
  const number = decideNumber(all, given, { settled: options.settled, integer: false });
  if (number.kind !== 'none' && share(number, total) >= readableShareMin) {
    if (number.kind === 'ambiguous') return { ...number, option: 'decimalMark' };
    // Numbers with leading zeros or more than 18 digits are names of things, not amounts.
    if (!number.identifiers) return decided({ type: 'decimal', number: number.reading });
  }
  const words = new Set(all.map((shape) => shape.shape.toLowerCase()));
  const boolean = [
    ['true', 'false'],
    ['yes', 'no'],
  ].some((pair) => [...words].every((word) => pair.includes(word)));
  return decided({ type: boolean ? 'boolean' : 'text' });
}

function share(decision: { fits: number }, total: number): number {
  return decision.fits / total;
}

function decided(reading: ValueReading, undecided = false): Decision {
  return { kind: 'decided', reading, undecided };
}

export function plainNumber(given: Reading) {
  const decimalMark = given.decimalMark ?? '.';
  return {
    decimalMark,
    groupMark: given.groupMark ?? '',
    sign: '',
    scale: 2,
    wholeDigits: 15,
    decimalSeen: false,
  } as const;
}

export function ambiguityFailure(plan: FieldPlan, source: string, decision: Decision & { kind: 'ambiguous' }): Failure {
  const { examples, readings } = decision.ambiguity;
  const { name } = plan.field;
  const column = plan.mapping.leaves.flatMap((leaf) => leaf.columns)[0] ?? name;
  const shown = examples.map((example) => `"${example}"`).join(', ');
  const flag = decision.option === 'dateFormat' ? '--date-format' : '--decimal-mark';
  return fail(
    'READING_AMBIGUOUS',
    `${source}: ${shown} in column "${column}" can be read with ${readings.join(' or with ')}, and no value tells which; ` +
      `give reading.${decision.option} of the field "${name}" (${flag})`,
    { source, field: name, column, examples, readings, option: `reading.${decision.option}`, flag },
  );
}

/** What a later batch is held to: only what the values have shown. */
export function storedReading(plan: FieldPlan): ({ type: FieldType } & Reading) | undefined {
  const { reading, given } = plan;
  if (plan.undecided && plan.wanted === undefined) return undefined;
  if (reading.type === 'text' || reading.type === 'boolean') return { ...given, type: reading.type };
  if (reading.type === 'date' || reading.type === 'datetime') {
    return { ...given, type: reading.type, ...(reading.proven && { dateFormat: reading.format }) };
  }
  const { number } = reading;
  return {
    ...given,
    type: reading.type,
    ...(number.decimalSeen && { decimalMark: number.decimalMark }),
    ...(number.groupMark !== '' && { groupMark: number.groupMark }),
  };
}
