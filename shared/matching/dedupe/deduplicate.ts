// Finds the records of one file that are the same thing, by what their values say. Rows that are equal in all fields that are
// looked at are one content, compared once however many they are; rows that are equal in every field are the same for certain.
import type { Engine } from '../engine.ts';
import { evidenceSql } from '../linking/evidence.ts';
import type { ComparisonKind } from '../linking/fields.ts';
import { type Linkage, linkRecords } from '../linking/link-records.ts';
import type { LinkRequest } from '../linking/link-request.ts';
import { probabilitySql } from '../linking/model-weights.ts';
import { scoredTable } from '../linking/score-pairs.ts';
import { type LoadedSource, rowColumn } from '../records.ts';
import { identifier } from '../sql.ts';

export type DedupeRequest = Pick<LinkRequest, 'threshold' | 'targetPrecision' | 'equivalences' | 'fields'> & {
  source: LoadedSource;
};

export type Deduplicated = {
  /** How each field was compared. */
  fields: { field: string; as: ComparisonKind }[];
  threshold: number;
  clusters: number;
  /** Records that have another of theirs; and those besides the first of each cluster. */
  inClusters: number;
  surplus: number;
  largest: number;
  /** SELECT in parentheses: cluster, row, confidence, and the source's fields. */
  duplicates: string;
  /** SELECT in parentheses: row, records, other_row, other_records, probability, evidence. */
  pairs: string;
  notes: string[];
};

const row = identifier(rowColumn);
/**
 * So many rows of one content are records of the model: it sees that equal rows are there, and a row that was copied a thousand times
 * makes its values hardly commoner. Of three contents with copies each record has 14 rivals, all of which are kept.
 */
const copiesMax = 5;

/** Working tables have fixed names: one call at a time per engine. The relations that are given stay until the next call. */
export async function deduplicate(engine: Engine, request: DedupeRequest): Promise<Deduplicated> {
  const { source, fields, threshold, targetPrecision, equivalences } = request;
  await gatherContents(
    engine,
    source,
    fields.map(({ name }) => name),
  );
  const linkage = await linkRecords(engine, {
    left: 'dedupe_records',
    fields,
    ...(threshold !== undefined && { threshold }),
    ...(targetPrecision !== undefined && { targetPrecision }),
    ...(equivalences && { equivalences }),
  });
  await settlePairs(engine, linkage);
  await settleClusters(engine);
  const [found] = await engine.rows<{ clusters: string; records: string; largest: string }>(
    `SELECT count(*) AS clusters, coalesce(sum(n), 0)::BIGINT AS records, coalesce(max(n), 0) AS largest
     FROM (SELECT count(*) AS n FROM dedupe_clustered GROUP BY cluster)`,
  );
  const [clusters, inClusters] = [Number(found!.clusters), Number(found!.records)];
  return {
    fields: linkage.comparisons.map(({ field }) => ({ field: field.name, as: field.kind })),
    threshold: linkage.threshold,
    clusters,
    inClusters,
    surplus: inClusters - clusters,
    largest: Number(found!.largest),
    duplicates: `(SELECT c.cluster, c."row", c.confidence, ${source.fields.map(({ name }) => `s.${identifier(name)}`).join(', ')}
      FROM dedupe_clustered c JOIN ${source.relation} s ON s.${row} = c."row")`,
    pairs: pairsSql(linkage),
    notes: linkage.notes,
  };
}

/**
 * Fills dedupe_rows (row, content, same: the number of rows like it in every field), dedupe_contents (content, n, first) and
 * dedupe_records (`$id`, content, the fields).
 */
async function gatherContents(engine: Engine, source: LoadedSource, names: string[]): Promise<void> {
  const order = (columns: string[]) => columns.map((column) => `${identifier(column)} NULLS LAST`).join(', ');
  const others = source.fields.map(({ name }) => name).filter((name) => !names.includes(name));
  await engine.run(`CREATE OR REPLACE TABLE dedupe_rows AS
    SELECT ${row} AS "row", (dense_rank() OVER (ORDER BY ${order(names)}) - 1)::INTEGER AS content,
      (dense_rank() OVER (ORDER BY ${order([...names, ...others])}) - 1)::INTEGER AS same FROM ${source.relation}`);
  await engine.run(`CREATE OR REPLACE TABLE dedupe_contents AS
    SELECT content, count(*) AS n, min("row") AS first FROM dedupe_rows GROUP BY content`);
  await engine.run(`CREATE OR REPLACE TABLE dedupe_same AS
    SELECT same, any_value(content) AS content, count(*) AS n, min("row") AS first, min("row", 2)[2] AS second FROM dedupe_rows GROUP BY same HAVING count(*) > 1`);
  await engine.run(`CREATE OR REPLACE TABLE dedupe_records AS
    SELECT (row_number() OVER (ORDER BY content, copy) - 1)::INTEGER AS "$id", content, ${names.map(identifier).join(', ')}
    FROM (SELECT content, first, unnest(range(least(n, ${copiesMax}))) AS copy FROM dedupe_contents)
    JOIN ${source.relation} s ON s.${row} = first`);
}

