// The processes in which the emulator runs functions: found among its own children, so that a test kills only those.
import { readdirSync, readFileSync } from 'node:fs';

/** Processes below the emulator on this endpoint that run one of these functions. */
export function workerProcesses(endpoint: string, functionNames: string[]): number[] {
  const port = new URL(endpoint).port;
  const processes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const pid = Number(name);
      const environment = read(pid, 'environ').split('\0');
      // The parent follows the command's name, which may hold spaces and parentheses.
      const parent = Number(read(pid, 'stat').split(') ').at(-1)?.split(' ')[1]);
      return [{ pid, parent, environment }];
    });
  const emulator = processes.find(({ environment, pid }) => {
    return environment.includes(`GATEWAY_PORT=${port}`) && read(pid, 'cmdline').includes('emulator.py');
  });
  if (!emulator) throw new Error(`no emulator has port ${port}`);
  const below = new Set([emulator.pid]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const { pid, parent } of processes) {
      if (!below.has(parent) || below.has(pid)) continue;
      below.add(pid);
      grown = true;
    }
  }
  return processes
    .filter(({ pid }) => below.has(pid) && pid !== emulator.pid)
    .filter(({ environment }) => functionNames.some((name) => environment.includes(`AWS_LAMBDA_FUNCTION_NAME=${name}`)))
    .map(({ pid }) => pid);
}

/** Empty for a process that has ended or is not ours to look at. */
function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
