// Says what is wrong with the passes of a definition: a pass must be able to find something, must keep its search
// within blocks, and must not ask for two things that cannot both be.
import { checkFuzzyPass } from './check-fuzzy-pass.ts';
import {
  checkBothSides,
  checkKind,
  checkSomeSource,
  isMapped,
  type Seen,
  takeField,
  tellsApart,
  usableCurrency,
} from './check-pass-fields.ts';
import { checkLimit, checkName, checkWhole, daysMax, type Report } from './check-values.ts';
import {
  type Condition,
  type DayWindow,
  type Definition,
  type Fee,
  type Field,
  type GroupedPass,
  passName,
  type TolerancePass,
} from './definition.ts';

/** Each pass reads the residue of the one before once more; nobody reads a report of more. */
const passesMax = 50;
/** What a search for sets may take up together: eight of a block of a hundred are 1.9 × 10¹¹ sets. */
const recordsMax = { from: 2, to: 8 };
const stepsMax = { from: 1, to: 1_000_000_000 };

export function checkPasses(definition: Definition, report: Report): void {
  const { passes } = definition;
  if (passes.length === 0) report('passes', 'must hold at least one pass');
  if (passes.length > passesMax) report('passes', `must be at most ${passesMax}`);
  const names = new Map<string, number>();
  let exact: number | undefined;
  for (const [index, pass] of passes.entries()) {
    const path = `passes[${index}]`;
    if (pass.name !== undefined) checkName(pass.name, `${path}.name`, report);
    const name = passName(pass, index);
    const earlier = names.get(name.toLowerCase());
    if (earlier !== undefined) report(`${path}.name`, `"${name}" is the name of passes[${earlier}] too`);
    else names.set(name.toLowerCase(), index);
    if (pass.kind === 'tolerance') checkTolerancePass(definition, pass, path, report);
    else if (pass.kind === 'grouped') checkGroupedPass(definition, pass, path, report);
    else if (pass.kind === 'fuzzy') checkFuzzyPass(definition, pass, path, report);
    else if (pass.kind !== 'exact-key')
      report(`${path}.kind`, `there is no pass of kind "${(pass as { kind: string }).kind}"`);
    else if (exact !== undefined) report(`${path}.kind`, `passes[${exact}] is of kind exact-key too: one finds all`);
    else {
      exact = index;
      if (index > 0) report(`${path}.kind`, 'an exact-key pass must be the first: no other may take its records');
    }
  }
}

function checkTolerancePass(definition: Definition, pass: TolerancePass, path: string, report: Report): void {
  const { conditions } = pass;
  const seen: Seen = new Map();
  const fields: Field[] = [];
  let blocks = false;
  for (const [index, condition] of conditions.entries()) {
    const at = `${path}.conditions[${index}]`;
    const field = takeField(definition, condition.field, `${at}.field`, seen, report);
    checkCondition(definition, condition, field, at, report);
    if (!field) continue;
    fields.push(field);
    checkBothSides(definition, field, `${at}.field`, report);
    blocks ||= makesBlocks(definition, condition, field);
  }
  if (fields.length === conditions.length && !blocks)
    report(
      `${path}.conditions`,
      'at least one must divide the records into blocks: an equal field (but no boolean and no constant), an absolute tolerance, a percentage below 100, or days',
    );
  checkSomeSource(definition, fields, `${path}.conditions`, report);
  checkNearCurrency(definition, pass, `${path}.conditions`, report);
  if (pass.tieMargin !== undefined) checkLimit(pass.tieMargin, `${path}.tieMargin`, report);
}

function checkCondition(
  definition: Definition,
  condition: Condition,
  field: Field | undefined,
  path: string,
  report: Report,
): void {
  if ('absolute' in condition) checkLimit(condition.absolute, `${path}.absolute`, report);
  else if ('percent' in condition) checkLimit(condition.percent, `${path}.percent`, report, 100);
  else if ('daysBefore' in condition) checkWindow(definition, condition, path, report);
  else return;
  if (!field) return;
  const wanted = 'daysBefore' in condition ? 'date' : 'number';
  checkKind(definition, field, wanted, `${path}.field`, report);
}

function checkWindow(definition: Definition, window: DayWindow, path: string, report: Report): void {
  checkWhole(window.daysBefore, 0, daysMax, `${path}.daysBefore`, report);
  checkWhole(window.daysAfter, 0, daysMax, `${path}.daysAfter`, report);
  const { calendar } = window;
  if (calendar !== undefined && !Object.hasOwn(definition.calendars ?? {}, calendar))
    report(`${path}.calendar`, `there is no calendar "${calendar}"`);
}

