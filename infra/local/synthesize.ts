// The template and assets of the local stack, by the very app that deploys to AWS. They are kept under the hash of all
// that they are made from, so that nothing is synthesized twice.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stackName } from '../deployment.ts';
import { localDirectory, projectRoot } from './paths.ts';

export type Assembly = { directory: string; hash: string; stackName: string };

export const localStage = 'local';
/** Older ones than this are removed when a new one is made: a deployment reads its assembly for seconds. */
const keptMs = 30 * 60 * 1_000;

/** `onWork` is called when it has to be made. Throws with what the app said when it does not synthesize: an entry that is absent, a finding of cdk-nag. */
export async function synthesize(onWork: () => void): Promise<Assembly> {
  const { context: settled } = JSON.parse(readFileSync(join(projectRoot, 'cdk.json'), 'utf8')) as { context: object };
  const context = { ...settled, stage: localStage, architecture: process.arch, platform: process.platform };
  const hash = hashOfInputs(JSON.stringify(context));
  const assemblies = join(localDirectory, 'assemblies');
  const directory = join(assemblies, hash);
  const assembly = { directory, hash, stackName: stackName(localStage) };
  if (existsSync(directory)) return assembly;
  onWork();
  mkdirSync(assemblies, { recursive: true });
  for (const name of readdirSync(assemblies)) {
    const old = join(assemblies, name);
    if (Date.now() - statSync(old).mtimeMs > keptMs) rmSync(old, { recursive: true, force: true });
  }
  const making = `${directory}.${process.pid}`;
  rmSync(making, { recursive: true, force: true });
  try {
    await promisify(execFile)(process.execPath, ['infra/app.ts'], {
      cwd: projectRoot,
      env: { ...process.env, CDK_OUTDIR: making, CDK_CONTEXT_JSON: JSON.stringify(context) },
      maxBuffer: 16 * 1024 * 1024,
    });
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    throw new Error(`infra/app.ts does not synthesize:\n${(error as { stderr?: string }).stderr ?? error}`);
  }
  if (existsSync(directory)) rmSync(making, { recursive: true, force: true });
  else renameSync(making, directory);
  return assembly;
}

function hashOfInputs(context: string): string {
  const hash = createHash('sha256').update(context);
  for (const top of ['infra', 'functions', 'shared']) {
    const names = readdirSync(join(projectRoot, top), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(ts|json)$/.test(name),
    );
    // What runs the local stack is no part of what is deployed.
    for (const name of names.filter((one) => top !== 'infra' || !one.startsWith('local/')).sort())
      hash.update(`${top}/${name}\0`).update(readFileSync(join(projectRoot, top, name)));
  }
  hash.update(readFileSync(join(projectRoot, 'package-lock.json')));
  return hash.digest('hex').slice(0, 16);
}