/**
 * Fills dedupe_scored (one, other, l, r, probability): the pairs of contents, of one with itself where it has several rows; `l` and
 * `r` are records that stand for them. And dedupe_pairs, those that are as likely as the threshold.
 */
async function settlePairs(engine: Engine, { threshold }: Linkage): Promise<void> {
  await engine.run(`CREATE OR REPLACE TABLE dedupe_scored AS
    SELECT a.content AS one, b.content AS other, l, r, ${probabilitySql('weight')} AS probability
    FROM ${scoredTable} JOIN dedupe_records a ON a."$id" = l JOIN dedupe_records b ON b."$id" = r
    WHERE one = other OR ${probabilitySql('weight')} >= ${threshold}
    QUALIFY row_number() OVER (PARTITION BY one, other ORDER BY weight DESC, l, r) = 1`);
  await engine.run(
    `CREATE OR REPLACE TABLE dedupe_pairs AS SELECT * FROM dedupe_scored WHERE probability >= ${threshold}`,
  );
}

/**
 * Fills dedupe_clustered ("row", cluster from 1 in the order of content, confidence). All rows of a content are in one cluster; of
 * one that is in none those that are the same are. A row's confidence is the probability of the surest pair that holds it there.
 */
async function settleClusters(engine: Engine): Promise<void> {
  await engine.run(`CREATE OR REPLACE TABLE dedupe_clustered AS
    WITH found AS MATERIALIZED (
      SELECT content, min(cluster) AS cluster, any_value(n) AS n FROM link_clusters JOIN dedupe_records ON "$id" = id
      JOIN dedupe_contents USING (content) GROUP BY content
      QUALIFY sum(any_value(n)) OVER (PARTITION BY min(cluster)) > 1),
    held AS (
      SELECT content, max(probability) AS confidence FROM (
        SELECT unnest(list_distinct([one, other])) AS content, probability FROM dedupe_pairs p
        JOIN found a ON a.content = p.one JOIN found b ON b.content = p.other WHERE a.cluster = b.cluster) GROUP BY content),
    joined AS (
      SELECT d."row", d.content, d.same, f.cluster, s.same IS NOT NULL AS sure, h.confidence FROM dedupe_rows d
      LEFT JOIN found f USING (content) LEFT JOIN held h USING (content) LEFT JOIN dedupe_same s ON s.same = d.same
      WHERE f.content IS NOT NULL OR s.same IS NOT NULL),
    named AS (
      SELECT *, min(content) OVER (PARTITION BY coalesce(cluster, -1 - same)) AS place, coalesce(cluster, -1 - same) AS name FROM joined)
    SELECT "row", dense_rank() OVER (ORDER BY place, CASE WHEN cluster IS NULL THEN same END NULLS FIRST) AS cluster,
      CASE WHEN sure THEN 1 ELSE confidence END::DOUBLE AS confidence FROM named`);
}

/**
 * row and other_row are the first of either content, the earlier first; records and other_records are how many each has. Rows that are
 * the same are a pair of their own, of probability 1; its evidence is that of their values, null where these say too little to be kept.
 */
function pairsSql(linkage: Linkage): string {
  const evidence = (pairs: string) => evidenceSql(linkage, `(SELECT l, r, probability FROM ${pairs})`);
  const contents = `(SELECT * FROM dedupe_pairs WHERE one <> other OR one IN (SELECT content FROM dedupe_rows GROUP BY content HAVING min(same) < max(same)))`;
  const unlike = `(SELECT min(d."row") FROM dedupe_rows d JOIN dedupe_rows f ON f."row" = a.first WHERE d.content = one AND d.same <> f.same)`;
  const same = `(SELECT s.*, l, r, 1 AS probability FROM dedupe_same s LEFT JOIN dedupe_scored p ON p.one = s.content AND p.other = s.content)`;
  const ordered = `(SELECT a.first AS first, a.n AS n, CASE WHEN one = other THEN ${unlike} ELSE b.first END AS second, b.n AS m, probability, evidence
      FROM ${contents} p JOIN dedupe_contents a ON a.content = one JOIN dedupe_contents b ON b.content = other
      JOIN (${evidence(contents)}) USING (l, r)
    UNION ALL SELECT first, n, second, n, 1, evidence FROM ${same} LEFT JOIN (${evidence(`${same} WHERE l IS NOT NULL`)}) USING (l, r))`;
  return `(SELECT least(first, second) AS "row", CASE WHEN first < second THEN n ELSE m END AS records,
      greatest(first, second) AS other_row, CASE WHEN first < second THEN m ELSE n END AS other_records, probability, evidence FROM ${ordered})`;
}
