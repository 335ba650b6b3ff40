// One process of linking, for the bench: reads the files, links by the fields with nothing set, writes the pairs (l, r,
// probability), for one file those of the clusters. Prints the notes and what time each took.
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { openEngine } from '../../shared/matching/engine.ts';
import { linkRecords } from '../../shared/matching/linking/link-records.ts';
import { identifier, literal } from '../../shared/matching/sql.ts';

const { values } = parseArgs({
  options: { left: { type: 'string' }, right: { type: 'string' }, out: { type: 'string' }, fields: { type: 'string' } },
});
const { left, right, out } = values as { left: string; right?: string; out: string };
const fields = values.fields!.split(',');
const engine = await openEngine({
  directory: `${out}.scratch`,
  allowed: [dirname(left), dirname(out)],
  memoryMb: 3000,
  threads: 2,
});
const columns = fields.map(identifier).join(', ');
for (const [table, path] of Object.entries({ a: left, ...(right && { b: right }) }))
  await engine.run(`CREATE TABLE ${table} AS SELECT (row_number() OVER (ORDER BY ${columns}, id) - 1)::INTEGER AS "$id", id, ${columns}
    FROM read_csv(${literal(path)}, header = true, all_varchar = true, max_line_size = 100000)`);
const readMs = Math.round(performance.now());
const { model, notes } = await linkRecords(engine, {
  left: 'a',
  ...(right && { right: 'b' }),
  fields: fields.map((name) => ({ name })),
});
const linkMs = Math.round(performance.now()) - readMs;
const pairs = right
  ? `SELECT a.id AS l, b.id AS r, probability FROM link_paired JOIN a ON a."$id" = l JOIN b ON b."$id" = r WHERE state = 'linked'`
  : `SELECT least(x.id, y.id) AS l, greatest(x.id, y.id) AS r, NULL AS probability FROM link_clusters c JOIN link_clusters d ON c.cluster = d.cluster AND c.id < d.id
    JOIN a x ON x."$id" = c.id JOIN a y ON y."$id" = d.id`;
await engine.run(`COPY (${pairs}) TO ${literal(out)} (HEADER, DELIMITER ',')`);
engine.close();
console.log(JSON.stringify({ readMs, linkMs, recall: model.blocks?.recall ?? 1, notes }));
