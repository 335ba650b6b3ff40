// Starts and stops one emulator of AWS: its own port, its own temporary directory, an environment that holds nothing
// of the caller's (it hands its own to every Lambda). It never touches an emulator that it did not start.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { localDirectory, projectRoot } from './paths.ts';

export type Emulator = {
  /** `http://127.0.0.1:<port>`, for AWS_ENDPOINT_URL. */
  endpoint: string;
  port: number;
  pid: number;
  logPath: string;
  /** Resolves when the process has ended, by itself or by `stop`. */
  ended: Promise<void>;
  stop(): Promise<void>;
};

const readyTimeoutMs = 30_000;
/** It saves its state on the way out: a few hundred megabytes of objects take seconds. */
const stopGraceMs = 10_000;

export type EmulatorOptions = {
  /** A free one when absent. */
  port?: number | undefined;
  /** Where its state outlives a clean stop; nothing is kept when absent. */
  stateDirectory?: string | undefined;
  /** Holds every call to the policies of its caller's role, as AWS does. */
  enforcePermissions?: boolean | undefined;
};

/** Throws when the emulator is not installed, does not answer in time, or cannot have the port. */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const python = join(localDirectory, 'venv', 'bin', 'python');
  if (!existsSync(python)) throw new Error('The emulator is not installed: run `node infra/local/setup.mjs install`');
  const port = options.port ?? (await freePort());
  const temporary = mkdtempSync(join(tmpdir(), 'tieout-emulator-'));
  const logPath = join(temporary, 'emulator.log');
  const log = openSync(logPath, 'w');
  const child = spawn(python, [join(projectRoot, 'infra', 'local', 'emulator.py')], {
    cwd: temporary,
    stdio: ['ignore', log, log],
    // Its own group: a Ctrl-C in the terminal must reach it only after the work that still needs it has ended.
    detached: true,
    env: emulatorEnvironment(port, temporary, options),
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const emulator: Emulator = {
    endpoint: `http://127.0.0.1:${port}`,
    port,
    pid: child.pid ?? -1,
    logPath,
    ended,
    stop: () => stop(child, ended, temporary),
  };
  try {
    const { auth } = await untilReady(emulator, child);
    if (options.enforcePermissions && auth !== 'enabled') throw new Error('it does not enforce permissions');
  } catch (error) {
    const tail = readFileSync(logPath, 'utf8').split('\n').slice(-15).join('\n');
    await emulator.stop();
    throw new Error(`The emulator did not start: ${(error as Error).message}\n${tail}`);
  }
  return emulator;
}

function emulatorEnvironment(
  port: number,
  temporary: string,
  { stateDirectory, enforcePermissions }: EmulatorOptions,
): Record<string, string> {
  const persistence = stateDirectory && {
    PERSIST_STATE: '1',
    S3_PERSIST: '1',
    STATE_DIR: join(stateDirectory, 'services'),
    S3_DATA_DIR: join(stateDirectory, 's3'),
  };
  if (stateDirectory) mkdirSync(stateDirectory, { recursive: true });
  return {
    // Lambdas run the `node` that comes first here: the project's own, as its functions say nodejs24.x.
    PATH: [join(projectRoot, 'node_modules', 'node', 'bin'), process.env.PATH ?? ''].join(':'),
    HOME: temporary,
    TMPDIR: temporary,
    LANG: 'C.UTF-8',
    GATEWAY_PORT: String(port),
    BIND_HOST: '127.0.0.1',
    LOG_LEVEL: 'WARNING',
    // Listeners of services that are not used here; their ports may be another's.
    IOT_MTLS_ENABLED: '0',
    SFTP_ENABLED: '0',
    TIEOUT_PARENT: String(process.pid),
    ...(enforcePermissions && { AUTH: 'true' }),
    ...(persistence || { STATE_DIR: join(temporary, 'state'), S3_DATA_DIR: join(temporary, 's3') }),
  };
}

type Health = { auth: 'enabled' | 'disabled' };

async function untilReady(emulator: Emulator, child: ChildProcess): Promise<Health> {
  const deadline = Date.now() + readyTimeoutMs;
  while (Date.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('it ended at once');
    try {
      const answer = await fetch(`${emulator.endpoint}/_ministack/health`, { signal: AbortSignal.timeout(2_000) });
      if (answer.ok) return (await answer.json()) as Health;
    } catch {
      // Not listening yet.
    }
    await sleep(50);
  }
  throw new Error(`no answer within ${readyTimeoutMs} ms`);
}

async function stop(child: ChildProcess, ended: Promise<void>, temporary: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    await Promise.race([ended, sleep(stopGraceMs, undefined, { ref: false })]);
    child.kill('SIGKILL');
    await ended;
  }
  rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
}

/** A port that was free a moment ago, on the loopback interface. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
