// `npm run bench`: the command line against its peers on the same generated files, whole processes, CSV to breaks
// written, each result checked against the truth. Prints a table and writes it into bench/results.md.
// --quick: 3 rounds, nothing at 5 million rows, no page written. --only NAME: one data set (10k, 1m, 5m, 1m-dup, 5m-dup).
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type DataSet, makeData } from './data-set.ts';
import { type Measured, measureCommand, measureInTurns } from './measure.ts';
import { benchDirectory, root } from './paths.ts';
import { type Contestant, comparisonTools, installPeers, polars, subject, subjectAsCsv, yardstick } from './peers.ts';
import { machine, table, writeSection } from './results-page.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } } });
const rounds = values.quick ? 3 : 5;
/** A peer that would take longer than this for one run is left out of the large files. */
const peerMsMax = 60_000;

type Case = { set: DataSet; contestants: Contestant[]; large: boolean };
const cases: Record<string, Case> = {
  '10k': {
    set: { name: '10k × 10k', rows: 10_000, duplicates: '0%' },
    contestants: [subject, yardstick],
    large: false,
  },
  '1m': {
    set: { name: '1M × 1M', rows: 1_000_000, duplicates: '0%' },
    contestants: [subject, yardstick, subjectAsCsv, polars, ...comparisonTools],
    large: false,
  },
  '5m': {
    set: { name: '5M × 5M', rows: 5_000_000, duplicates: '0%' },
    contestants: [subject, yardstick, polars, ...comparisonTools],
    large: true,
  },
  '1m-dup': {
    set: { name: '1M × 1M, 0.5 % duplicate keys', rows: 1_000_000, duplicates: '0.5%' },
    contestants: [subject, yardstick],
    large: false,
  },
  '5m-dup': {
    set: { name: '5M × 5M, 0.5 % duplicate keys', rows: 5_000_000, duplicates: '0.5%' },
    contestants: [subject, yardstick],
    large: true,
  },
};

const chosen = Object.entries(cases).filter(([name, { large }]) =>
  values.only ? name === values.only : !(values.quick && large),
);
if (chosen.length === 0) {
  console.error(`bench: there is no data set '${values.only}'; there is ${Object.keys(cases).join(', ')}`);
  process.exit(2);
}
mkdirSync(benchDirectory, { recursive: true });
execFileSync(process.execPath, [join(root, 'cli/build.ts')], { stdio: 'inherit' });
installPeers();

const measured: Record<string, Measured[]> = {};
const leftOut: string[] = [];
for (const [name, { set, contestants, large }] of chosen) {
  const able = contestants.filter((contestant) => {
    const small = measured['1m']?.find((found) => found.name === contestant.name);
    if (!large || !small || small.medianMs * 5 <= peerMsMax) return true;
    leftOut.push(
      `${contestant.name} is not run on ${set.name}: at 1M × 1M it took ${(small.medianMs / 1000).toFixed(1)} s.`,
    );
    return false;
  });
  measured[name] = measureInTurns(able, makeData(set), rounds);
  console.log(`\n${set.name}\n${caseTable(measured[name])}`);
}
const start = measureCommand(
  'tieout --version',
  [process.execPath, join(root, 'dist/tieout.mjs'), '--version'],
  rounds,
);
const verdicts = targets();
console.log(`\n${verdicts}\n${leftOut.join('\n')}`);

if (!values.quick && !values.only) {
  const sections = chosen.map(([name, { set }]) => `### ${set.name}\n\n${caseTable(measured[name]!)}`);
  writeSection(
    'Command line against its peers',
    [
      `Whole processes, CSV to breaks written, medians of ${rounds} runs in turns, every result checked against the truth of the generated files.`,
      `Machine: ${machine()}.`,
      verdicts,
      ...sections,
      ...leftOut,
      'The yardstick is SQL written for these two files: types given, keys taken to be unique, no row can be rejected. On files with duplicate keys it multiplies their rows, so its figures are not checked there.',
    ].join('\n\n'),
  );
}

function caseTable(found: Measured[]): string {
  const base = found.find((one) => one.name === yardstick.name);
  return table([
    ['', 'median', 'fastest – slowest', 'of raw DuckDB', 'CPU', 'peak memory', 'runs', 'checked'],
    ...found.map((one) => [
      one.name,
      `${(one.medianMs / 1000).toFixed(2)} s`,
      `${(one.fastestMs / 1000).toFixed(2)} – ${(one.slowestMs / 1000).toFixed(2)} s`,
      base ? `${(one.medianMs / base.medianMs).toFixed(2)} ×` : '',
      `${(one.cpuMs / 1000).toFixed(2)} s`,
      `${Math.round(one.peakMb)} MB`,
      String(one.runs),
      one.verified ? 'yes' : 'no',
    ]),
  ]);
}

/** The figures that the project holds itself to. */
function targets(): string {
  const find = (name: string, who: string) => measured[name]?.find((one) => one.name === who);
  const rows: string[][] = [['', 'at most', 'measured', 'met']];
  const add = (what: string, limit: number, value: number | undefined, unit: string, digits = 2) => {
    if (value !== undefined && Number.isFinite(value))
      rows.push([what, `${limit} ${unit}`, `${value.toFixed(digits)} ${unit}`, value <= limit ? 'yes' : '**no**']);
  };
  const ratio = (name: string, of: (one: Measured) => number, other = yardstick.name) => {
    const [mine, theirs] = [find(name, subject.name), find(name, other)];
    return mine && theirs && of(mine) / of(theirs);
  };
  const ms = (one: Measured) => one.medianMs;
  add('1M × 1M, time of raw DuckDB', 1.6, ratio('1m', ms), '×');
  add('5M × 5M, time of raw DuckDB', 1.8, ratio('5m', ms), '×');
  add(
    '5M × 5M, memory of raw DuckDB',
    1.5,
    ratio('5m', (one) => one.peakMb),
    '×',
  );
  add('1M × 1M with duplicates, time of raw DuckDB', 2, ratio('1m-dup', ms), '×');
  add('5M × 5M with duplicates, time of raw DuckDB', 2, ratio('5m-dup', ms), '×');
  for (const tool of comparisonTools) add(`1M × 1M, time of ${tool.name}`, 0.5, ratio('1m', ms, tool.name), '×');
  add('10k × 10k', 0.6, (find('10k', subject.name)?.medianMs ?? Number.NaN) / 1000, 's');
  add('tieout --version', 0.2, start.medianMs / 1000, 's');
  add(
    'growth, 1M to 5M',
    5.5,
    (find('5m', subject.name)?.medianMs ?? Number.NaN) / (find('1m', subject.name)?.medianMs ?? Number.NaN),
    '×',
  );
  return table(rows);
}
