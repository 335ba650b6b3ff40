// Proposes a definition from two files: which columns belong together, which of them are the key, how the rest compare.
// A proposal for a person to edit, or the stated default of a job without rules. It invents no column and no value.
import type { Definition, Field, FieldType, Reading } from '../../domain/definition.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Engine } from '../engine.ts';
import { type FoundKey, findKey } from './find-key.ts';
import { pairColumnsByValues } from './pair-by-values.ts';
import { type PairedColumn, pairColumnsByName, plainName } from './pair-columns.ts';
import {
  type ColumnProfile,
  headersOf,
  noRows,
  type Profile,
  type ProfiledFile,
  profileColumns,
  type Side,
} from './profile-columns.ts';
import { type ProposedTolerance, proposeTolerances } from './propose-tolerances.ts';

export type ProposeRequest = {
  left: ProfiledFile;
  right: ProfiledFile;
  /** Columns of the key where it is known: one name for both sides, or one for each. Found from the values otherwise. */
  keys?: (string | { left: string; right: string })[];
  /** Pairs that are known to be compared: none of them is taken for the key, and none is paired otherwise. */
  compared?: { left: string; right: string }[];
  /**
   * `shared`: columns whose names are equal but for case and punctuation are compared exactly, as they are.
   * `proposed` (default): also pairs columns by their values, and proposes types, readings and tolerances.
   */
  compare?: 'shared' | 'proposed';
};

export type ProposalEvidence = {
  pairs: PairedColumn[];
  /** Columns of one file without a partner in the other: not in the definition. */
  unpaired: { left: string[]; right: string[] };
  /** Absent when the key was given. */
  key?: FoundKey;
  /** Sentences for the person who will edit the proposal. */
  notes: string[];
};

export type Proposal = { definition: Definition; evidence: ProposalEvidence };

/** Sources are named `left` (the anchor) and `right`. Fails with NO_SHARED_KEY, and with whatever reading a file fails with. */
export async function proposeDefinition(engine: Engine, request: ProposeRequest): Promise<Result<Proposal>> {
  const files = { left: request.left, right: request.right };
  const headers = await headersOf(files);
  if (!headers.ok) return headers;
  const keys = request.keys?.map((key) => given(typeof key === 'string' ? { left: key, right: key } : key));
  const compared = request.compared?.map(given);
  const known = [...(keys ?? []), ...(compared ?? [])];
  const unknown = known.flatMap((pair) => columnsNotIn(headers.value, pair))[0];
  if (unknown) return fail('COLUMN_MISSING', unknown);
  const free = (side: Side) => headers.value[side].filter((column) => !known.some((pair) => pair[side] === column));
  const named = pairColumnsByName(free('left'), free('right'));
  // With the key given and nothing to propose, the headers say all.
  if (keys && request.compare === 'shared') return ok(proposalOf(headers.value, { pairs: keys }, compared ?? named));

  const profiled = await profileColumns(engine, files, headers.value);
  if (!profiled.ok) return profiled;
  const profile = profiled.value;
  const empty = noRows(profile);
  if (empty) return empty;
  const valued = await pairColumnsByValues(engine, profile.left, profile.right, [...known, ...named]);
  const all = [...named, ...valued];
  let key: ProposedKey | undefined = keys && { pairs: keys };
  // Only when the names that are shared hold no key are others looked at, for a comparison of shared columns.
  if (!key && request.compare === 'shared') key = await findKey(engine, profile, named, compared);
  key ??= await findKey(engine, profile, all, compared);
  if (!key) return fail('NO_SHARED_KEY', noKeyDetail(all));
  const rest = compared ?? (request.compare === 'shared' ? named : all).filter((pair) => !key.pairs.includes(pair));
  if (request.compare === 'shared') return ok(proposalOf(headers.value, key, rest, profile));
  const tolerances = await proposeTolerances(engine, profile, key.pairs, rest);
  return ok(proposalOf(headers.value, key, rest, profile, tolerances));
}

type ProposedKey = Pick<FoundKey, 'pairs'> | FoundKey;

function given(pair: { left: string; right: string }): PairedColumn {
  return { ...pair, by: 'given' };
}

function columnsNotIn(headers: Record<Side, string[]>, pair: PairedColumn): string[] {
  return (['left', 'right'] as const)
    .filter((side) => !headers[side].includes(pair[side]))
    .map((side) => `${side}: no column '${pair[side]}'; there is ${headers[side].join(', ')}`);
}

