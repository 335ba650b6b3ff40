// `npm run bench:linking`: what linking without keys finds and what it costs, whole processes, beside its peers on the same
// files. Nothing is set and nothing is tuned on the truth. Prints tables and writes them into bench/results.md.
// --data DIRECTORY (or LINKING_DATA): the public sets; without it only made persons. --only NAME: one set. --rounds N: 3
// unless given. --quick: no set of a million, one round, no page written. --without-peers.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Engine, openEngine } from '../shared/matching/engine.ts';
import { literal } from '../shared/matching/sql.ts';
import { type DataSet, makeDataSet, recipes } from './linking/data-sets.ts';
import { type Measured, type Run, runOnce, summarise } from './measure.ts';
import { benchDirectory, root } from './paths.ts';
import { machine, table, writeSection } from './results-page.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    only: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    quick: { type: 'boolean', default: false },
    'without-peers': { type: 'boolean', default: false },
  },
});
const data = values.data ?? process.env.LINKING_DATA;
const known = recipes(data);
const chosen = known.filter(({ name }) =>
  values.only === undefined ? !(values.quick && name.endsWith('1m')) : name === values.only,
);
if (chosen.length === 0) {
  console.error(
    `bench: there is no set '${values.only}'; there is ${known.map(({ name }) => name).join(', ')}${data ? '' : ', and the public ones with --data DIRECTORY'}`,
  );
  process.exit(2);
}
const directory = join(benchDirectory, 'linking');
const ownResults = join(directory, 'results');
const venv = join(benchDirectory, 'venv-linking');
/** pandas 3 is not what recordlinkage was made for. */
const packages = [
  'splink==5.0.0',
  'duckdb==2.0.1',
  'recordlinkage==0.16',
  'rapidfuzz==3.14.6',
  'pandas==2.3.3',
  'numpy==2.4.6',
];
const roundsMax = values.quick ? 1 : Number(values.rounds);
/** Who takes longer than this is run once. */
const onceMs = 30_000;

type Contestant = { name: string; command: (set: DataSet, out: string) => string[]; sets: RegExp };
/** The command line as it is used: it reads, links, decides, explains every pair and writes all of it. */
const subject: Contestant = {
  name: 'tieout',
  sets: /./,
  command: ({ left, right, fields }) => [
    ...[process.execPath, join(root, 'dist/tieout.mjs'), 'match', ...(right ? [left, right] : ['--dedupe', left])],
    ...fields.flatMap((field) => ['--fuzzy', field]),
    ...['--out', ownResults, '--format', 'parquet', '--json'],
  ],
};
const peer = (name: string, script: string, sets: RegExp): Contestant => ({
  name,
  sets,
  command: (set, out) => [
    join(venv, 'bin/python'),
    join(root, 'bench/peers', script),
    set.name,
    set.left,
    set.right ?? '-',
    out,
  ],
});
const peers = [
  peer('Splink 5', 'linking_splink.py', /./),
  peer('recordlinkage (ECM)', 'linking_recordlinkage.py', /^(?!persons-1m|payments)/),
  peer('RapidFuzz', 'linking_rapidfuzz.py', /^(?!persons|payments)/),
];

type Found = { pairs: number; right: number; truth: number; sure: number | undefined; sureRight: number | undefined };
type Result = {
  set: DataSet;
  contestant: string;
  found: Found | undefined;
  measured: Omit<Measured, 'verified'> | undefined;
};

mkdirSync(directory, { recursive: true });
execFileSync(process.execPath, [join(root, 'cli/build.ts')], { stdio: 'inherit' });
if (!values['without-peers']) installPeers();
const results: Result[] = [];
for (const recipe of chosen) {
  const set = await makeDataSet(recipe, directory, data);
  const contestants = [subject, ...(values['without-peers'] ? [] : peers)].filter(({ sets }) => sets.test(set.name));
  for (const contestant of contestants) {
    console.log(`${set.title}: ${contestant.name}`);
    results.push(await measure(set, contestant));
  }
}
const sections = [qualityTable(), calibrationTable(), targets()];
console.log(`\n${sections.join('\n\n')}`);
if (!values.quick && values.only === undefined && data !== undefined)
  writeSection(
    'Linking',
    [
      [
        `\`npm run bench:linking\`: whole processes, of ours the command line with all that it explains, CSV to pairs written, medians of up to ${roundsMax} ${roundsMax === 1 ? 'run' : 'runs'}. Fields are given, nothing else is: comparisons, parameters, blocks and`,
        'threshold (probability ½) are chosen by what is measured. Peers block and compare as bench/peers/linking_*.py says, which was chosen by hand for each set.',
      ].join('\n'),
      'Made persons: of the right file 10 % of the values are absent and 20 % typed wrongly. Made by the seed 7.',
      `Machine: ${machine()}.`,
      ...sections,
    ].join('\n\n'),
  );