function checkGroupedPass(definition: Definition, pass: GroupedPass, path: string, report: Report): void {
  const { by, cardinality, tolerance, window, fee, search, tieMargin } = pass;
  const seen: Seen = new Map();
  const fields: Field[] = [];
  const netting = cardinality === 'netting';
  for (const [index, name] of by.entries()) {
    const field = takeField(definition, name, `${path}.by[${index}]`, seen, report);
    if (!field) continue;
    fields.push(field);
    if (!netting) checkBothSides(definition, field, `${path}.by[${index}]`, report);
  }
  if (by.length === 0 && !search)
    report(`${path}.by`, 'must name a field unless sets are searched for: otherwise all records are one group');
  const amount = takeField(definition, pass.amount, `${path}.amount`, seen, report);
  if (amount) {
    checkKind(definition, amount, 'number', `${path}.amount`, report);
    for (const { name } of definition.sources) {
      if (!isMapped(amount, name)) report(`${path}.amount`, `"${amount.name}" must be mapped for the source "${name}"`);
    }
  }
  if (window) {
    checkWindow(definition, window, `${path}.window`, report);
    const field = takeField(definition, window.field, `${path}.window.field`, seen, report);
    if (field) {
      fields.push(field);
      checkKind(definition, field, 'date', `${path}.window.field`, report);
      if (!netting) checkBothSides(definition, field, `${path}.window.field`, report);
    }
  }
  if (netting) {
    if (fields.length > 0 && !definition.sources.some(({ name }) => fields.every((field) => isMapped(field, name))))
      report(path, 'no source has all the fields of by and window, so nothing could ever be found');
  } else checkSomeSource(definition, fields, path, report);
  checkCurrency(definition, pass, path, report);
  if (tolerance && 'absolute' in tolerance) checkLimit(tolerance.absolute, `${path}.tolerance.absolute`, report);
  else if (tolerance) {
    checkLimit(tolerance.percent, `${path}.tolerance.percent`, report, 100);
    if (netting) report(`${path}.tolerance.percent`, 'netting adds up to zero, and a percentage of that is zero');
  }
  if (fee) checkFee(fee, cardinality, `${path}.fee`, report);
  if (search?.recordsMax !== undefined)
    checkWhole(search.recordsMax, recordsMax.from, recordsMax.to, `${path}.search.recordsMax`, report);
  if (search?.stepsMax !== undefined)
    checkWhole(search.stepsMax, stepsMax.from, stepsMax.to, `${path}.search.stepsMax`, report);
  if (tieMargin !== undefined) checkLimit(tieMargin, `${path}.tieMargin`, report);
}

/** A sum over currencies is no amount. */
function checkCurrency(definition: Definition, pass: GroupedPass, path: string, report: Report): void {
  const field = usableCurrency(definition);
  if (field && !pass.by.includes(field.name))
    report(`${path}.by`, `must name "${field.name}": amounts of different currencies do not add up`);
}

/** Where the currency is compared, a pair that differs in it is a mismatch; else nobody would ever see that it does. */
function checkNearCurrency(definition: Definition, { conditions }: TolerancePass, path: string, report: Report): void {
  const field = usableCurrency(definition);
  if (!field || (field.role === 'COMPARE' && field.comparison !== 'ignored')) return;
  const amounts = conditions.some((condition) => 'absolute' in condition || 'percent' in condition);
  if (amounts && !conditions.some((condition) => 'equal' in condition && condition.field === field.name))
    report(path, `must have "${field.name}" equal: amounts of different currencies are not near each other`);
}

function checkFee(fee: Fee, cardinality: GroupedPass['cardinality'], path: string, report: Report): void {
  if (cardinality === 'netting' || cardinality === 'many-to-many')
    report(path, `${cardinality} has no one record that a fee was kept back from`);
  if (fee.percent === undefined && fee.fixed === undefined) report(path, 'must have percent, fixed or both');
  if (fee.percent !== undefined) checkLimit(fee.percent, `${path}.percent`, report, 100);
  if (fee.fixed !== undefined) checkLimit(fee.fixed, `${path}.fixed`, report);
}

/** Whether records that do not hold the condition can be kept apart without comparing each with each. */
function makesBlocks(definition: Definition, condition: Condition, field: Field): boolean {
  // Of a hundred percent: zero and a million agree.
  if ('percent' in condition) return !/^\+?0*100(\.0*)?$/.test(condition.percent);
  if (!('equal' in condition)) return true;
  return tellsApart(definition, field);
}
