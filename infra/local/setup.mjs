// What every npm script runs first, on a fresh clone with nothing installed: it brings the npm packages, Node 24 and,
// where the script needs it, the emulator's virtual environment up to what is pinned, then hands over to the script.
// Plain JavaScript for Node 20 without packages; it installs nothing outside this folder and says what it cannot.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const local = join(root, '.local');
const venv = join(local, 'venv');
const venvPython = join(venv, 'bin', 'python');
const venvStamp = join(venv, 'installed');
const requirements = join(root, 'infra', 'local', 'requirements.txt');
const nodeDirectory = join(root, 'node_modules', 'node', 'bin');
/** `install` stops after the set-up. */
const scripts = {
  start: 'infra/local/start.ts',
  test: 'infra/local/test.ts',
  check: 'infra/local/check.ts',
  build: 'cli/build.ts',
  bench: 'bench/run.ts',
  'bench:breaks': 'bench/breaks.ts',
  'bench:linking': 'bench/linking.ts',
  'bench:matching': 'bench/matching.ts',
  'bench:scale': 'bench/scale.ts',
  simulate: 'test/fault/simulate.ts',
  install: undefined,
};
const withoutEmulator = [
  ...['check', 'build', 'simulate'],
  ...['bench', 'bench:breaks', 'bench:linking', 'bench:matching', 'bench:scale'],
];

/** A person must do something: one line, no stack. */
class CannotSetUp extends Error {}

const [verb, ...rest] = process.argv.slice(2);
try {
  if (!Object.hasOwn(scripts, verb))
    throw new CannotSetUp(`usage: node infra/local/setup.mjs ${Object.keys(scripts).join('|')}`);
  checkMachine();
  if (!isReady(verb)) await underLock(() => prepare(verb));
  if (scripts[verb]) handOver(scripts[verb], rest);
} catch (error) {
  if (!(error instanceof CannotSetUp)) throw error;
  console.error(`tieout: ${error.message}`);
  process.exitCode = 2;
}

function checkMachine() {
  if (process.platform === 'win32')
    throw new CannotSetUp('run this inside WSL, on Linux or on macOS; Windows itself is not supported');
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20)
    throw new CannotSetUp(
      `Node 20 or newer is needed to begin (this is ${process.version}): install it from https://nodejs.org`,
    );
}

function isReady(verb) {
  return packagesAreInstalled() && nodeIsInstalled() && (withoutEmulator.includes(verb) || emulatorIsInstalled());
}

function prepare(verb) {
  if (!packagesAreInstalled()) installPackages();
  if (!nodeIsInstalled()) installNode();
  if (!withoutEmulator.includes(verb) && !emulatorIsInstalled()) installEmulator();
}

/** npm writes this second lockfile when an install is complete; every package of ours must be in it, as locked. */
function packagesAreInstalled() {
  const installed = readJson(join(root, 'node_modules', '.package-lock.json'))?.packages;
  if (!installed) return false;
  const locked = readJson(join(root, 'package-lock.json')).packages;
  return Object.entries(locked).every(([path, entry]) => {
    if (path === '') return true;
    const there = installed[path];
    return there ? there.version === entry.version : entry.optional === true;
  });
}

function installPackages() {
  requireCommand('git', ['--version'], 'git is needed: install it with your system (Debian: apt-get install git)');
  requireCommand('npm', ['--version'], 'npm is needed: it comes with Node, from https://nodejs.org');
  say('installing the npm packages (once, about a minute)');
  const run = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, encoding: 'utf8' });
  if (run.status !== 0) throw new CannotSetUp(`the npm packages could not be installed: ${lastLines(run)}`);
}

function nodeIsInstalled() {
  const wanted = readJson(join(root, 'package-lock.json')).packages['node_modules/node'].version;
  return (
    existsSync(join(nodeDirectory, 'node')) &&
    readJson(join(root, 'node_modules', 'node', 'package.json'))?.version === wanted
  );
}

/** npm runs this install script itself unless scripts are switched off (`ignore-scripts`); then it is run here. */
function installNode() {
  const directory = join(root, 'node_modules', 'node');
  say('installing Node 24 into node_modules');
  const run = spawnSync(process.execPath, ['installArchSpecificPackage.js'], { cwd: directory, encoding: 'utf8' });
  if (run.status !== 0 || !nodeIsInstalled())
    throw new CannotSetUp(`Node 24 could not be installed: ${lastLines(run)}`);
  const link = join(root, 'node_modules', '.bin', 'node');
  rmSync(link, { force: true });
  symlinkSync('../node/bin/node', link);
}

