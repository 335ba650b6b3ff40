// What is deployed: every function of the table bundles, has a handler, and only those with the engine's layer ask for it.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, bundleFunctions } from '../../../infra/bundle.ts';
import { type FunctionSpec, functions } from '../../../infra/functions.ts';
import { projectRoot } from '../../../infra/local/paths.ts';

let directory: string;
let bundles: Bundle[];
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tieout-bundles-'));
  bundles = await bundleFunctions(projectRoot, functions, directory);
  // Twelve bundles, 12 s alone and several times that beside everything else.
}, 120_000);
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('the bundles', () => {
  it.each(functions.map(({ name, engine }) => ({ name, engine })))('$name (engine: $engine)', ({ name, engine }) => {
    const bundle = bundles.find((one) => one.name === name)!;
    expect(bundle.exports).toContain('handler');
    expect(bundle.inputs.filter((path) => path.includes('node_modules/@duckdb/'))).toEqual([]);
    if (!engine) expect(bundle.inputs.filter((path) => /node_modules\/exceljs\/|^layer:/.test(path))).toEqual([]);
    // Cold starts read it all; the AWS SDK's clients are most of it.
    expect(statSync(join(bundle.directory, 'index.mjs')).size).toBeLessThan(8 * 1024 * 1024);
  });

  it('refuses a function whose entry is absent, and says which', async () => {
    const absent = { ...functions[0]!, name: 'absent', entry: 'functions/absent/index.ts' } satisfies FunctionSpec;
    await expect(bundleFunctions(projectRoot, [absent], directory)).rejects.toThrow('functions/absent/index.ts');
  });
});
