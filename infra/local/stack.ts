// The platform on an emulator: started, deployed where something changed, each surface on its port. What `npm start`
// shows and what the end-to-end tests run against is this same thing.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { adaptPolicies } from './adapt-policies.ts';
import { deploy, deployedStack, type Outputs } from './deploy.ts';
import { putDirectory, sampleDirectory } from './directory.ts';
import { type Emulator, type EmulatorOptions, startEmulator } from './emulator.ts';
import { startProxy } from './proxy.ts';
import { surfaces } from './surfaces.ts';
import { synthesize } from './synthesize.ts';

export type LocalStack = {
  endpoint: string;
  outputs: Outputs;
  /** Surface → base URL, without a slash at the end. */
  urls: Record<string, string>;
  /** Resolves when the emulator has ended, by itself or by `stop`. */
  ended: Promise<void>;
  stop(): Promise<void>;
};

export type LocalStackOptions = {
  /** Of the emulator; a free one when absent. */
  awsPort?: number;
  /** Surface → port. */
  ports: Record<string, number>;
  /** Where everything outlives a clean stop; nothing is kept when absent. */
  stateDirectory?: string;
  /** Every call is held to the policies of its caller's role; the template is adapted to how the emulator reads them. */
  enforcePermissions?: boolean;
  /** Parameters of the CloudFormation stack, besides those that the local stack needs. */
  parameters?: Record<string, string>;
  /** Who may sign in to the break surface: JSON as infra/README.md describes it; the demo people when absent. */
  directoryFile?: string | undefined;
  say?(text: string): void;
};

/** Throws when it does not synthesize or deploy, or when another process uses the state directory. */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { stateDirectory, enforcePermissions } = options;
  const emulatorOptions = { port: options.awsPort, stateDirectory, enforcePermissions };
  const say = options.say ?? (() => {});
  const release = stateDirectory ? own(stateDirectory) : () => {};
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
    release();
  };
  try {
    const assembly = await synthesize(() => say('building the functions'));
    const hadState = stateDirectory !== undefined && existsSync(join(stateDirectory, 's3'));
    let emulator = await startEmulator(emulatorOptions);
    stops.push(() => emulator.stop());
    const parameters = {
      ...Object.fromEntries(
        surfaces.map(({ name, urlParameter }) => [urlParameter, `http://127.0.0.1:${options.ports[name]}`]),
      ),
      SelfRegistration: 'on',
      ...options.parameters,
    };
    const inputs = hashOf({ assembly: assembly.hash, parameters, endpoint: emulator.endpoint });
    const before = await deployedStack(emulator.endpoint, assembly.stackName);
    if (stateDirectory && hadState && !before) {
      // It saves on a clean stop only; after a kill there are objects without the stack that they belong to.
      say('the state of the local stack is not whole: it is set aside beside it, as state-broken');
      await emulator.stop();
      emulator = await restartAfresh({ ...emulatorOptions, stateDirectory });
    }
    const { endpoint } = emulator;
    const adapt = enforcePermissions ? adaptPolicies : undefined;
    if (before?.inputs !== inputs) say('deploying');
    const outputs =
      before?.inputs === inputs
        ? before.outputs
        : await deploy({
            endpoint,
            assembly: assembly.directory,
            stackName: assembly.stackName,
            parameters,
            inputs,
            adapt,
          });
    await putDirectory(endpoint, outputs, options.directoryFile ?? sampleDirectory);
    const urls: Record<string, string> = {};
    for (const { name, apiIdOutput } of surfaces) {
      const proxy = await startProxy({
        port: options.ports[name] ?? 0,
        endpoint,
        apiId: outputs[apiIdOutput] ?? '',
      });
      stops.push(() => proxy.close());
      urls[name] = `http://127.0.0.1:${proxy.port}`;
    }
    return { endpoint, outputs, urls, ended: emulator.ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What was deployed is kept as a tag, which holds 256 characters. */
function hashOf(inputs: object): string {
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex');
}

async function restartAfresh(options: EmulatorOptions & { stateDirectory: string }): Promise<Emulator> {
  const { stateDirectory } = options;
  rmSync(`${stateDirectory}-broken`, { recursive: true, force: true });
  mkdirSync(`${stateDirectory}-broken`, { recursive: true });
  for (const part of ['s3', 'services']) {
    if (existsSync(join(stateDirectory, part)))
      renameSync(join(stateDirectory, part), join(`${stateDirectory}-broken`, part));
  }
  return startEmulator(options);
}

/** Two emulators on one state would each overwrite the other's. A dead owner's claim is taken over. */
function own(stateDirectory: string): () => void {
  mkdirSync(stateDirectory, { recursive: true });
  const claim = join(stateDirectory, 'owner');
  const owner = existsSync(claim) ? Number(readFileSync(claim, 'utf8')) : undefined;
  if (owner !== undefined && owner !== process.pid && isAlive(owner))
    throw new Error(`Another local stack (process ${owner}) is running: stop it first`);
  writeFileSync(claim, String(process.pid));
  return () => rmSync(claim, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
