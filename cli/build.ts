// Bundles the command line into dist/tieout.mjs and the parts it loads when they are needed. The native DuckDB binding
// is not bundled: it is found in node_modules beside dist/, so `npm install` comes before `npm run build`.
import { chmod, readFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as duckdb from '@duckdb/node-api';
import { build, type Plugin } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(await readFile(`${root}package.json`, 'utf8')) as { version: string };

/**
 * DuckDB's JavaScript is CommonJS; in a part of its own its names would be lost, so they are written out. Bundled, it
 * loads in 90 ms less than as its many files.
 */
const duckdbNames: Plugin = {
  name: 'duckdb-names',
  setup(bundler) {
    bundler.onResolve({ filter: /^@duckdb\/node-api$/ }, (found) =>
      found.pluginData === 'itself' ? undefined : { path: found.path, namespace: 'duckdb-names' },
    );
    bundler.onLoad({ filter: /.*/, namespace: 'duckdb-names' }, async () => {
      const { path } = await bundler.resolve('@duckdb/node-api', {
        resolveDir: root,
        kind: 'import-statement',
        pluginData: 'itself',
      });
      const names = Object.keys(duckdb).filter((name) => name !== 'default' && name !== 'module.exports');
      return { contents: `export { ${names.join(', ')} } from ${JSON.stringify(path)};`, resolveDir: root };
    });
  },
};

await rm(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { tieout: 'cli/main.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.mjs' },
  chunkNames: 'parts/[name]-[hash]',
  bundle: true,
  // A part per command: `--version` reads a few kilobytes, and the workbook writer is only read for workbooks.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  keepNames: true,
  external: ['@duckdb/node-bindings'],
  plugins: [duckdbNames],
  define: { TIEOUT_VERSION: JSON.stringify(version) },
  // Some packages are CommonJS and ask for node's own modules at run time.
  banner: {
    js: "import { createRequire as tieoutRequire } from 'node:module'; const require = tieoutRequire(import.meta.url);",
  },
  logLevel: 'warning',
});
await chmod(`${root}dist/tieout.mjs`, 0o755);
