// A pipeline with the real engine that is given files and decisions day by day, and what its runs left, by the records' `ref`:
// rows are others where the rows of the files are in another order.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createMatchQuery } from '../../shared/app/decisions/look-at-matches.ts';
import { pipelineDefaults } from '../../shared/app/deps.ts';
import { createDuckdbEngine } from '../../shared/app/duckdb-engine.ts';
import { createObjectCache } from '../../shared/app/results/object-cache.ts';
import { readJson } from '../../shared/app/runs/json-objects.ts';
import { decisionsOf } from '../../shared/app/runs/match-chunk.ts';
import type { Pass } from '../../shared/domain/definition.ts';
import type { SideSums } from '../../shared/domain/outcome.ts';
import { addSums } from '../../shared/domain/outcome.ts';
import type { Run, RunInputs } from '../../shared/domain/run.ts';
import type { Engine } from '../../shared/matching/engine.ts';
import { literal } from '../../shared/matching/sql.ts';
import { createRandom } from '../fault/random.ts';
import { type Load, ref, tenant } from '../fault/scenario.ts';
import { createWorld, noFaults } from '../fault/world.ts';
import type { Desk } from '../unit/app/decision-desk.ts';
import { columns, type Day, definition, type Item } from './days-generated.ts';

const limits = { memoryMb: 256, threads: 1 };

export type Look = {
  run: Run;
  /** What was loaded, of each side. */
  sums: { left: SideSums; right: SideSums };
  /** Row → ref, of each side. */
  refs: { left: Map<number, string>; right: Map<number, string> };
  /** The rows of each match. */
  matches: { pass: string; left: number[]; right: number[] }[];
  breaks: { identity: string; key: string | null; type: string; left: number | null; right: number | null }[];
};

export type DaysWorld = Desk & {
  receive(day: Day): Promise<void>;
  usePasses(passes: Pass[]): Promise<void>;
  runs(): Promise<Run[]>;
  look(run: Run): Promise<Look>;
  /** Rows of a Parquet object, by the names that the engine's twin has. */
  readRows<Row>(key: string): Promise<Row[]>;
  /** Matches the inputs of a run once more: all rows of matches and of breaks, then and now. */
  again(run: Run): Promise<{ first: unknown; again: unknown }>;
};

export type DaysOptions = {
  passes: Pass[];
  order: (items: Item[]) => Item[];
  /** How the ledger is loaded: a snapshot has all that was there on the days before. The bank sends increments. */
  ledger: Load;
  chunksForced?: number;
};

