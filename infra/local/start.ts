// `npm start`: the platform on this machine, with a sample reconciliation and demo accounts, until Ctrl-C. The accounts
// and the sample exist here only; a deployment to AWS has neither.
import { createServer } from 'node:net';
import { join } from 'node:path';
import { demoPassword, demoPeople } from './directory.ts';
import { localDirectory } from './paths.ts';
import { createDemoAccounts, demoAccounts, runSample, type SampleResult } from './sample.ts';
import { type LocalStack, startLocalStack } from './stack.ts';
import { surfaces } from './surfaces.ts';

const awsPort = portOf('AWS_PORT', 4566);
const ports = Object.fromEntries(surfaces.map(({ name, port, portVariable }) => [name, portOf(portVariable, port)]));

const directoryFile = process.env.DIRECTORY_FILE;

let stack: LocalStack | undefined;
let stopping = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(0));

try {
  await refuseTakenPorts();
  stack = await startLocalStack({ awsPort, ports, stateDirectory: join(localDirectory, 'state'), directoryFile, say });
  if (stopping) await stack.stop();
  else await show(stack);
} catch (error) {
  console.error(`tieout: ${(error as Error).message}`);
  await stop(1);
}

async function show(running: LocalStack): Promise<void> {
  await createDemoAccounts(running);
  const sample = await runSample(running);
  if (stopping) return;
  console.log(
    [
      '',
      ...sampleLines(sample),
      '',
      ...addressLines(running),
      '',
      'Ctrl-C ends it; what it holds is kept in .local/state.',
      '',
    ].join('\n'),
  );
  await running.ended;
  if (stopping) return;
  console.error('tieout: the emulator of AWS ended by itself');
  await stop(1);
}

function sampleLines({ sides, dropFolders }: SampleResult): string[] {
  const columns = ['rows', 'matched', 'mismatched', 'missing', 'duplicate', 'ambiguous', 'rejected'] as const;
  const row = (name: string, cells: string[]) =>
    `  ${name.padEnd(8)}${cells.map((cell) => cell.padStart(12)).join('')}`;
  return [
    `Sample reconciliation, files dropped into ${dropFolders.join(' and ')}:`,
    row('', [...columns]),
    ...sides.map((side) =>
      row(
        side.source,
        columns.map((column) => String(side[column])),
      ),
    ),
  ];
}

function addressLines(running: LocalStack): string[] {
  return [
    'Tieout is up:',
    ...surfaces.map(({ name }) => `  ${name.padEnd(8)}${running.urls[name]}   ${running.urls[name]}/api/openapi.json`),
    `  ${'AWS'.padEnd(8)}${running.endpoint}   drop folder: s3://${running.outputs.BucketName}/drop/`,
    'Demo accounts, here only:',
    ...demoAccounts.map(({ email, password, role }) => `  ${'recon'.padEnd(8)}${email} / ${password} (${role})`),
    directoryFile
      ? `  ${'breaks'.padEnd(8)}the directory of ${directoryFile}`
      : `  ${'breaks'.padEnd(8)}${demoPeople.join(', ')} / ${demoPassword}`,
  ];
}

/** A second signal is the same request as the first: what was started must be ended before this process goes. */
async function stop(exitCode: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await stack?.stop();
  process.exitCode = exitCode;
}

/** The flag `--recon-port 9000`, else the variable `RECON_PORT`, else the usual port. */
function portOf(variable: string, usual: number): number {
  const flag = `--${variable.toLowerCase().replaceAll('_', '-')}`;
  const at = process.argv.indexOf(flag);
  const text = at === -1 ? process.env[variable] : process.argv[at + 1];
  if (text === undefined) return usual;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  console.error(`tieout: ${at === -1 ? variable : flag} must be a port number, not "${text}"`);
  process.exit(2);
}

async function refuseTakenPorts(): Promise<void> {
  const wanted = [
    ['AWS_PORT', awsPort] as const,
    ...surfaces.map(({ name, portVariable }) => [portVariable, ports[name] ?? 0] as const),
  ];
  for (const [variable, port] of wanted) {
    if (!(await isFree(port)))
      throw new Error(`port ${port} is in use: stop what uses it, or set ${variable} to another`);
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

function say(text: string): void {
  console.error(`tieout: ${text}`);
}
