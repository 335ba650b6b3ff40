// The Lambda layer that holds DuckDB and its native binding for the processor and platform the functions will run on.
// It is fetched by npm once per version and kept in .local; the version is the one that package-lock.json pins.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Deployment } from './deployment.ts';
import { localDirectory, projectRoot } from './local/paths.ts';

/** A directory with `nodejs/node_modules/@duckdb/…`, ready to be an asset. */
export function duckdbLayer({ architecture, platform }: Pick<Deployment, 'architecture' | 'platform'>): string {
  const version = lockedVersion('@duckdb/node-api');
  const directory = join(localDirectory, `layer-${platform}-${architecture}-${version}`);
  const binding = join(directory, 'nodejs', 'node_modules', '@duckdb', `node-bindings-${platform}-${architecture}`);
  if (existsSync(binding)) return directory;
  const making = `${directory}.${process.pid}`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(join(making, 'nodejs'), { recursive: true });
  writeFileSync(
    join(making, 'nodejs', 'package.json'),
    JSON.stringify({ private: true, dependencies: { '@duckdb/node-api': version } }),
  );
  const run = spawnSync(
    'npm',
    [
      'install',
      `--os=${platform}`,
      `--cpu=${architecture}`,
      ...(platform === 'linux' ? ['--libc=glibc'] : []),
      '--ignore-scripts',
      '--no-package-lock',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
    ],
    { cwd: join(making, 'nodejs'), encoding: 'utf8' },
  );
  if (run.status !== 0 || !existsSync(join(making, binding.slice(directory.length)))) {
    rmSync(making, { recursive: true, force: true });
    throw new Error(
      `DuckDB ${version} for ${platform} ${architecture} could not be fetched: ${run.error?.message ?? run.stderr}`,
    );
  }
  // What npm notes for itself carries times, and would make the layer a new one at every fetch.
  rmSync(join(making, 'nodejs', 'node_modules', '.package-lock.json'), { force: true });
  rmSync(join(making, 'nodejs', 'package.json'));
  rmSync(directory, { recursive: true, force: true });
  renameSync(making, directory);
  return directory;
}

function lockedVersion(name: string): string {
  const lock = JSON.parse(readFileSync(join(projectRoot, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version?: string }>;
  };
  const version = lock.packages[`node_modules/${name}`]?.version;
  if (!version) throw new Error(`${name} is not in package-lock.json`);
  return version;
}
