// Bundles the entry of each function into a directory of its own: one ES module, dependencies and the AWS SDK inside, so
// that what was tested is what runs. Only DuckDB stays outside, and only for the functions that have its layer.
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import type { FunctionSpec } from './functions.ts';

export type Bundle = { name: string; directory: string; metafile: Metafile };

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
  const bundles: Bundle[] = [];
  for (const { name, entry, engine } of functions) {
    const directory = join(into, name);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: [entry],
      outfile: join(directory, 'index.mjs'),
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      minifySyntax: true,
      sourcemap: 'linked',
      sourcesContent: false,
      metafile: true,
      logLevel: 'silent',
      // Packages written as CommonJS ask for Node's modules by `require`.
      banner: {
        js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
      },
      plugins: engine ? [fromLayer] : [withoutEngine(name)],
    });
    bundles.push({ name, directory, metafile });
  }
  return bundles;
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
function withoutEngine(name: string): Plugin {
  return {
    name: 'without-engine',
    setup(build) {
      build.onResolve({ filter: /^(@duckdb\/|exceljs$)/ }, ({ path, importer }) => ({
        errors: [
          { text: `${name} may not import ${path} (from ${importer}): give it \`engine: true\` or move the work` },
        ],
      }));
    },
  };
}
