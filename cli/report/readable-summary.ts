// The summary for a person: counts and sums per outcome, the first breaks and rejects, where the rest is. Fits 100 columns.
import { addDecimals, compareDecimals } from '../../shared/domain/decimal.ts';
import type { RowOutcome } from '../../shared/domain/outcome.ts';
import { oneLine } from '../failures.ts';
import { aligned, grouped } from './aligned.ts';
import type { FirstBreak, RunSummary, SideReport } from './run-summary.ts';
import { rejectList, resultList, shortened, shortPath } from './summary-parts.ts';

const outcomeOrder = [
  'matched',
  'mismatched',
  'missing',
  'duplicate',
  'exhausted',
  'ambiguous',
] as const satisfies RowOutcome[];
const sumLinesMax = 30;
const recordCharactersMax = 40;

const meaning: Record<string, string> = {
  missing: 'no partner in the other',
  duplicate: 'the same row once more',
  exhausted: 'the search was given up',
  ambiguous: 'several partners fit equally',
  rejected: 'could not be read',
  excluded: 'filtered out',
};

export function readableSummary(summary: RunSummary, directory: string): string {
  const sides = [summary.left, summary.right, ...summary.further];
  const lines = [
    ...sides.map((side) => `${side.source}: ${oneLine(shortPath(side.file))}`),
    ...summary.notes.map((note) => `note: ${oneLine(note)}`),
    [
      ...(summary.key.length > 0 ? [`key ${summary.key.join(' + ')}`] : []),
      ...summary.linked.map(linkedText),
      `compared ${summary.compared.map(comparedText).join(', ') || 'nothing else'}`,
    ].join('; '),
    '',
    ...countTable(sides),
    '',
    ...passTable(summary),
    ...sumTable(summary.left, summary.right),
    ...breakList(summary),
    ...rejectList(summary.firstRejects, summary.results.rejects.rows),
    `${verdict(summary)} ${(summary.elapsedMs / 1000).toFixed(2)} s`,
    ...resultList(summary.results, directory),
  ];
  return `${lines.join('\n')}\n`;
}

function breakCount(summary: RunSummary): number {
  return Object.values(summary.breaks).reduce((sum, count) => sum + count, 0);
}

function verdict(summary: RunSummary): string {
  if (summary.agrees) return 'All rows agree.';
  const [breaks, rejects] = [breakCount(summary), summary.results.rejects.rows];
  const rejected = `, ${grouped(rejects)} rejected ${rejects === 1 ? 'row' : 'rows'}`;
  return `${grouped(breaks)} ${breaks === 1 ? 'break' : 'breaks'}${rejects === 0 ? '' : rejected}.`;
}

function linkedText({ fields, threshold, targetPrecision }: RunSummary['linked'][number]): string {
  const from = threshold === undefined ? '' : ` from probability ${threshold} on`;
  return `linked by ${fields.join(' + ')}${targetPrecision === undefined ? from : ` for a precision of ${targetPrecision}`}`;
}

function comparedText(field: RunSummary['compared'][number]): string {
  const tolerance = field.tolerance;
  if (!tolerance) return field.comparison === 'ignore-case' ? `${field.field} (any case)` : field.field;
  if ('days' in tolerance) return `${field.field} ±${tolerance.days} d`;
  return `${field.field} ±${'percent' in tolerance ? `${tolerance.percent} %` : tolerance.absolute}`;
}

function countTable(sides: SideReport[]): string[] {
  const rows = (['rows', ...outcomeOrder, 'rejected', 'excluded'] as const)
    .filter((name) => name !== 'excluded' || sides.some((side) => side.excluded > 0))
    .map((name) => [name, ...sides.map((side) => grouped(side[name])), meaning[name] ?? '']);
  return aligned(
    [['', ...sides.map((side) => side.source), ''], ...rows],
    sides.map((_, index) => index + 1),
  );
}

const yieldNames = ['pairs', 'groups', 'suggested', 'ambiguous', 'exhausted'] as const;

