// Says what is wrong with a fuzzy pass of a definition: what it compares, by what it must not compare everything with
// everything, and figures that no probability or weight can be.
import {
  checkBothSides,
  checkKind,
  checkSomeSource,
  kindOf,
  type Seen,
  takeField,
  tellsApart,
  usableCurrency,
} from './check-pass-fields.ts';
import { hasControl, type Report } from './check-values.ts';
import type { Definition, Field, FuzzyField, FuzzyPass } from './definition.ts';

const bounds = {
  fields: 50,
  equal: 20,
  blocks: 50,
  groups: 10_000,
  /** Of one group, and of all groups together. */
  spellings: 1_000,
  spellingsOfAll: 50_000,
  spellingLength: 200,
};
const weightMax = 100;
/** Bits: as much as any evidence can be. */
const tieMarginMax = 1_000;

export function checkFuzzyPass(definition: Definition, pass: FuzzyPass, path: string, report: Report): void {
  const { threshold, targetPrecision, tieMargin } = pass;
  checkFields(definition, pass, path, report);
  checkBlocks(pass, definition, `${path}.blocks`, report);
  if (threshold !== undefined) checkShare(threshold, `${path}.threshold`, report);
  if (targetPrecision !== undefined) checkShare(targetPrecision, `${path}.targetPrecision`, report);
  if (threshold !== undefined && targetPrecision !== undefined)
    report(`${path}.targetPrecision`, 'there is a threshold too: one of them decides');
  if (tieMargin !== undefined) checkFigure(tieMargin, tieMarginMax, `${path}.tieMargin`, 'bits', report);
  checkEquivalences(pass, `${path}.equivalences`, report);
}

function checkFields(definition: Definition, pass: FuzzyPass, path: string, report: Report): void {
  const { fields, equal = [] } = pass;
  const seen: Seen = new Map();
  const found: Field[] = [];
  if (fields.length === 0)
    report(`${path}.fields`, 'must name at least one field: by it records are told to be the same');
  if (fields.length > bounds.fields) report(`${path}.fields`, `must be at most ${bounds.fields}`);
  if (equal.length > bounds.equal) report(`${path}.equal`, `must be at most ${bounds.equal}`);
  for (const [index, one] of fields.entries()) {
    const at = `${path}.fields[${index}]`;
    const field = takeField(definition, one.field, `${at}.field`, seen, report);
    checkFuzzyField(one, at, report);
    if (!field) continue;
    found.push(field);
    checkBothSides(definition, field, `${at}.field`, report);
    checkComparison(definition, field, one, at, report);
  }
  if (found.length > 0 && found.length === fields.length && !found.some((field) => tellsApart(definition, field)))
    report(`${path}.fields`, 'at least one must tell records apart: not a boolean, and no constant');
  if (fields.length > 0 && fields.every(({ weight }) => weight === 0))
    report(`${path}.fields`, 'the weights of the fields add up to nothing');
  for (const [index, name] of equal.entries()) {
    const field = takeField(definition, name, `${path}.equal[${index}]`, seen, report);
    if (!field) continue;
    found.push(field);
    checkBothSides(definition, field, `${path}.equal[${index}]`, report);
  }
  checkSomeSource(definition, found, path, report);
  checkCurrency(definition, pass, path, report);
}

function checkFuzzyField({ weight, similarityMin }: FuzzyField, path: string, report: Report): void {
  if (weight !== undefined) checkFigure(weight, weightMax, `${path}.weight`, 'a factor', report);
  if (similarityMin !== undefined) checkShare(similarityMin, `${path}.similarityMin`, report);
}

/** A number or a date that is known to be none has no distance. */
function checkComparison(definition: Definition, field: Field, { as }: FuzzyField, path: string, report: Report): void {
  const kind = kindOf(definition, field);
  // Texts may be written numbers or dates, and a whole number may be a date as it is written: 20240229.
  if (as === 'number' && kind !== 'text') checkKind(definition, field, 'number', `${path}.as`, report);
  if (as === 'date' && kind !== 'text' && field.type !== 'integer')
    checkKind(definition, field, 'date', `${path}.as`, report);
}

