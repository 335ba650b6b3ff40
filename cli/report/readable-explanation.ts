// The way of a key or a record through a comparison, for a person: who has it, what was paired with what, which fields agree
// and why.
import type { MatchEvidence } from '../../shared/domain/match-evidence.ts';
import type {
  ExplainedBreak,
  ExplainedCandidate,
  ExplainedKey,
  ExplainedRecord,
} from '../../shared/matching/match/explain-key.ts';
import { oneLine } from '../failures.ts';
import { aligned } from './aligned.ts';
import { evidenceTable } from './evidence-table.ts';
import { rowsText } from './rows-text.ts';

/** `anchor` is the name of the source that the others are compared with. */
export function readableExplanation(
  explained: ExplainedKey,
  { keyFields, anchor }: { keyFields: string[]; anchor: string },
): string {
  const lines = explained.key
    ? [explained.key.map((value, index) => `${keyFields[index]} = ${shown(value)}`).join(', '), '']
    : [];
  for (const pair of explained.pairs) {
    const { evidence } = pair;
    lines.push(
      `${pair.outcome}: row ${pair.leftRow} with row ${pair.rightRow} of ${pair.source}, by pass ${pair.pass}${evidence ? '' : confidenceText(pair.confidence)}`,
    );
    const valuesOf = (side: 'left' | 'right') =>
      Object.fromEntries(pair.fields.map((field) => [field.field, field[side]]));
    if (evidence)
      lines.push(
        ...evidenceTable(
          evidence,
          { name: anchor, values: valuesOf('left') },
          { name: pair.source, values: valuesOf('right') },
        ),
      );
    lines.push(
      ...aligned(
        pair.fields
          .filter(({ comparison }) => comparison !== 'linked')
          .map((field) => [
            field.comparison === 'key' || field.comparison === 'shown' || field.comparison === 'ignored'
              ? ' '
              : field.agrees
                ? '='
                : '≠',
            field.field,
            shown(field.left),
            shown(field.right),
            [
              field.comparison === 'condition' ? null : field.comparison,
              field.tolerance,
              field.difference !== null && `difference ${field.difference}`,
            ]
              .filter((part) => part)
              .join(', '),
          ]),
        [],
      ),
      '',
    );
  }
  for (const group of explained.groups)
    lines.push(
      `matched as a group with ${group.source}, by pass ${group.pass}${confidenceText(group.confidence)}`,
      ...recordTable(group.members),
      '',
    );
  for (const item of explained.breaks.filter((found) => found.type !== 'MISMATCH'))
    lines.push(...breakLines(item, explained.records), '');
  lines.push('records', ...recordTable(explained.records));
  return `${lines.join('\n')}\n`;
}

/** Of a pair that differs there is none, and 1 goes without saying. */
function confidenceText(confidence: number | null): string {
  return confidence === null || confidence === 1 ? '' : `, confidence ${confidence}`;
}

const typeText: Record<string, string> = { SEARCH_EXHAUSTED: 'search given up' };

function breakLines(item: ExplainedBreak, records: ExplainedRecord[]): string[] {
  const rows = [
    item.leftRow && `row ${item.leftRow}`,
    item.rightRow && `row ${item.rightRow} of ${item.source}`,
  ].filter((row) => row);
  const what =
    item.missingIn === null ? (typeText[item.type] ?? item.type.toLowerCase()) : `missing in ${item.missingIn}`;
  return [
    `${what}: ${rows.join(', ')}`,
    ...aligned(
      item.candidates.map((one) => [
        one.kind,
        `${rowsText(one.rows, one.records)} of ${one.source}`,
        one.key === null ? '(no key)' : oneLine(one.key.join(' | ')),
        `pass ${one.pass}`,
        candidateText(one),
      ]),
      [],
    ),
    ...item.candidates.flatMap((one) => candidateEvidence(item, one, records)),
  ];
}

/** Of a candidate of a fuzzy pass: its record beside the one that was asked for. */
function candidateEvidence(item: ExplainedBreak, one: ExplainedCandidate, records: ExplainedRecord[]): string[] {
  const { evidence, record } = one;
  const asked = records.find(
    ({ source, row }) => source !== one.source && (row === item.leftRow || row === item.rightRow),
  );
  if (!evidence || !record || !asked) return [];
  const name = ({ source, row }: ExplainedRecord) => `row ${row} of ${source}`;
  return [
    '',
    `${kindText(one, evidence)}`,
    ...evidenceTable(
      evidence,
      { name: name(asked), values: asked.values },
      { name: name(record), values: record.values },
    ),
  ];
}

function kindText({ kind, pass }: ExplainedCandidate, { probability }: MatchEvidence): string {
  const what = { tied: 'a guess between several', suggested: 'for a person to say', nearest: 'not likely enough' };
  return `${kind}, by pass ${pass}: ${what[kind]}, probability ${probability}`;
}

const costPerLimit = 1_000_000;
const costPerField = 1_000_000_000;

function candidateText({ kind, cost, failed, evidence }: ExplainedCandidate): string {
  if (evidence) return `probability ${evidence.probability}`;
  if (kind === 'nearest') return failed.length > 0 ? `fails ${failed.join(', ')}` : 'holds every condition';
  if (cost === null) return '';
  const differing = Math.floor(cost / costPerField);
  const fields = differing > 0 ? `, ${differing} ${differing === 1 ? 'field differs' : 'fields differ'}` : '';
  return `cost ${(cost % costPerField) / costPerLimit}${fields}`;
}

function recordTable(records: ExplainedRecord[]): string[] {
  const names = Object.keys(records[0]?.values ?? {});
  return aligned(
    [
      ['', 'row', ...names],
      ...records.map((record) => [
        record.source,
        record.row,
        ...names.map((name) => shown(record.values[name] ?? null)),
      ]),
    ],
    [1],
  );
}

function shown(value: string | null): string {
  return value === null ? '(none)' : oneLine(value);
}
