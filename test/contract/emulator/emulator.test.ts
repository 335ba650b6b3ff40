// The emulator that the local stack and the tests stand on: it starts on a free port, keeps its state over a clean
// stop, and ends when whoever started it dies.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { startEmulator } from '../../../infra/local/emulator.ts';
import { projectRoot } from '../../../infra/local/paths.ts';

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

function s3(endpoint: string): S3Client {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return new S3Client({ endpoint, region: 'us-east-1', credentials, forcePathStyle: true });
}

describe('the emulator', () => {
  it('is shared by the contract tests', async () => {
    expect((await fetch(`${inject('awsEndpoint')}/_ministack/health`)).status).toBe(200);
  });

  it('keeps objects over a clean stop when it has a state directory', async () => {
    const stateDirectory = mkdtempSync(join(tmpdir(), 'tieout-state-'));
    directories.push(stateDirectory);
    const first = await startEmulator({ stateDirectory });
    await s3(first.endpoint).send(new CreateBucketCommand({ Bucket: 'kept' }));
    await s3(first.endpoint).send(new PutObjectCommand({ Bucket: 'kept', Key: 'a/b', Body: 'still here' }));
    await first.stop();
    const second = await startEmulator({ stateDirectory });
    const object = await s3(second.endpoint).send(new GetObjectCommand({ Bucket: 'kept', Key: 'a/b' }));
    expect(await object.Body?.transformToString()).toBe('still here');
    await second.stop();
  });

  it('ends by itself when the process that started it is killed', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'tieout-parent-'));
    directories.push(directory);
    const script = join(directory, 'parent.ts');
    const module = join(projectRoot, 'infra', 'local', 'emulator.ts');
    writeFileSync(
      script,
      `const { startEmulator } = await import(${JSON.stringify(module)});\nconsole.log(JSON.stringify(await startEmulator()));\nsetInterval(() => {}, 1000);\n`,
    );
    const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const line = await new Promise<string>((resolve) =>
      parent.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
    );
    const { pid, logPath } = JSON.parse(line) as { pid: number; logPath: string };
    directories.push(dirname(logPath));
    parent.kill('SIGKILL');
    for (let waited = 0; isAlive(pid) && waited < 15_000; waited += 100) await sleep(100);
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(dirname(logPath))).toBe(false);
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
