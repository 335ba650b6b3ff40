// The way of one key, or of one record, through a run: its records on every side, their outcome and pass, the comparison of each field, and what
// else was weighed. Found by the rows of its records, as a pass may have paired them with other keys. Reads result files and
// sources; it matches nothing anew.
import { type Definition, legsOf } from '../../domain/definition.ts';
import type { MatchEvidence } from '../../domain/match-evidence.ts';
import type { BreakType } from '../../domain/outcome.ts';
import type { Engine } from '../engine.ts';
import { keyColumn, keySeparator, type LoadedSource, rowColumn } from '../records.ts';
import { identifier, literal } from '../sql.ts';
import { type ExplainedPair, filesOf, legsColumn, oneOf, pairOf, pairsSql } from './explain-pair.ts';
import { fieldValue } from './match-plan.ts';

export type ExplainRequest = {
  definition: Definition;
  /** As given to `matchSources`, the anchor first. */
  sources: LoadedSource[];
  matchesPaths: string[];
  breaksPaths: string[];
} & (
  | {
      /** The KEY fields in the definition's order, as normalised; null where the record has none. */
      key: (string | null)[];
    }
  | { record: { source: string; row: number } }
);

/** Records that were matched as a set, because their amounts add up or because somebody said so. */
export type ExplainedGroup = {
  /** The leg. */
  source: string;
  id: string;
  pass: string;
  confidence: number;
  members: ExplainedRecord[];
};

export type ExplainedRecord = { source: string; row: string; values: Record<string, string | null> };

/** A record that was weighed for a break and not taken, the best first. */
export type ExplainedCandidate = {
  source: string;
  pass: string;
  /** `tied`: to take it would be a guess. `suggested`: a person is to say. `nearest`: it fails the fields of `failed`. */
  kind: 'tied' | 'suggested' | 'nearest';
  /** Of identical records the first few, of a large set the first hundred; `records` says how many there are. */
  rows: number[];
  records: number;
  key: (string | null)[] | null;
  /** In millionths of the limits of the conditions, and a thousand limits for each field that differs. */
  cost: number | null;
  failed: string[];
  /** Of a fuzzy pass: what its values say, and the first of `rows`. */
  evidence?: MatchEvidence;
  record?: ExplainedRecord;
};

export type ExplainedBreak = {
  type: BreakType;
  missingIn: string | null;
  source: string;
  occurrence: number;
  identity: string;
  leftRow: string | null;
  rightRow: string | null;
  candidates: ExplainedCandidate[];
};

export type ExplainedKey = {
  /** Null where a record was asked for. */
  key: (string | null)[] | null;
  records: ExplainedRecord[];
  /** Anchor and leg records that a pass put together, agreeing or not. Their keys may differ. */
  pairs: ExplainedPair[];
  groups: ExplainedGroup[];
  breaks: ExplainedBreak[];
  /** True when the key has more than `shownMax` records on a side, pairs or breaks; only the first are here. */
  cut: boolean;
};

/** A person reads this; a key with more records than that is a wrong key. */
export const shownMax = 100;

const row = identifier(rowColumn);