/** Where there is more than one pass, or one that is not sure of everything; columns in which no pass has anything are left out. */
function passTable({ passes, linked }: RunSummary): string[] {
  const notes = passes.flatMap(({ name, notes: ofPass }) => ofPass.map((note) => `note: ${name}: ${oneLine(note)}`));
  if (passes.length <= 1 && linked.length === 0) return notes.length > 0 ? [...notes, ''] : [];
  const shown = yieldNames.filter((name) => name === 'pairs' || passes.some((pass) => pass[name] > 0));
  const rows = passes.map((pass) => [
    oneLine(pass.name),
    ...shown.map((name) => grouped(pass[name])),
    ...(linked.length > 0 ? [meanConfidence(pass)] : []),
  ]);
  const head = ['pass', ...shown, ...(linked.length > 0 ? ['confidence'] : [])];
  const right = head.map((_, index) => index).slice(1);
  return [...aligned([head, ...rows], right), ...notes, ''];
}

function meanConfidence({ confidence, matched, groups }: RunSummary['passes'][number]): string {
  return matched + groups === 0 ? '' : (Number(confidence) / (matched + groups)).toFixed(3);
}

/** Per field, currency and outcome, where one side has a sum. */
function sumTable(left: SideReport, right: SideReport): string[] {
  const rows: string[][] = [];
  const fields = new Set(
    [left, right].flatMap((side) => outcomeOrder.flatMap((outcome) => Object.keys(side.sums[outcome]))),
  );
  for (const field of fields) {
    const currencies = new Set(
      [left, right].flatMap((side) => outcomeOrder.flatMap((outcome) => Object.keys(side.sums[outcome][field] ?? {}))),
    );
    for (const currency of [...currencies].sort())
      for (const outcome of outcomeOrder) {
        const [l, r] = [left, right].map((side) => side.sums[outcome][field]?.[currency] ?? '0');
        if (compareDecimals(l!, '0') === 0 && compareDecimals(r!, '0') === 0) continue;
        const difference = addDecimals(r!, l!.startsWith('-') ? l!.slice(1) : `-${l}`);
        rows.push([field, currency, outcome, grouped(l!), grouped(r!), grouped(difference)]);
      }
  }
  if (rows.length === 0) return [];
  const shown = rows.slice(0, sumLinesMax);
  const lines = aligned(
    [['sum of', '', '', left.source, right.source, `${right.source} - ${left.source}`], ...shown],
    [3, 4, 5],
  );
  return [
    ...lines,
    ...(rows.length > shown.length ? [`  and ${rows.length - shown.length} more in summary.json`] : []),
    '',
  ];
}

function breakList(summary: RunSummary): string[] {
  if (summary.firstBreaks.length === 0) return [];
  const rows = summary.firstBreaks.map((item) => [
    breakText(item),
    item.record ? recordText(item.record) : shortened(item.key.join(' | ')),
    [...item.differences.map(differenceText), ...candidateText(item)].join('; '),
  ]);
  return [`first ${summary.firstBreaks.length} of ${grouped(breakCount(summary))} breaks`, ...aligned(rows, []), ''];
}

function breakText(item: FirstBreak): string {
  return item.missingIn === null ? item.type.toLowerCase() : `missing in ${item.missingIn}`;
}

function recordText({ row, values }: NonNullable<FirstBreak['record']>): string {
  const said = Object.values(values).filter((value) => value !== null);
  return `row ${row}: ${shortened(said.join(' | '), recordCharactersMax)}`;
}

function candidateText({ candidate }: FirstBreak): string[] {
  if (!candidate) return [];
  const { kind, source, row, probability } = candidate;
  return [`${kind === 'nearest' ? 'nearest' : `${kind} with`} row ${row} of ${source}, ${probability}`];
}

function differenceText({ field, left, right }: FirstBreak['differences'][number]): string {
  return `${field} ${left === null ? '(none)' : shortened(left)} / ${right === null ? '(none)' : shortened(right)}`;
}