async function measure(set: DataSet, contestant: Contestant): Promise<Result> {
  const out = join(directory, `pairs-${contestant.name.replaceAll(/[^a-zA-Z0-9]/g, '')}.csv`);
  const runs: Run[] = [];
  while (runs.length < roundsMax && !runs.some(({ ms }) => ms > onceMs)) {
    rmSync(out, { force: true });
    const run = runOnce(contestant.command(set, out));
    // 1: there are breaks.
    if (contestant === subject && run.exit > 1) throw new Error(`tieout ended with ${run.exit} on ${set.name}`);
    if (contestant !== subject && run.exit !== 0) {
      return { set, contestant: contestant.name, found: undefined, measured: undefined };
    }
    runs.push(run);
  }
  if (contestant === subject) await writeOwnPairs(set, out);
  const found = await score(set, out);
  rmSync(out, { force: true });
  return { set, contestant: contestant.name, found, measured: summarise(contestant.name, runs) };
}

function openOwn(): Promise<Engine> {
  return openEngine({ directory: join(directory, 'scratch'), allowed: [directory], memoryMb: 2000, threads: 2 });
}

/** The pairs of the command line's results by id instead of row: matches of two files, of one those within its clusters. */
async function writeOwnPairs({ left, right }: DataSet, out: string): Promise<void> {
  const engine = await openOwn();
  // Rows are numbered from 1 in the order of the file, so one thread reads it.
  for (const [side, path] of Object.entries({ left, ...(right && { right }) }))
    await engine.run(`CREATE TABLE "${side}" AS SELECT row_number() OVER () AS "row", id
      FROM read_csv(${literal(path)}, header = true, all_varchar = true, max_line_size = 100000, parallel = false)`);
  const results = (name: string) => `read_parquet(${literal(join(ownResults, `${name}.parquet`))})`;
  const pairs = right
    ? `SELECT a.id AS l, b.id AS r, confidence AS probability FROM ${results('matches')}
        JOIN "left" a ON a."row" = left_row JOIN "right" b ON b."row" = right_row`
    : `SELECT least(a.id, b.id) AS l, greatest(a.id, b.id) AS r, NULL AS probability FROM ${results('duplicates')} c
        JOIN ${results('duplicates')} d ON c.cluster = d.cluster AND c."row" < d."row"
        JOIN "left" a ON a."row" = c."row" JOIN "left" b ON b."row" = d."row"`;
  await engine.run(`COPY (${pairs}) TO ${literal(out)} (HEADER, DELIMITER ',')`);
  engine.close();
}

/** Pairs right, and of those given 0.9 and more. */
async function score(set: DataSet, out: string): Promise<Found> {
  const engine = await openOwn();
  const read = (path: string) => `read_csv(${literal(path)}, header = true, all_varchar = true)`;
  const [found] = await engine.rows<Found>(`
    WITH truth AS (SELECT l, r FROM ${read(set.truth)}), pairs AS (SELECT p.l, p.r, try_cast(probability AS DOUBLE) AS p, t.l IS NOT NULL AS hit
      FROM ${read(out)} p LEFT JOIN truth t ON t.l = p.l AND t.r = p.r)
    SELECT count(*)::INTEGER AS pairs, count(*) FILTER (hit)::INTEGER AS "right", (SELECT count(*) FROM truth)::INTEGER AS truth,
      (CASE WHEN count(p) > 0 THEN count(*) FILTER (p >= 0.9) END)::INTEGER AS sure, count(*) FILTER (p >= 0.9 AND hit)::INTEGER AS "sureRight" FROM pairs`);
  engine.close();
  return found!;
}

