// One match of a run as somebody who reviews it has to know it: what found it, how surely and why. Reads the view `matches`.
import { anchorOf } from '../../domain/definition.ts';
import { type MatchEvidence, unlearned } from '../../domain/match-evidence.ts';
import { type FoundMatch, type Spelling, spellingCharactersMax } from '../../domain/review.ts';
import type { Run, RunInputs } from '../../domain/run.ts';
import type { Engine } from '../../matching/engine.ts';
import { type LoadedSource, rowColumn } from '../../matching/records.ts';
import { identifier, literal } from '../../matching/sql.ts';
import type { FindQuery } from '../../ports/match-query.ts';

type Stored = {
  source: string;
  left_row: string | null;
  right_row: string | null;
  group_id: string | null;
  pass: string;
  confidence: string;
  evidence: string | null;
};

export async function findMatch(
  engine: Engine,
  { source, left, right }: FindQuery,
  sourceOf: (name: string) => Promise<LoadedSource>,
  run: Run,
  { learned }: RunInputs,
): Promise<FoundMatch | null> {
  const is = (column: string, row: number | null) =>
    `${column} IS NOT DISTINCT FROM ${row === null ? 'NULL' : BigInt(row).toString()}`;
  const of = source === undefined ? '' : `AND source = ${literal(source)}`;
  const [found] = await engine.rows<Stored>(
    `FROM matches WHERE ${is('left_row', left)} AND ${is('right_row', right)} ${of} ORDER BY source LIMIT 1`,
  );
  if (!found) return null;
  const evidence = found.evidence === null ? null : (JSON.parse(found.evidence) as MatchEvidence);
  const names = (evidence?.fields ?? []).filter(({ as, level }) => as === 'name' && level !== 'equal');
  const fields = names.map(({ field }) => field);
  const sides = {
    left:
      fields.length === 0 ? {} : await valuesOf(engine, await sourceOf(anchorOf(run.definition!).name), left, fields),
    right: fields.length === 0 ? {} : await valuesOf(engine, await sourceOf(found.source), right, fields),
  };
  return {
    source: found.source,
    left,
    right,
    groupId: found.group_id,
    pass: found.pass,
    confidence: Number(found.confidence),
    evidence: evidence && unlearned(evidence, learned?.[found.pass]),
    spellings: fields.flatMap((field): Spelling[] => {
      const [one, other] = [sides.left[field], sides.right[field]];
      const told = [one, other].every((text) => text != null && text !== '' && text.length <= spellingCharactersMax);
      return told ? [{ field, left: one!, right: other! }] : [];
    }),
  };
}

async function valuesOf(
  engine: Engine,
  { relation }: LoadedSource,
  row: number | null,
  fields: string[],
): Promise<Record<string, string | null>> {
  if (row === null) return {};
  const columns = fields.map((field) => `${identifier(field)}::VARCHAR AS ${identifier(field)}`);
  const [values] = await engine.rows<Record<string, string | null>>(
    `SELECT ${columns.join(', ')} FROM ${relation} WHERE ${identifier(rowColumn)} = ${BigInt(row)}`,
  );
  return values ?? {};
}
