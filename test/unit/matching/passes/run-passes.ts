// Test support: runs a definition with passes after the exact key over rows written in a test, and shows by row numbers who
// was paired with whom, by which pass, and what became of the rest.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Definition, Pass } from '../../../../shared/domain/definition.ts';
import type { LearnedPasses } from '../../../../shared/domain/learned.ts';
import type { MatchEvidence } from '../../../../shared/domain/match-evidence.ts';
import { type Engine, openEngine } from '../../../../shared/matching/engine.ts';
import type { Matched } from '../../../../shared/matching/match/matched.ts';
import type { LoadedSource } from '../../../../shared/matching/records.ts';
import { literal } from '../../../../shared/matching/sql.ts';
import {
  canonicalLines,
  definitionOf,
  type FieldSpec,
  matchRows,
  type Row,
  sourceOf,
} from '../match/records-from-rows.ts';
import { mirrored } from './pass-rules.ts';

export type Candidate = {
  source: string;
  pass: string;
  kind: 'tied' | 'suggested' | 'nearest';
  rows: number[];
  records: number;
  key: string | null;
  cost: number | null;
  failed: string[];
  /** Of a fuzzy pass. */
  probability?: number;
  evidence?: MatchEvidence;
};

export type FoundBreak = {
  type: string;
  left: number | null;
  right: number | null;
  fields: string[];
  differences: unknown[];
  pass: string | null;
  candidates: Candidate[] | null;
  /** Of a pair of a fuzzy pass that differs. */
  evidence?: MatchEvidence;
};

export type Found = {
  /** `left-right pass`, with `source:` before it where there are several legs; sorted. */
  pairs: string[];
  confidence: Record<string, number>;
  /** Of a definition with a fuzzy pass. */
  evidence: Record<string, MatchEvidence | null>;
  breaks: FoundBreak[];
  /** `left|right row TYPE`, sorted: every record that is not in a matched pair. */
  open: string[];
  summary: Matched['summary'];
  sha256: string;
};

export type PassCase = {
  fields: FieldSpec[];
  passes: Pass[];
  left: Row[];
  right: Row[];
  more?: Partial<Definition>;
  learned?: LearnedPasses;
};

let opened: Engine;
const directory = mkdtempSync(join(tmpdir(), 'passes-test-'));
beforeAll(async () => {
  opened = await openEngine({ directory, memoryMb: 500, threads: 2 });
});
afterAll(() => {
  opened.close();
  rmSync(directory, { recursive: true, force: true });
});

/** The engine of the test file. */
export function engineOfFile(): Engine {
  return opened;
}

export async function runPasses(given: PassCase): Promise<Found> {
  return runPassesIn(opened, given);
}

export async function runPassesIn(
  engine: Engine,
  { fields, passes, left, right, more, learned }: PassCase,
): Promise<Found> {
  const definition = definitionOf(fields, ['left', 'right'], { ...more, passes });
  const sources = [
    sourceOf('left', fields, left, more?.currencyField),
    sourceOf('right', fields, right, more?.currencyField),
  ];
  return foundBy(engine, definition, sources, learned);
}

export async function foundBy(
  engine: Engine,
  definition: Definition,
  sources: LoadedSource[],
  learned?: LearnedPasses,
): Promise<Found> {
  const matched = await matchRows(engine, definition, sources, learned);
  const several = sources.length > 2;
  const matches = await engine.rows<Record<string, string>>(`FROM ${literal(matched.matchesPath)}`);
  const name = (one: Record<string, string>) =>
    `${several ? `${one.source}:` : ''}${one.left_row}-${one.right_row} ${one.pass}`;
  const rows = await engine.rows<Record<string, unknown>>(
    `SELECT * FROM ${literal(matched.breaksPath)} ORDER BY key NULLS LAST, occurrence, left_row NULLS LAST, right_row`,
  );
  const number = (value: unknown) => (value === null ? null : Number(value));
  const breaks = rows.map(
    (one): FoundBreak => ({
      type: one.break_type as string,
      left: number(one.left_row),
      right: number(one.right_row),
      fields: one.fields as string[],
      differences: JSON.parse(one.differences as string),
      pass: (one.pass as string | null) ?? null,
      candidates: null,
      ...(one.explanation != null && JSON.parse(one.explanation as string)),
    }),
  );
  const { sha256 } = await canonicalLines(engine, definition, sources, [matched]);
  return {
    pairs: matches.map(name).sort(),
    confidence: Object.fromEntries(matches.map((one) => [name(one), Number(one.confidence)])),
    evidence: Object.fromEntries(matches.map((one) => [name(one), one.evidence ? JSON.parse(one.evidence) : null])),
    breaks,
    open: breaks
      .flatMap(({ type, left, right }) => [
        ...(left === null ? [] : [`left ${left} ${type}`]),
        ...(right === null ? [] : [`right ${right} ${type}`]),
      ])
      .sort(),
    summary: matched.summary,
    sha256,
  };
}

/** Currency and amount, and a key that both sides have: what most cases need. */
export const money: FieldSpec[] = [
  { name: 'id', sqlType: 'VARCHAR', role: 'KEY' },
  { name: 'amount', sqlType: 'DECIMAL(18,2)' },
];

/** A row whose key is also its field `id`. */
export function row(key: string | null, ...values: (string | null)[]): Row {
  return [key, key, ...values];
}

/** A row of a table of cases: what is paired and what is left open, none unless given. */
export type TableCase = Omit<PassCase, 'fields'> & {
  name: string;
  fields?: FieldSpec[];
  pairs?: string[];
  open?: string[];
};

/** And the other way round, where the rules are the same read backwards. */
export async function expectBothWays(given: TableCase): Promise<void> {
  const found = await runPasses({ fields: money, ...given });
  expect(found.pairs).toEqual(given.pairs ?? []);
  expect(found.open).toEqual(given.open ?? []);
  const sides = { left: given.right, right: given.left };
  const back = await runPasses({ fields: money, ...given, ...sides, passes: mirrored(given.passes) });
  const swapped = (name: string) => name.replace(/^(\d+)-(\d+)/, '$2-$1');
  const otherSide = (name: string) => name.replace(/^\w+/, (side) => (side === 'left' ? 'right' : 'left'));
  expect(back.pairs.map(swapped).sort()).toEqual(found.pairs);
  expect(back.open.map(otherSide).sort()).toEqual(found.open);
}