function installPeers(): void {
  const marker = join(venv, 'installed.txt');
  if (existsSync(marker)) return;
  console.log(`installing ${packages.join(', ')}`);
  execFileSync('python3', ['-m', 'venv', '--clear', venv], { stdio: 'inherit' });
  execFileSync(join(venv, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages], {
    stdio: 'inherit',
  });
  writeFileSync(marker, `${packages.join('\n')}\n`);
}

function qualityTable(): string {
  return table([
    ['', 'who', 'pairs', 'precision', 'recall', 'F1', 'median', 'CPU', 'peak memory', 'runs'],
    ...results.map(({ set, contestant, found, measured }) =>
      found && measured
        ? [
            ...[
              set.title,
              contestant,
              String(found.pairs),
              ratio(found.right, found.pairs),
              ratio(found.right, found.truth),
              f1(found).toFixed(4),
            ],
            ...[
              `${(measured.medianMs / 1000).toFixed(2)} s`,
              `${(measured.cpuMs / 1000).toFixed(1)} s`,
              `${Math.round(measured.peakMb)} MB`,
              String(measured.runs),
            ],
          ]
        : [set.title, contestant, 'failed', '–', '–', '–', '–', '–', '–', '1'],
    ),
  ]);
}

function calibrationTable(): string {
  const graded = results.filter(({ found }) => found?.sure);
  return table([
    ['given 0.9 and more', 'who', 'pairs', 'of these right'],
    ...graded.map(({ set, contestant, found }) => [
      set.title,
      contestant,
      String(found!.sure),
      ratio(found!.sureRight!, found!.sure!),
    ]),
  ]);
}

/** The figures that the project holds itself to. */
function targets(): string {
  const lines: string[][] = [['', 'aim', 'measured', 'met']];
  const add = (what: string, aim: string, measured: string, met: boolean) =>
    lines.push([what, aim, measured, met ? 'yes' : '**no**']);
  for (const [name, least] of [
    ['febrl1', 0.995],
    ['febrl2', 0.995],
    ['febrl3', 0.995],
    ['dblp-acm', 0.985],
    ['abt-buy', 0.85],
  ] as const) {
    const own = resultOf(name, 'tieout');
    if (own?.found) add(`${own.set.title}, F1`, `at least ${least}`, f1(own.found).toFixed(4), f1(own.found) >= least);
  }
  for (const [name, most, memoryMb] of [
    ['persons-100k', 1.2, undefined],
    ['persons-1m', 0.8, 4000],
  ] as const) {
    const [own, splink] = [resultOf(name, 'tieout'), resultOf(name, 'Splink 5')];
    if (!own?.found || !own.measured) continue;
    if (memoryMb)
      add(
        `${own.set.title}, memory`,
        `under ${memoryMb} MB`,
        `${Math.round(own.measured.peakMb)} MB`,
        own.measured.peakMb < memoryMb,
      );
    if (!splink?.found || !splink.measured) continue;
    const times = own.measured.medianMs / splink.measured.medianMs;
    add(`${own.set.title}, time of Splink`, `at most ${most} ×`, `${times.toFixed(2)} ×`, times <= most);
    add(
      `${own.set.title}, F1`,
      `not below ${f1(splink.found).toFixed(4)}`,
      f1(own.found).toFixed(4),
      f1(own.found) >= f1(splink.found),
    );
  }
  for (const { name } of chosen) {
    const all = results.filter(({ set, found }) => set.name === name && found);
    const own = all.find(({ contestant }) => contestant === 'tieout')?.found;
    const best = Math.max(0, ...all.filter(({ contestant }) => contestant !== 'tieout').map(({ found }) => f1(found!)));
    if (own && best > 0)
      add(
        `${all[0]!.set.title}, F1 of the best peer`,
        `at least ${best.toFixed(4)}`,
        f1(own).toFixed(4),
        f1(own) >= best,
      );
    if (own?.sure)
      add(
        `${all[0]!.set.title}, right of those given 0.9 and more`,
        'at least 0.9',
        ratio(own.sureRight!, own.sure),
        own.sureRight! >= 0.9 * own.sure,
      );
  }
  return table(lines);
}

function resultOf(name: string, contestant: string): Result | undefined {
  return results.find((result) => result.set.name === name && result.contestant === contestant);
}

function f1({ pairs, right, truth }: Found): number {
  return (2 * right) / (pairs + truth);
}

function ratio(part: number, whole: number): string {
  return whole === 0 ? '–' : (part / whole).toFixed(4);
}
