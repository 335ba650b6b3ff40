// Bundles the entry of each function into a directory of its own: one ES module, dependencies and the AWS SDK inside, so
// that what was tested is what runs. Only DuckDB stays outside, and only for the functions that have its layer.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { FunctionSpec } from './functions.ts';

export type Bundle = {
  name: string;
  directory: string;
  /** Files that are in it, from the top of the project. */
  inputs: string[];
  exports: string[];
};

/** `<into>/<name>/index.mjs` for each. Throws when an entry is absent or does not bundle. */
export async function bundleFunctions(
  root: string,
  functions: readonly FunctionSpec[],
  into: string,
): Promise<Bundle[]> {
  const absent = functions.filter(({ entry }) => !existsSync(join(root, entry)));
  if (absent.length > 0)
    throw new Error(
      `infra/functions.ts names functions without an entry: ${absent.map(({ entry }) => entry).join(', ')}`,
    );
  // One build for all that share its plugins, so that each module is parsed once.
  const builds = await Promise.all([
    buildAll(
      root,
      functions.filter(({ engine }) => engine),
      into,
      fromLayer,
    ),
    buildAll(
      root,
      functions.filter(({ engine }) => !engine),
      into,
      withoutEngine,
    ),
  ]);
  return builds.flat();
}

async function buildAll(
  root: string,
  functions: readonly FunctionSpec[],
  into: string,
  plugin: Plugin,
): Promise<Bundle[]> {
  if (functions.length === 0) return [];
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: functions.map(({ name, entry }) => ({ in: entry, out: join(name, 'index') })),
    outdir: into,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minifySyntax: true,
    minifyWhitespace: true,
    sourcemap: 'linked',
    sourcesContent: false,
    metafile: true,
    logLevel: 'silent',
    // Packages written as CommonJS ask for Node's modules by `require`.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
    },
    plugins: [plugin],
  });
  return functions.map(({ name, entry }) => {
    const output = Object.values(metafile.outputs).find(({ entryPoint }) => entryPoint === entry);
    if (!output) throw new Error(`esbuild made nothing of ${entry}`);
    return { name, directory: join(into, name), inputs: Object.keys(output.inputs), exports: output.exports };
  });
}

/** A layer is found by `require` (NODE_PATH), never by `import`: both forms become a `require` at run time. */
const fromLayer: Plugin = {
  name: 'from-layer',
  setup(build) {
    build.onResolve({ filter: /^@duckdb\/node-api$/ }, ({ path, namespace }) =>
      namespace === 'layer' ? { path, external: true } : { path, namespace: 'layer' },
    );
    build.onLoad({ filter: /.*/, namespace: 'layer' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)})`,
      loader: 'js',
    }));
  },
};

/** 26 MB of engine in a function that answers requests would be a mistake in its imports. */
const withoutEngine: Plugin = {
  name: 'without-engine',
  setup(build) {
    build.onResolve({ filter: /^(@duckdb\/|exceljs$)/ }, ({ path, importer }) => ({
      errors: [{ text: `A function without \`engine: true\` may not import ${path} (from ${importer})` }],
    }));
  },
};
