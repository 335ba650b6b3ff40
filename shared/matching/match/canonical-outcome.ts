// One outcome as canonical NDJSON: what two runs over the same records must agree on, byte for byte.
// By record content: no row numbers, no ids, no times, no paths; sorted. DuckDB sorts and writes, so memory is bounded.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type Definition, legsOf } from '../../domain/definition.ts';
import type { Engine } from '../engine.ts';
import { type LoadedSource, rowColumn } from '../records.ts';
import { identifier, literal } from '../sql.ts';
import { fieldValue } from './match-plan.ts';
import { type Side, valueColumn } from './value-column.ts';

export type CanonicalRequest = {
  definition: Definition;
  /** As given to `matchSources`, the anchor first; the whole sources when the results are of chunks. */
  sources: LoadedSource[];
  /** Of every chunk. */
  matchesPaths: string[];
  breaksPaths: string[];
  /** Where the NDJSON is written; inside the engine's directory. */
  outputPath: string;
};

const row = identifier(rowColumn);

/** Writes the NDJSON and gives its SHA-256 in hex. */
export async function canonicalOutcome(
  engine: Engine,
  request: CanonicalRequest,
): Promise<{ sha256: string; lines: number }> {
  const { outputPath, matchesPaths, breaksPaths } = request;
  const has = async (paths: string[], column: string) => {
    const columns = await engine.rows<{ column_name: string }>(`DESCRIBE FROM ${filesOf(paths)}`);
    return columns.some(({ column_name }) => column_name === column);
  };
  const grouped = await has(matchesPaths, 'group_id');
  const explained = await has(breaksPaths, 'explanation');
  const weighed = await has(matchesPaths, 'evidence');
  const order = ['outcome', 'key', 'source', 'occurrence', '"left"', '"right"', 'differences', 'legs', 'missing_in'];
  if (explained) order.push('explanation');
  await engine.run(`COPY (FROM (${matchedSql(request, { grouped, weighed })} UNION ALL BY NAME ${breaksSql(request, { explained, weighed })})
    ORDER BY ${order.map((column) => `${column} NULLS FIRST`).join(', ')}) TO ${literal(outputPath)} (FORMAT json)`);
  return digest(outputPath);
}

/** `weighed`: a fuzzy pass says why its pairs are some. */
function matchedSql(request: CanonicalRequest, { grouped, weighed }: { grouped: boolean; weighed: boolean }): string {
  const { definition, sources, matchesPaths } = request;
  const [anchor, ...legs] = sources;
  return legs
    .flatMap((leg) => {
      const ofLeg = legs.length > 1 ? `source = ${literal(leg.source)}` : 'true';
      const rows = `(FROM ${filesOf(matchesPaths)} WHERE ${ofLeg})`;
      const columns = `m.pass, m.confidence, NULL::VARCHAR AS missing_in, NULL::VARCHAR[] AS fields, NULL::VARCHAR AS differences, NULL::VARCHAR AS legs`;
      const pairs = `SELECT 'matched' AS outcome, m.key, ${literal(leg.source)} AS source, NULL::INTEGER AS occurrence,
          ${contentOf(definition, anchor!, 's0')} AS "left", ${contentOf(definition, leg, 's1')} AS "right", ${columns}${weighed ? ', m.evidence' : ''}
        FROM ${rows} m JOIN ${anchor!.relation} s0 ON s0.${row} = m.left_row JOIN ${leg.relation} s1 ON s1.${row} = m.right_row
        ${grouped ? 'WHERE m.group_id IS NULL' : ''}`;
      if (!grouped) return [pairs];
      const members = (side: Side, source: LoadedSource) =>
        `(SELECT group_id, to_json(list(content ORDER BY content))::VARCHAR AS content FROM (
            SELECT DISTINCT group_id, ${side}_row, ${contentOf(definition, source, 's')} AS content
            FROM ${rows} m JOIN ${source.relation} s ON s.${row} = m.${side}_row WHERE group_id IS NOT NULL)
          GROUP BY group_id)`;
      const groups = `SELECT 'matched' AS outcome, NULL::VARCHAR AS key, ${literal(leg.source)} AS source, NULL::INTEGER AS occurrence,
          s0.content AS "left", s1.content AS "right", ${columns}${weighed ? ', NULL AS evidence' : ''}
        FROM (SELECT DISTINCT group_id, pass, confidence FROM ${rows} WHERE group_id IS NOT NULL) m
        LEFT JOIN ${members('left', anchor!)} s0 USING (group_id) LEFT JOIN ${members('right', leg)} s1 USING (group_id)`;
      return [pairs, groups];
    })
    .join(' UNION ALL ');
}

/** `explained`: there were passes after the exact key. The rows of candidates are left out, as all rows are. */
function breaksSql(
  { definition, breaksPaths }: CanonicalRequest,
  { explained, weighed }: { explained: boolean; weighed: boolean },
): string {
  const side = (name: Side) =>
    jsonOf(definition.fields.map((field) => [field.name, `b.${identifier(valueColumn(name, field.name))}`]));
  const legs =
    legsOf(definition).length > 1
      ? `to_json(from_json(b.legs, '[{"source":"VARCHAR","values":"JSON","outcome":"VARCHAR"}]'))::VARCHAR`
      : 'NULL::VARCHAR';
  const evidence = weighed ? ',"probability":"DOUBLE","evidence":"JSON"' : '';
  const candidate = `{"source":"VARCHAR","pass":"VARCHAR","kind":"VARCHAR","key":"VARCHAR","cost":"BIGINT","failed":["VARCHAR"]${evidence}}`;
  const explanation = `to_json(from_json(b.explanation, '{"candidates":[${candidate}]}').candidates)::VARCHAR`;
  return `SELECT lower(b.break_type) AS outcome, b.key, b.source, b.occurrence,
      CASE WHEN b.left_row IS NOT NULL THEN ${side('left')} END AS "left",
      CASE WHEN b.right_row IS NOT NULL THEN ${side('right')} END AS "right",
      b.missing_in, b.fields, b.differences, ${legs} AS legs
      ${explained ? `, b.pass, ${explanation} AS explanation${weighed ? `, b.explanation->>'evidence' AS evidence` : ''}` : ''} FROM ${filesOf(breaksPaths)} b`;
}

function filesOf(paths: string[]): string {
  return `read_parquet([${paths.map(literal).join(', ')}], union_by_name = true)`;
}

function contentOf(definition: Definition, source: LoadedSource, alias: string): string {
  return jsonOf(definition.fields.map((field) => [field.name, fieldValue(source, alias, field.name)]));
}

function jsonOf(fields: [name: string, value: string][]): string {
  return `to_json({${fields.map(([name, value]) => `${identifier(name)}: (${value})::VARCHAR`).join(', ')}})::VARCHAR`;
}

async function digest(path: string): Promise<{ sha256: string; lines: number }> {
  const hash = createHash('sha256');
  let lines = 0;
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1;
  }
  return { sha256: hash.digest('hex'), lines };
}
