// Whether two definitions make the same records of a file, so that it need be loaded once; and whether what they make
// can be compared at all: a match is known by row numbers, which must name the same rows for both.
import { anchorOf, type Definition, legsOf, type Source } from '../../domain/definition.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import { wantedType } from '../load/field-plan.ts';
import type { LoadedSource } from '../records.ts';

/** True when the two differ at most in name, passes, calendars, tolerances and comparisons that decide no type. */
export function readsTheSame(one: Definition, other: Definition): boolean {
  return canonicalText(readingOf(one)) === canonicalText(readingOf(other));
}

function readingOf(definition: Definition): unknown {
  const { sources, fields, currencyField, rejectsMax } = definition;
  return {
    sources: [anchorOf(definition), ...legsOf(definition)],
    currencyField,
    rejectsMax,
    fields: fields.map((field) => ({
      name: field.name,
      key: field.role === 'KEY',
      normalise: field.normalise,
      required: field.required,
      mapping: field.mapping,
      reading: field.reading,
      // Types are agreed between the sources, from what each wants.
      wanted: sources.map((source) => wantedType(definition, field, source, {})),
    })),
  };
}

/** JSON with the names of objects sorted: how a definition was written down does not matter. */
function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** Fails with DEFINITION_INVALID where rows of the one cannot be rows of the other. */
export function checkComparable(old: Definition, next: Definition): Result<void> {
  const names = (definition: Definition) => definition.sources.map((source) => source.name).sort();
  if (names(old).join('\n') !== names(next).join('\n')) {
    return fail(
      'DEFINITION_INVALID',
      `OLD is of the sources ${names(old).join(', ')} and NEW of ${names(next).join(', ')}: they must be the same`,
    );
  }
  const [oldAnchor, nextAnchor] = [anchorOf(old).name, anchorOf(next).name];
  if (oldAnchor !== nextAnchor) {
    return fail(
      'DEFINITION_INVALID',
      `the anchor of OLD is ${oldAnchor} and that of NEW ${nextAnchor}: it must be the same`,
    );
  }
  for (const source of old.sources) {
    const other = next.sources.find((one) => one.name === source.name)!;
    const setting = rowSettings.find(
      (key) =>
        given(source, key) !== undefined && given(other, key) !== undefined && given(source, key) !== given(other, key),
    );
    if (setting) {
      return fail(
        'DEFINITION_INVALID',
        `${source.name}: OLD and NEW differ in input.${setting}, so the same row number would name different rows`,
      );
    }
  }
  return ok(undefined);
}

const rowSettings = ['sheet', 'header', 'preambleLines', 'footerLines'] as const;

function given(source: Source, key: (typeof rowSettings)[number]): string | number | boolean | undefined {
  return source.input?.[key];
}

/** After loading: a file that has more rows for the one than for the other is numbered differently. */
export function checkSameRows(old: LoadedSource[], next: LoadedSource[]): Result<void> {
  for (const source of old) {
    const other = next.find((one) => one.source === source.source)!;
    if (source.rows.read === other.rows.read) continue;
    return fail(
      'DEFINITION_INVALID',
      `${source.source}: OLD reads ${source.rows.read} rows and NEW ${other.rows.read}: give both the same input settings, so that row numbers name the same rows`,
    );
  }
  return ok(undefined);
}
