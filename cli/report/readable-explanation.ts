// One key's way through a comparison, for a person: who has it, what was paired with what, which fields agree and why.
import type { ExplainedKey } from '../../shared/matching/match/explain-key.ts';
import { oneLine } from '../failures.ts';
import { aligned } from './aligned.ts';

export function readableExplanation(explained: ExplainedKey, keyFields: string[]): string {
  const lines = [explained.key.map((value, index) => `${keyFields[index]} = ${shown(value)}`).join(', '), ''];
  for (const pair of explained.pairs) {
    lines.push(
      `${pair.outcome}: row ${pair.leftRow} with row ${pair.rightRow} of ${pair.source}, by pass ${pair.pass}`,
    );
    lines.push(
      ...aligned(
        pair.fields.map((field) => [
          field.comparison === 'key' || field.comparison === 'shown' || field.comparison === 'ignored'
            ? ' '
            : field.agrees
              ? '='
              : '≠',
          field.field,
          shown(field.left),
          shown(field.right),
          [field.comparison, field.tolerance, field.difference !== null && `difference ${field.difference}`]
            .filter((part) => part)
            .join(', '),
        ]),
        [],
      ),
      '',
    );
  }
  for (const item of explained.breaks.filter((found) => found.type !== 'MISMATCH')) {
    const rows = [
      item.leftRow && `row ${item.leftRow}`,
      item.rightRow && `row ${item.rightRow} of ${item.source}`,
    ].filter((row) => row);
    lines.push(
      `${item.missingIn === null ? item.type.toLowerCase() : `missing in ${item.missingIn}`}: ${rows.join(', ')}`,
    );
  }
  lines.push('', 'records');
  const names = Object.keys(explained.records[0]?.values ?? {});
  lines.push(
    ...aligned(
      [
        ['', 'row', ...names],
        ...explained.records.map((record) => [
          record.source,
          record.row,
          ...names.map((name) => shown(record.values[name] ?? null)),
        ]),
      ],
      [1],
    ),
  );
  return `${lines.join('\n').replaceAll(/\n{3,}/g, '\n\n')}\n`;
}

function shown(value: string | null): string {
  return value === null ? '(none)' : oneLine(value);
}