function checkBlocks({ blocks, fields, equal = [] }: FuzzyPass, definition: Definition, path: string, report: Report) {
  if (!blocks) return;
  if (blocks.length === 0) report(path, 'must have at least one list of fields, or be left out');
  if (blocks.length > bounds.blocks) report(path, `must be at most ${bounds.blocks}`);
  const known = new Set([...fields.map(({ field }) => field), ...equal]);
  for (const [index, block] of blocks.entries()) {
    const at = `${path}[${index}]`;
    if (block.length === 0) report(at, 'must name a field: without one everything is compared with everything');
    for (const [place, name] of block.entries()) {
      if (!known.has(name)) report(`${at}[${place}]`, `"${name}" is no field of the pass`);
      if (block.indexOf(name) < place) report(`${at}[${place}]`, `"${name}" is there twice`);
    }
    const named = definition.fields.filter(({ name }) => known.has(name) && block.includes(name));
    if (named.length > 0 && named.length === block.length && !named.some((field) => tellsApart(definition, field)))
      report(at, 'at least one must divide the records: not a boolean, and no constant');
  }
}

function checkCurrency(definition: Definition, pass: FuzzyPass, path: string, report: Report): void {
  const isAmount = (name: string) => {
    const field = definition.fields.find((one) => one.name === name);
    return field !== undefined && kindOf(definition, field) === 'number';
  };
  const lacking = lackingCurrency(definition, pass, isAmount);
  if (lacking)
    report(`${path}.equal`, `must name "${lacking}": amounts of different currencies are not near each other`);
}

/**
 * The currency that a pass which compares amounts has to name. Where the currency is compared, a pair that differs in it is a mismatch;
 * else nobody would ever see that it does.
 */
export function lackingCurrency(
  definition: Definition,
  { fields, equal = [] }: FuzzyPass,
  isAmount: (field: string) => boolean,
): string | undefined {
  const currency = usableCurrency(definition);
  if (!currency || (currency.role === 'COMPARE' && currency.comparison !== 'ignored')) return undefined;
  const amounts = fields.some(({ field, as }) => as === 'number' || (as === undefined && isAmount(field)));
  const named = equal.includes(currency.name) || fields.some(({ field }) => field === currency.name);
  return amounts && !named ? currency.name : undefined;
}

function checkEquivalences({ equivalences = [] }: FuzzyPass, path: string, report: Report): void {
  const spellings = equivalences.reduce((sum, group) => sum + group.length, 0);
  if (equivalences.length > bounds.groups) report(path, `must be at most ${bounds.groups} groups`);
  else if (spellings > bounds.spellingsOfAll)
    report(path, `must have at most ${bounds.spellingsOfAll} spellings together`);
  for (const [index, group] of equivalences.entries()) {
    const at = `${path}[${index}]`;
    if (group.length < 2) report(at, 'must have at least two spellings of the same thing');
    if (group.length > bounds.spellings) report(at, `must have at most ${bounds.spellings} spellings`);
    for (const [place, spelling] of group.entries()) {
      if (spelling.trim() === '') report(`${at}[${place}]`, 'must not be empty');
      if (spelling.length > bounds.spellingLength)
        report(`${at}[${place}]`, `must have at most ${bounds.spellingLength} characters`);
      if (hasControl(spelling)) report(`${at}[${place}]`, 'must not hold control characters');
    }
  }
}

function checkShare(value: number, path: string, report: Report): void {
  if (!(value >= 0 && value <= 1)) report(path, 'must be a number from 0 to 1');
}

function checkFigure(value: number, max: number, path: string, what: string, report: Report): void {
  if (!(value >= 0 && value <= max)) report(path, `must be ${what} from 0 to ${max}`);
}
