// Makes the definition of a comparison of two files from --key, --compare, --fuzzy and --currency; a key and compared fields
// that are left out are proposed from the files, the same way as `tieout init` does it. Records that are linked by --fuzzy
// need no key, and none is looked for.
import { basename } from 'node:path';
import type { Definition, Field, FuzzyPass, Source } from '../shared/domain/definition.ts';
import { ok, type Result } from '../shared/domain/result.ts';
import type { Engine } from '../shared/matching/engine.ts';
import { pairColumnsByName, plainName } from '../shared/matching/propose/pair-columns.ts';
import { headersOf } from '../shared/matching/propose/profile-columns.ts';
import { canonicalNames, isCurrency, proposeDefinition } from '../shared/matching/propose/propose-definition.ts';
import { type ColumnPair, type ComparedPair, type LinkedPair, samePair } from './arguments/column-pair.ts';
import type { LinkingOptions } from './arguments/linking.ts';
import { oneLine } from './failures.ts';
import { UsageError } from './usage-error.ts';

export type MatchOptions = {
  left: string;
  right: string;
  /** `left` and `right`, with the input format where it was given. */
  sources: Source[];
  keys: ColumnPair[];
  compares: ComparedPair[];
  linked: LinkedPair[];
  linking: LinkingOptions;
  currency?: string;
};

/** `notes` say what was proposed, for the person who did not name it. */
export type MadeDefinition = { definition: Definition; notes: string[] };

export async function definitionFromOptions(
  /** Opened only when the values have to be looked at. */
  engine: () => Promise<Engine>,
  options: MatchOptions,
): Promise<Result<MadeDefinition>> {
  const [leftSource, rightSource] = options.sources;
  const files = {
    left: { path: options.left, ...(leftSource?.input && { input: leftSource.input }) },
    right: { path: options.right, ...(rightSource?.input && { input: rightSource.input }) },
  };
  const { linked } = options;
  let { keys, compares } = options;
  const notes: string[] = [];
  if (linked.length === 0 ? keys.length === 0 || compares.length === 0 : keys.length > 0 && compares.length === 0) {
    const proposed = await proposeDefinition(await engine(), {
      ...files,
      compare: 'shared',
      ...(keys.length > 0 && { keys }),
      ...(compares.length > 0 && { compared: compares }),
    });
    if (!proposed.ok) return proposed;
    const { definition, evidence } = proposed.value;
    const pairsOf = (role: Field['role']) => definition.fields.filter((field) => field.role === role).map(columnsOf);
    if (keys.length === 0) {
      keys = pairsOf('KEY');
      notes.push(...evidence.notes);
    }
    // What records are linked by may be written differently: it is compared as well only where that is asked for.
    if (compares.length === 0)
      compares = pairsOf('COMPARE').filter((pair) => !linked.some((one) => samePair(one, pair)));
  }
  const fields = fieldsFor(keys, compares, linked);
  const definition: Definition = {
    name: nameOfComparison(options.left, options.right),
    sources: options.sources,
    fields,
    passes: [
      ...(keys.length > 0 ? [{ kind: 'exact-key' as const }] : []),
      ...(linked.length > 0 ? [fuzzyPass(fields, options)] : []),
    ],
  };
  const known = fields.find((field) =>
    options.currency === undefined ? isCurrency(field) : field.name === options.currency,
  );
  if (known) return ok({ definition: { ...definition, currencyField: known.name }, notes });
  // Only now are the headers looked at once more: the currency is in both files, but not compared.
  const headers = await headersOf(files);
  if (!headers.ok) return headers;
  const found = currencyField(fields, headers.value, options.currency);
  // Amounts of different currencies are not near each other: a pair that was linked and differs there is a mismatch.
  const extra: Field | undefined = found && linked.length > 0 ? { ...found, role: 'COMPARE' } : found;
  return ok({
    definition: extra ? { ...definition, fields: [...fields, extra], currencyField: extra.name } : definition,
    notes,
  });
}

/** Of each file name as much as the name of a definition has room for. */
const fileNameMax = 90;

export function nameOfComparison(left: string, right: string): string {
  const [shownLeft, shownRight] = [left, right].map((path) => {
    const name = oneLine(basename(path));
    return name.length <= fileNameMax ? name : `${name.slice(0, fileNameMax - 1).toWellFormed()}…`;
  });
  return `${shownLeft} against ${shownRight}`;
}

function columnsOf(field: Field): ColumnPair {
  return { left: String(field.mapping.left), right: String(field.mapping.right) };
}

function fieldsFor(keys: ColumnPair[], compares: ComparedPair[], linked: LinkedPair[]): Field[] {
  refuseRepeated('--key', keys);
  refuseRepeated('--compare', compares);
  refuseRepeated('--fuzzy', linked);
  const twice = compares.find((pair) => keys.some((key) => samePair(key, pair)));
  if (twice) throw new UsageError(`'${twice.left}' is given with both --key and --compare`);
  const judged = keys.length === 0 ? compares.find((pair) => linked.some((one) => samePair(one, pair))) : undefined;
  if (judged)
    throw new UsageError(
      `'${judged.left}' is given with both --fuzzy and --compare, and there is no --key: what records are linked by is not compared once more`,
    );
  const further = linked.filter((pair) => ![...keys, ...compares].some((one) => samePair(one, pair)));
  const pairs: ComparedPair[] = [...keys, ...compares, ...further];
  const names = canonicalNames(pairs.map((pair) => pair.left));
  const roleOf = (index: number): Field['role'] => {
    if (index < keys.length) return 'KEY';
    return index < keys.length + compares.length ? 'COMPARE' : 'DISPLAY';
  };
  return pairs.map(
    (pair, index): Field => ({
      name: names[index]!,
      role: roleOf(index),
      ...(pair.tolerance && { tolerance: pair.tolerance }),
      mapping: { left: pair.left, right: pair.right },
    }),
  );
}

function fuzzyPass(fields: Field[], { linked, linking }: Pick<MatchOptions, 'linked' | 'linking'>): FuzzyPass {
  return {
    kind: 'fuzzy',
    fields: linked.map(({ as, ...pair }) => ({
      field: fields.find((field) => samePair(columnsOf(field), pair))!.name,
      ...(as && { as }),
    })),
    ...linking,
  };
}

function refuseRepeated(option: string, pairs: ColumnPair[]): void {
  const again = pairs.find((pair, index) => pairs.slice(0, index).some((earlier) => samePair(earlier, pair)));
  if (again) throw new UsageError(`${option} ${again.left} is given twice`);
}

/** A field for the column of both files that sums are kept apart by: the one that was named, else one whose name says so. */
function currencyField(
  fields: Field[],
  headers: { left: string[]; right: string[] },
  named: string | undefined,
): Field | undefined {
  const shared = pairColumnsByName(headers.left, headers.right).find((pair) =>
    named === undefined ? isCurrency({ name: pair.left }) : plainName(pair.left) === plainName(named),
  );
  if (!shared && named !== undefined)
    throw new UsageError(`--currency ${named}: not a compared field, and no column of both files`);
  if (!shared) return undefined;
  const [name] = canonicalNames([...fields.map((field) => field.name), shared.left]).slice(-1);
  return { name: name!, role: 'CLASSIFIER', type: 'text', mapping: { left: shared.left, right: shared.right } };
}
