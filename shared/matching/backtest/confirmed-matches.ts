// Matches that somebody has confirmed, read from a file of their own: rows as in the `matches` of a former run, or keys.
// Refuses what does not fit the data: a confirmed match that is read wrongly would be guarded wrongly.
import type { Definition } from '../../domain/definition.ts';
import { fail, ok, type Result } from '../../domain/result.ts';
import type { Engine } from '../engine.ts';
import { inspectFile } from '../input/inspect-file.ts';
import { loadSource } from '../load/load-source.ts';
import { keyColumn, keySeparator, type LoadedSource, rowColumn } from '../records.ts';
import { identifier, literal } from '../sql.ts';

/** A key of several fields, as files for people join it. */
const shownSeparator = ' | ';
const row = identifier(rowColumn);
const key = identifier(keyColumn);

/**
 * Gives a table laid out as `OutcomeTables.matches`. `sources`: the anchor first, the legs by number; keys are looked
 * up in them. Fails with CONFIRMED_INVALID, or as loading does.
 */
export async function confirmedMatches(
  engine: Engine,
  request: { path: string; sources: LoadedSource[] },
): Promise<Result<string>> {
  const { path, sources } = request;
  const inspected = await inspectFile(path);
  if (!inspected.ok) return inspected;
  const { columns } = inspected.value;
  const has = (...names: string[]) => names.every((name) => columns.includes(name));
  const byRow = has('left_row', 'right_row');
  if (!byRow && !has('left_key', 'right_key')) {
    return invalid(
      path,
      `it has neither the columns left_row and right_row nor left_key and right_key; there is ${columns.slice(0, 20).join(', ')}`,
    );
  }
  const several = sources.length > 2;
  if (several && !has('source'))
    return invalid(path, 'with more than two sources it must say in a column source which is meant');
  const ends = byRow ? ['left_row', 'right_row'] : ['left_key', 'right_key'];
  const more = [...(byRow && has('group_id') ? ['group_id'] : []), ...(several ? ['source'] : [])];
  const loaded = await loadSource(engine, { definition: layoutOf(ends, more), source: 'confirmed', file: { path } });
  if (!loaded.ok) return loaded;
  if (loaded.value.rows.rejected > 0) return invalid(path, `${loaded.value.rows.rejected} of its rows cannot be read`);
  const legs = sources.slice(1).map((leg, index) => `WHEN ${literal(leg.source)} THEN ${index + 1}`);
  const columnsSql = [
    `${row} AS line`,
    `${several ? `CASE source ${legs.join(' ')} END` : '1'}::UTINYINT AS leg`,
    ...ends.map((end, index) => `${identifier(end)} AS ${index === 0 ? 'l' : 'r'}`),
    `${more.includes('group_id') ? 'group_id' : 'NULL::VARCHAR'} AS group_id`,
  ];
  await engine.run(
    `CREATE OR REPLACE TABLE backtest_confirmed_lines AS SELECT ${columnsSql.join(', ')} FROM ${loaded.value.relation}`,
  );
  const made = byRow ? await fromRows(engine, request) : await fromKeys(engine, request);
  await engine.run('DROP TABLE backtest_confirmed_lines');
  return made;
}

const lines = 'backtest_confirmed_lines';
const table = 'backtest_confirmed_matches';

async function fromRows(
  engine: Engine,
  { path, sources }: { path: string; sources: LoadedSource[] },
): Promise<Result<string>> {
  const isRow = (end: string) => `regexp_full_match(${end}, '0*[1-9][0-9]{0,17}')`;
  const rowsOf = `CASE leg ${sources
    .slice(1)
    .map((leg, index) => `WHEN ${index + 1} THEN ${leg.rows.read}`)
    .join(' ')} END`;
  const faults = [
    [
      'leg IS NULL',
      `'source is none of ' || ${literal(
        sources
          .slice(1)
          .map((leg) => leg.source)
          .join(', '),
      )}`,
    ],
    [`l IS NOT NULL AND NOT ${isRow('l')}`, `'left_row ' || l || ' is not a row number'`],
    [`r IS NOT NULL AND NOT ${isRow('r')}`, `'right_row ' || r || ' is not a row number'`],
    ['(l IS NULL OR r IS NULL) AND group_id IS NULL', `'left_row and right_row are needed where there is no group_id'`],
    ['l IS NULL AND r IS NULL', `'neither left_row nor right_row is given'`],
    [
      `TRY_CAST(l AS BIGINT) > ${sources[0]!.rows.read}`,
      `'left_row ' || l || ' is beyond the ${sources[0]!.rows.read} rows of ' || ${literal(sources[0]!.source)}`,
    ],
    [`TRY_CAST(r AS BIGINT) > ${rowsOf}`, `'right_row ' || r || ' is beyond the rows of its source'`],
  ];
  const fault = await firstFault(engine, path, faults as [string, string][]);
  if (fault) return fault;
  await engine.run(`CREATE OR REPLACE TABLE ${table} AS SELECT DISTINCT leg, l::BIGINT AS left_row, r::BIGINT AS right_row,
    NULL::UTINYINT AS pass, true AS agrees, group_id FROM ${lines}`);
  return ok(table);
}