/** `reader` looks at what the runs left; files lie in `directory`, which it may read. */
export async function openDaysWorld(reader: Engine, directory: string, options: DaysOptions): Promise<DaysWorld> {
  const { chunksForced, order, ledger } = options;
  const base = {
    ...definition,
    sources: definition.sources.map((one) => (one.name === 'ledger' ? { ...one, load: ledger } : one)),
  };
  const before: Item[] = [];
  const scratchDirectory = join(directory, 'scratch');
  mkdirSync(scratchDirectory, { recursive: true });
  const settings = { ...pipelineDefaults, bucket: 'b', scratchDirectory, breakWritesAtOnce: 1 };
  const world = createWorld(createRandom(1), noFaults, createDuckdbEngine(limits), {
    ...settings,
    ...(chunksForced !== undefined && { chunksForced }),
  });
  const { deps } = world;
  await deps.reconciliations.create({
    ...{ ...ref, code: 'days', name: 'days', description: '', ownerId: 'person', status: 'PUBLISHED' as const },
    ...{ definition: { ...base, passes: options.passes }, version: 1 },
    ...{ createdAt: '2026-01-05T09:00:00.000Z', updatedAt: '2026-01-05T09:00:00.000Z' },
  });
  const cache = createObjectCache(deps, join(directory, 'cache'), 1_000_000_000);
  const paths = (keys: string[]) => Promise.all(keys.map(cache.fetch));
  const filesOf = (found: string[]) => `read_parquet([${found.map(literal).join(', ')}], union_by_name = true)`;
  const numbered = (row: string | null) => (row === null ? null : Number(row));
  let [files, repeats] = [0, 0];
  const runs = async () => (await deps.runs.list(ref, undefined, 1_000)).items.toReversed();
  const drain = async () => {
    for (let step = 0; step < 50_000; step += 1) if (!(await world.happen())) return;
    throw new Error('it never ends');
  };
  const drop = async (source: string, rows: string) => {
    const text = `${columns.join(',')}\n${rows}`;
    const stored = await deps.objects.put(`drop/${tenant}/days/${source}/${(files += 1)}.csv`, text);
    world.enqueue({ kind: 'object-received', ...stored });
  };
  return {
    ...world,
    decisions: { ...deps, matches: createMatchQuery({ ...deps, cache, engineLimits: limits }) },
    drain,
    drop,
    runs,
    async run(number) {
      return (await runs()).find((run) => run.number === number)!;
    },
    async batch(fileName) {
      return (await deps.batches.list(ref)).items.find((batch) => batch.fileName === fileName)!;
    },
    async receive(day) {
      for (const source of ['bank', 'ledger'] as const) {
        const items = source === 'ledger' ? [...before, ...day.ledger] : day.bank;
        if (source === 'ledger' && ledger === 'snapshot') before.push(...day.ledger);
        const lines = order(items).map((item) => columns.map((column) => item[column]).join(','));
        await drop(source, `${lines.join('\n')}\n`);
      }
      await drain();
    },
    async usePasses(passes) {
      const reconciliation = (await deps.reconciliations.get(ref))!;
      await deps.reconciliations.update({ ...reconciliation, definition: { ...base, passes } });
    },
    async look(run) {
      const { sources } = await readJson<RunInputs>(deps, run.inputsKey!);
      const refsOf = async (index: number) => {
        const found = await paths(sources[index]!.parts.map(({ key }) => key));
        const rows = await reader.rows<{ row: string; ref: string }>(
          `SELECT "$row" AS "row", ref FROM ${filesOf(found)} ORDER BY 1`,
        );
        return new Map(rows.map((one) => [Number(one.row), one.ref]));
      };
      const matches = await reader.rows<{ pass: string; left: string[] | null; right: string[] | null }>(
        `SELECT pass, list(DISTINCT left_row) AS "left", list(DISTINCT right_row) AS "right"
         FROM (SELECT pass, coalesce(group_id, left_row || ' ' || right_row) AS match, left_row, right_row
           FROM (FROM ${filesOf(await paths(run.results!.matchesKeys))} UNION ALL BY NAME SELECT NULL::VARCHAR AS group_id WHERE false))
         GROUP BY pass, match`,
      );
      const breaks = await reader.rows<Record<'identity' | 'type' | 'key' | 'left' | 'right', string>>(
        `SELECT identity, break_type AS type, key, left_row AS "left", right_row AS "right" FROM ${filesOf(await paths([run.results!.breaksKey]))}`,
      );
      const rowsOf = (list: string[] | null) => (list ?? []).filter((row) => row !== null).map(Number);
      return {
        run,
        sums: { left: sources[0]!.sums, right: sources[1]!.sums },
        refs: { left: await refsOf(0), right: await refsOf(1) },
        matches: matches.map(({ pass, left, right }) => ({ pass, left: rowsOf(left), right: rowsOf(right) })),
        breaks: breaks.map((one) => ({ ...one, left: numbered(one.left), right: numbered(one.right) })),
      };
    },
    async readRows<Row>(key: string) {
      const path = filesOf(await paths([key]));
      const rows = await reader.rows<Record<string, string | null>>(`FROM ${path}`);
      return rows.map(
        ({ left_row, right_row, group_id, $row, ...rest }) =>
          ({
            ...rest,
            ...(left_row !== undefined && { leftRow: numbered(left_row), rightRow: numbered(right_row!) }),
            ...(group_id != null && { groupId: group_id }),
            ...($row !== undefined && { row: numbered($row) }),
          }) as Row,
      );
    },
    async again(run) {
      const own = join(directory, `again-${(repeats += 1)}`);
      mkdirSync(own);
      const { sources } = await readJson<RunInputs>(deps, run.inputsKey!);
      const records = [];
      for (const [index, { source, parts }] of sources.entries()) {
        const copies = [];
        for (const [part, { key }] of parts.entries()) {
          const path = join(own, `records-${index}-${part}.parquet`);
          await deps.objects.download(key, path);
          copies.push(path);
        }
        records.push({ source, paths: copies });
      }
      const matched = await deps.engine.match({
        ...{ directory: own, definition: run.definition!, records, carry: { what: 'nothing', sources: [] } },
        ...(await decisionsOf(deps, run, own)),
      });
      if (!matched.ok) throw new Error(matched.detail);
      const { matchesPath, breaksPath, summary } = matched.value;
      // Which identity a break goes on under is said by the ledger, which matching does not see.
      const rows = async (found: string[]) =>
        reader.rows(`SELECT COLUMNS(one -> one <> 'identity') FROM ${filesOf(found)} ORDER BY ALL`);
      const counted = ({ sides, pairs, breaks }: typeof summary) => ({
        sides: sides.map(({ source, sums }) => ({ source, sums })),
        ...{ pairs, breaks },
      });
      return {
        first: [
          counted(run.summary!),
          await rows(await paths(run.results!.matchesKeys)),
          await rows(await paths([run.results!.breaksKey])),
        ],
        again: [counted(summary), await rows([matchesPath]), await rows([breaksPath])],
      };
    },
  };
}

/** All sums of a side, whatever became of the records. */
export function allSums(sums: Record<string, SideSums>): SideSums {
  return Object.values(sums).reduce(addSums, {});
}