/** Empty lists when no source has the key, or the record. */
export async function explainKey(engine: Engine, request: ExplainRequest): Promise<ExplainedKey> {
  const { definition, sources, matchesPaths, breaksPaths } = request;
  let cut = false;
  const rowsOf = async <Row>(sql: string): Promise<Row[]> => {
    const found = await engine.rows<Row>(`${sql} LIMIT ${shownMax + 1}`);
    cut ||= found.length > shownMax;
    return found.slice(0, shownMax);
  };
  const records: ExplainedRecord[] = [];
  const own = new Map<string, string[]>();
  for (const source of sources) {
    const found = await rowsOf<Omit<StoredRecord, 'source'>>(recordsSql(definition, source, asked(request, source)));
    records.push(...found.map((one) => recordOf({ ...one, source: source.source })));
    own.set(
      source.source,
      found.map((one) => one.row),
    );
  }
  const anchor = sources[0]!;
  const columns = { matches: await columnsOf(engine, matchesPaths), breaks: await columnsOf(engine, breaksPaths) };
  const breaks: ExplainedBreak[] = [];
  const ofAny = sources.slice(1).map((leg) => ofBreak(definition, leg, own.get(leg.source)!));
  const stored = await rowsOf<StoredBreak>(
    `SELECT break_type AS "type", missing_in AS "missingIn", source, occurrence, identity, left_row AS "leftRow", right_row AS "rightRow",
       ${columns.breaks.has('explanation') ? 'explanation' : 'NULL AS explanation'}
     FROM ${filesOf(breaksPaths)} WHERE ${[oneOf('left_row', own.get(anchor.source)!), ...ofAny].join(' OR ')} ORDER BY occurrence, "leftRow", "rightRow"`,
  );
  for (const { explanation, ...one } of stored) {
    const candidates = candidatesOf(explanation);
    for (const candidate of candidates)
      if (candidate.evidence) {
        const source = sources.find((known) => known.source === candidate.source)!;
        const [first] = await engine.rows<Omit<StoredRecord, 'source'>>(
          recordsSql(definition, source, `s.${row} = ${candidate.rows[0]}`),
        );
        if (first) candidate.record = recordOf({ ...first, source: source.source });
      }
    breaks.push({ ...one, candidates });
  }
  const pairs: ExplainedPair[] = [];
  const groups: ExplainedGroup[] = [];
  for (const leg of sources.slice(1)) {
    const rows = { left: own.get(anchor.source)!, right: own.get(leg.source)! };
    const found = await rowsOf<Record<string, string | boolean | number | null>>(pairsSql(request, leg, rows, columns));
    pairs.push(...found.map((one) => pairOf(definition, anchor, leg, one)));
    if (!columns.matches.has('group_id')) continue;
    const ofLeg = legsOf(definition).length > 1 ? `source = ${literal(leg.source)} AND ` : '';
    const sets = await rowsOf<{ id: string; pass: string; confidence: number }>(
      `SELECT group_id AS id, any_value(pass) AS pass, any_value(confidence) AS confidence FROM ${filesOf(matchesPaths)}
       WHERE ${ofLeg}group_id IS NOT NULL AND (${oneOf('left_row', rows.left)} OR ${oneOf('right_row', rows.right)}) GROUP BY 1 ORDER BY 1`,
    );
    for (const set of sets) {
      const members: ExplainedRecord[] = [];
      for (const [source, column] of [
        [anchor, 'left_row'],
        [leg, 'right_row'],
      ] as const) {
        const where = `s.${row} IN (SELECT ${column} FROM ${filesOf(matchesPaths)} WHERE ${ofLeg}group_id = ${literal(set.id)})`;
        const stored = await rowsOf<Omit<StoredRecord, 'source'>>(recordsSql(definition, source, where));
        members.push(...stored.map((one) => recordOf({ ...one, source: source.source })));
      }
      groups.push({ source: leg.source, ...set, members });
    }
  }
  return { key: 'key' in request ? request.key : null, records, pairs, groups, breaks, cut };
}

/** Whether a record under the alias `s` is one that was asked for. */
function asked(request: ExplainRequest, { source }: LoadedSource): string {
  if ('key' in request) return `s.${identifier(keyColumn)} = ${literal(keyText(request.key))}`;
  return source === request.record.source ? `s.${row} = ${request.record.row}` : 'false';
}

type StoredRecord = { source: string; row: string; values: string };
type StoredBreak = Omit<ExplainedBreak, 'candidates'> & { explanation: string | null };

function recordsSql(definition: Definition, source: LoadedSource, where: string): string {
  const values = definition.fields.map(
    ({ name }) => `${identifier(name)}: (${fieldValue(source, 's', name)})::VARCHAR`,
  );
  return `SELECT s.${row} AS "row", to_json({${values.join(', ')}})::VARCHAR AS "values" FROM ${source.relation} s
    WHERE ${where} ORDER BY s.${row}`;
}

function recordOf({ source, row: number, values }: StoredRecord): ExplainedRecord {
  return { source, row: number, values: JSON.parse(values) };
}

function candidatesOf(explanation: string | null): ExplainedCandidate[] {
  if (explanation === null) return [];
  const { candidates } = JSON.parse(explanation) as {
    candidates: (Omit<ExplainedCandidate, 'key' | 'evidence'> & {
      key: string | null;
      evidence?: MatchEvidence | null;
    })[];
  };
  // The probability is in the evidence.
  return candidates.map(({ source, pass, kind, rows, records, key, cost, failed, evidence }) => ({
    ...{ source, pass, kind, rows, records, cost, failed },
    key: key === null ? null : key.split(keySeparator),
    ...(evidence && { evidence }),
  }));
}

async function columnsOf(engine: Engine, paths: string[]): Promise<Set<string>> {
  const found = await engine.rows<{ column_name: string }>(`DESCRIBE FROM ${filesOf(paths)}`);
  return new Set(found.map(({ column_name }) => column_name));
}

/** Whether a break is of one of the rows of a leg. */
function ofBreak(definition: Definition, leg: LoadedSource, rows: string[]): string {
  if (rows.length === 0) return 'false';
  if (legsOf(definition).length === 1) return oneOf('right_row', rows);
  return `len(list_filter(${legsColumn}, lambda one: one.source = ${literal(leg.source)} AND ${oneOf('one."row"', rows)})) > 0`;
}

/** Parts that are null are empty in the key, as loading writes it. */
function keyText(key: (string | null)[]): string {
  return key.map((part) => part ?? '').join(keySeparator);
}
