// What is measured side by side: the command line of this project, and its peers with the versions they are pinned to.
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Truth } from '../cli/generate/generate-files.ts';
import { matchArguments } from '../cli/generate/generate-files.ts';
import { benchDirectory, root } from './paths.ts';

export type Contestant = {
  name: string;
  /** The words of one run; what it writes goes to `out`. */
  command: (left: string, right: string, out: string) => string[];
  /** Throws when the figures that a run printed are not the truth, as far as the contestant can tell it. */
  verify: (printed: string, truth: Truth) => void;
  /** Files in which a key is there more than once are beyond it: its figures are then not verified. */
  needsUniqueKeys?: boolean;
};

/** Two environments: datacompy needs an older polars than the one that is measured for itself. */
const environments = {
  sql: ['duckdb==2.0.0', 'polars==2.1.0'],
  compare: ['datacompy==1.1.0', 'polars==1.44.2', 'pandas==3.0.6', 'numpy==2.4.6', 'pyarrow==26.0.1', 'csv-diff==1.2'],
};

/** Makes the Python environments where they are not there yet, under `.local/bench`. */
export function installPeers(): void {
  for (const [name, packages] of Object.entries(environments)) {
    const directory = join(benchDirectory, `venv-${name}`);
    const marker = join(directory, 'installed.txt');
    if (existsSync(marker)) continue;
    console.log(`installing ${packages.join(', ')}`);
    execFileSync('python3', ['-m', 'venv', '--clear', directory], { stdio: 'inherit' });
    execFileSync(join(directory, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', ...packages], {
      stdio: 'inherit',
    });
    writeFileSync(marker, `${packages.join('\n')}\n`);
  }
}

type Counts = { matched: number; mismatched?: number; changed?: number; leftOnly: number; rightOnly: number };

function python(environment: keyof typeof environments, script: string): Contestant['command'] {
  return (left, right, out) => [
    join(benchDirectory, `venv-${environment}`, 'bin/python'),
    join(root, 'bench/peers', script),
    left,
    right,
    out,
  ];
}

function verifyCounts(printed: string, truth: Truth): void {
  const found = JSON.parse(printed) as Counts;
  expectEqual('matched', found.matched, truth.pairs.matched);
  expectEqual('mismatched', found.mismatched, truth.pairs.mismatched);
  expectEqual('left only', found.leftOnly, truth.left.missing);
  expectEqual('right only', found.rightOnly, truth.right.missing);
}

function expectEqual(what: string, found: unknown, expected: unknown): void {
  if (found !== expected) throw new Error(`${what}: ${found}, and the truth is ${expected}`);
}

function tieout(format: 'csv' | 'parquet'): Contestant {
  return {
    name: format === 'csv' ? 'tieout (results as CSV)' : 'tieout',
    command: (left, right, out) => [
      process.execPath,
      join(root, 'dist/tieout.mjs'),
      'match',
      left,
      right,
      ...matchArguments,
      ...['--out', out, '--format', format, '--json'],
    ],
    verify(printed, truth) {
      const found = JSON.parse(printed);
      for (const side of ['left', 'right'] as const) {
        const { sums: _sums, ...counts } = truth[side];
        for (const [name, count] of Object.entries(counts)) expectEqual(`${side}.${name}`, found[side][name], count);
      }
      expectEqual('pairs.matched', found.pairs.matched, truth.pairs.matched);
      expectEqual('pairs.mismatched', found.pairs.mismatched, truth.pairs.mismatched);
    },
  };
}

export const subject = tieout('parquet');
export const yardstick: Contestant = {
  name: 'raw DuckDB SQL',
  command: python('sql', 'duckdb_sql.py'),
  verify: verifyCounts,
  needsUniqueKeys: true,
};
export const subjectAsCsv = tieout('csv');
export const comparisonTools: Contestant[] = [
  {
    name: 'datacompy (polars)',
    command: python('compare', 'datacompy_polars.py'),
    verify: verifyCounts,
    needsUniqueKeys: true,
  },
  {
    name: 'datacompy (pandas)',
    command: python('compare', 'datacompy_pandas.py'),
    verify: verifyCounts,
    needsUniqueKeys: true,
  },
  {
    name: 'csv-diff',
    command: python('compare', 'text_diff.py'),
    needsUniqueKeys: true,
    verify(printed, truth) {
      const found = JSON.parse(printed) as Counts;
      // It knows no tolerance: what differs within one is changed all the same.
      expectEqual('changed', found.changed, truth.pairs.mismatched + truth.withinTolerance);
      expectEqual('left only', found.leftOnly, truth.left.missing);
      expectEqual('right only', found.rightOnly, truth.right.missing);
    },
  },
];
export const polars: Contestant = {
  name: 'polars',
  command: python('sql', 'polars_join.py'),
  verify: verifyCounts,
  needsUniqueKeys: true,
};