async function fromKeys(
  engine: Engine,
  { path, sources }: { path: string; sources: LoadedSource[] },
): Promise<Result<string>> {
  const shown = (text: string) => `replace(${text}, ${literal(keySeparator)}, ${literal(shownSeparator)})`;
  const [anchor, ...legs] = sources;
  // Only keys that are asked for, and of each how many records have it.
  const found = (relation: string, end: 'l' | 'r', leg: number) =>
    `SELECT ${leg} AS leg, ${shown(key)} AS key, count(*) AS records, any_value(${row}) AS "row" FROM ${relation}
     WHERE ${shown(key)} IN (SELECT ${shown(end)} FROM ${lines}) GROUP BY ALL`;
  await engine.run(`CREATE OR REPLACE TABLE backtest_confirmed_keys AS SELECT c.line, c.leg, c.l, c.r, NULL::VARCHAR AS group_id,
      a."row" AS left_row, b."row" AS right_row, coalesce(a.records, 0) AS lefts, coalesce(b.records, 0) AS rights
    FROM ${lines} c LEFT JOIN (${found(anchor!.relation, 'l', 0)}) a ON a.key = ${shown('c.l')}
    LEFT JOIN (${legs.map((leg, index) => found(leg.relation, 'r', index + 1)).join(' UNION ALL ')}) b ON b.leg = c.leg AND b.key = ${shown('c.r')}`);
  const ofEnd = (end: 'l' | 'r', count: string, name: string): [string, string][] => [
    [`${end} IS NULL`, `'${name} is empty'`],
    [`${count} = 0`, `'no record has the ${name} ' || ${end}`],
    [`${count} > 1`, `${count} || ' records have the ${name} ' || ${end} || ': give left_row and right_row'`],
  ];
  const faults: [string, string][] = [
    ['leg IS NULL', `'source is none of ' || ${literal(legs.map((leg) => leg.source).join(', '))}`],
    ...ofEnd('l', 'lefts', 'left_key'),
    ...ofEnd('r', 'rights', 'right_key'),
  ];
  const fault = await firstFault(engine, path, faults, 'backtest_confirmed_keys');
  if (!fault)
    await engine.run(`CREATE OR REPLACE TABLE ${table} AS SELECT DISTINCT leg, left_row, right_row, NULL::UTINYINT AS pass,
      true AS agrees, NULL::VARCHAR AS group_id FROM backtest_confirmed_keys`);
  await engine.run('DROP TABLE backtest_confirmed_keys');
  return fault ?? ok(table);
}

async function firstFault(
  engine: Engine,
  path: string,
  faults: [condition: string, sentence: string][],
  from = lines,
): Promise<Result<never> | undefined> {
  const cases = faults.map(([condition, sentence]) => `WHEN ${condition} THEN ${sentence}`);
  const [found] = await engine.rows<{ line: string; fault: string }>(
    `SELECT line, fault FROM (SELECT line, CASE ${cases.join(' ')} END AS fault FROM ${from}) WHERE fault IS NOT NULL ORDER BY line LIMIT 1`,
  );
  return found && invalid(path, `row ${found.line}: ${found.fault}`);
}

function invalid(path: string, sentence: string): Result<never> {
  return fail('CONFIRMED_INVALID', `${path}: ${sentence}`);
}

/** The file as a source: its two ends are the key, so that a row with neither is known by having none. */
function layoutOf(ends: string[], more: string[]): Definition {
  const field = (name: string, role: 'KEY' | 'DISPLAY') => ({
    name,
    role,
    type: 'text' as const,
    mapping: { confirmed: name },
  });
  return {
    name: 'confirmed matches',
    sources: [{ name: 'confirmed', anchor: true }],
    fields: [...ends.map((end) => field(end, 'KEY')), ...more.map((name) => field(name, 'DISPLAY'))],
    passes: [{ kind: 'exact-key' }],
  };
}
