// Why two records are the same thing, or nearly: per field both values, how near they are and what that weighs, and how the
// probability follows from it.
import type { MatchEvidence } from '../../shared/domain/match-evidence.ts';
import { aligned } from './aligned.ts';
import { shortened } from './summary-parts.ts';

const valueCharactersMax = 26;

type Values = Record<string, string | null>;

export function evidenceTable(
  { prior, fields, weight, alone, probability }: MatchEvidence,
  left: { name: string; values: Values },
  right: { name: string; values: Values },
): string[] {
  return [
    ...aligned(
      [
        ['', left.name, right.name, 'how near', 'similarity', 'weight'],
        ...fields.map((one) => [
          one.field,
          shown(left.values[one.field]),
          shown(right.values[one.field]),
          one.level,
          one.similarity === null ? '' : one.similarity.toFixed(2),
          bits(one.weight),
        ]),
        ['before any value', '', '', '', '', bits(prior)],
        ['sum', '', '', '', '', bits(weight)],
      ],
      [4, 5],
    ),
    `  2^${weight.toFixed(2)} to 1: probability ${alone}${alone === probability ? '' : `; beside the other pairs that either record could be in, ${probability}`}`,
  ];
}

/** Bits, with a sign: they add up. */
function bits(weight: number): string {
  return `${weight < 0 ? '-' : '+'}${Math.abs(weight).toFixed(2)}`;
}

function shown(value: string | null | undefined): string {
  return value === null || value === undefined ? '(none)' : shortened(value, valueCharactersMax);
}