function noKeyDetail(pairs: PairedColumn[]): string {
  if (pairs.length === 0) return 'The files share no column';
  return `No set of up to 4 of the shared columns tells the rows apart and has keys that are in both files: ${pairs.map(pairText).join(', ')}`;
}

/** With tolerances, types and readings are proposed too. */
function proposalOf(
  headers: Record<Side, string[]>,
  key: ProposedKey,
  compared: PairedColumn[],
  profile?: Profile,
  tolerances?: Map<string, ProposedTolerance>,
): Proposal {
  const pairs = [...key.pairs, ...compared];
  const names = canonicalNames(pairs.map((pair) => pair.left));
  const fields = pairs.map((pair, index): Field => {
    const isKey = key.pairs.includes(pair);
    const { note: _note, ...tolerance } = tolerances?.get(pair.left) ?? { note: '' };
    return {
      name: names[index]!,
      role: isKey ? 'KEY' : 'COMPARE',
      ...(!isKey && profile && tolerances && typeAndReading(profile, pair)),
      ...(!isKey && tolerance),
      mapping: { left: pair.left, right: pair.right },
    };
  });
  const currency = fields.find(isCurrency);
  return {
    definition: {
      name: 'proposed',
      sources: [{ name: 'left', anchor: true }, { name: 'right' }],
      fields,
      passes: [{ kind: 'exact-key' }],
      ...(currency && { currencyField: currency.name }),
    },
    evidence: {
      pairs,
      unpaired: {
        left: headers.left.filter((column) => !pairs.some((pair) => pair.left === column)),
        right: headers.right.filter((column) => !pairs.some((pair) => pair.right === column)),
      },
      ...('overlap' in key && { key }),
      notes: [
        ...keyNotes(key),
        ...pairs
          .filter((pair) => pair.by === 'values')
          .map((pair) => `${pairText(pair)}: paired by their values, not their names`),
        ...[...(tolerances?.values() ?? [])].map((proposal) => proposal.note),
        ...(profile?.notes ?? []),
      ],
    },
  };
}

function keyNotes(key: ProposedKey): string[] {
  if (!('overlap' in key)) return [];
  const share = (value: number) => `${Math.floor(value * 1000) / 10} %`;
  const names = key.pairs.map(pairText).join(' + ');
  const notes = [`key: ${names}, in both files for ${share(key.overlap)} of the keys of the smaller`];
  for (const side of ['left', 'right'] as const)
    if (key.uniqueness[side] < 1)
      notes.push(`key: not unique in ${side}: ${share(key.uniqueness[side])} of its rows have one of their own`);
  return notes;
}

export function pairText(pair: { left: string; right: string }): string {
  return pair.left === pair.right ? pair.left : `${pair.left} = ${pair.right}`;
}

/** Canonical names: unique without regard to case, not empty, not starting with the mark of built-in columns. */
export function canonicalNames(columns: string[]): string[] {
  const taken = new Set<string>();
  return columns.map((column) => {
    const base = column.replace(/^\$+/, '').trim() || 'column';
    let name = base;
    for (let n = 2; taken.has(name.toLowerCase()); n += 1) name = `${base}_${n}`;
    taken.add(name.toLowerCase());
    return name;
  });
}

/** A text field that says the currency of a row's amounts, by its name. */
export function isCurrency(field: Pick<Field, 'name' | 'type'>): boolean {
  return ['currency', 'ccy', 'curr'].includes(plainName(field.name)) && (field.type ?? 'text') === 'text';
}

function typeAndReading(profile: Profile, pair: PairedColumn): { type?: FieldType; reading?: Record<string, Reading> } {
  const left = profile.left.columns.find((column) => column.name === pair.left);
  const right = profile.right.columns.find((column) => column.name === pair.right);
  if (!left || !right) return {};
  const type = commonType(left, right);
  if (type === 'text' || type === 'boolean') return { type };
  const reading = Object.fromEntries(
    [['left', left.reading] as const, ['right', right.reading] as const].filter(
      ([, given]) => Object.keys(given).length > 0,
    ),
  );
  return { type, ...(Object.keys(reading).length > 0 && { reading }) };
}

/** A column without values has no type of its own. Types that do not meet are compared as text. */
function commonType(left: ColumnProfile, right: ColumnProfile): FieldType {
  if (left.type === right.type || right.distinct === 0) return left.type;
  if (left.distinct === 0) return right.type;
  const both = [left.type, right.type].sort().join('+');
  return both === 'decimal+integer' ? 'decimal' : both === 'date+datetime' ? 'datetime' : 'text';
}