function requirementsHash() {
  return createHash('sha256').update(readFileSync(requirements)).digest('hex');
}

function emulatorIsInstalled() {
  return existsSync(venvPython) && existsSync(venvStamp) && readFileSync(venvStamp, 'utf8') === requirementsHash();
}

function installEmulator() {
  const python = findPython();
  say('installing the emulator of AWS into .local/venv (once, under a minute)');
  rmSync(venv, { recursive: true, force: true });
  mkdirSync(local, { recursive: true });
  const made = spawnSync(python, ['-m', 'venv', venv], { encoding: 'utf8' });
  if (made.status !== 0) {
    rmSync(venv, { recursive: true, force: true });
    throw new CannotSetUp(
      /ensurepip/.test(`${made.stdout}${made.stderr}`)
        ? 'Python cannot make virtual environments here: install its venv module (Debian: apt-get install python3-venv), then run this again'
        : `Python could not make a virtual environment: ${lastLines(made)}`,
    );
  }
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '-r', requirements];
  const run = spawnSync(venvPython, install, { encoding: 'utf8' });
  if (run.status !== 0) throw new CannotSetUp(`the emulator could not be installed by pip: ${lastLines(run)}`);
  writeWhole(venvStamp, requirementsHash());
}

function findPython() {
  const candidates = [
    process.env.PYTHON,
    'python3',
    'python',
    ...[14, 13, 12, 11, 10].map((minor) => `python3.${minor}`),
  ];
  for (const candidate of candidates.filter(Boolean)) {
    const run = spawnSync(candidate, ['-c', 'import sys; print(sys.version_info >= (3, 10))'], { encoding: 'utf8' });
    if (run.status === 0 && run.stdout.trim() === 'True') return candidate;
  }
  throw new CannotSetUp(
    'Python 3.10 or newer is needed for the local AWS: install it (Debian: apt-get install python3 python3-venv), or set PYTHON to it',
  );
}

function requireCommand(command, args, message) {
  if (spawnSync(command, args, { encoding: 'utf8' }).status !== 0) throw new CannotSetUp(message);
}

/** Two commands started at once must not both install: the second waits. A lock whose process is gone is taken over. */
async function underLock(work) {
  mkdirSync(local, { recursive: true });
  const lock = join(local, 'setup.lock');
  let waiting = false;
  for (;;) {
    try {
      const file = openSync(lock, 'wx');
      writeSync(file, String(process.pid));
      closeSync(file);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = readHolder(lock);
    if (holder !== undefined && !isAlive(holder)) {
      const aside = `${lock}.${process.pid}`;
      try {
        renameSync(lock, aside);
        rmSync(aside);
      } catch {
        // Another process took the dead lock away first: look again.
      }
      continue;
    }
    if (!waiting) say(`waiting for another set-up (process ${holder ?? 'starting'})`);
    waiting = true;
    await sleep(200);
  }
  const release = () => rmSync(lock, { force: true });
  process.once('exit', release);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));
  await work();
  release();
  process.removeListener('exit', release);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
}

function readHolder(lock) {
  try {
    const text = readFileSync(lock, 'utf8');
    return text === '' ? undefined : Number(text);
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** The script runs under Node 24, first on PATH for everything it starts. This process stays only to pass on signals. */
function handOver(script, args) {
  const path = [nodeDirectory, join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  const child = spawn(join(nodeDirectory, 'node'), [join(root, script), ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  });
  // A terminal sends Ctrl-C to the child as well: every verb takes a second signal of a kind as the same request.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  // npm starts this through a shell that dies of a signal without passing it on: then there is nobody left to ask for us.
  const parent = process.ppid;
  if (process.env.npm_lifecycle_event) setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 500).unref();
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function writeWhole(path, text) {
  const file = openSync(`${path}.new`, 'w');
  writeSync(file, text);
  closeSync(file);
  renameSync(`${path}.new`, path);
}

function lastLines(run) {
  const lines = `${run.error?.message ?? ''}\n${run.stdout ?? ''}\n${run.stderr ?? ''}`
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines.slice(-4).join(' | ');
}

function say(text) {
  console.error(`tieout: ${text}`);
}
