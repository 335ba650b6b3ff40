// `npm run bench:matching`: what the passes after the exact one cost and find, whole processes of the command line, on
// files with hidden matches; and what a day over open items costs, by the pipeline's own functions. Prints tables and
// writes them into bench/results.md, figures as they are. --quick: a tenth of the rows, 3 rounds, no page written.
// --only NAME: one case (near-keys, payouts, hidden-groups, equal-amounts, open-items).
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { carryOpenItems, type OpenItemsDay } from './matching/carry-open-items.ts';
import { makeEqualAmounts } from './matching/equal-amounts.ts';
import { makeHiddenGroups } from './matching/hidden-groups.ts';
import type { MadeCase } from './matching/made-case.ts';
import { makeNearKeys } from './matching/near-keys.ts';
import { marginalCost, marginalSentence, openItemsSizes, openItemsTable } from './matching/open-items-cost.ts';
import { makePayouts } from './matching/payouts.ts';
import { type Printed, readMatches } from './matching/read-result.ts';
import { type Score, score } from './matching/score.ts';
import { type Measured, type Run, runOnce, summarise } from './measure.ts';
import { benchDirectory, root } from './paths.ts';
import { machine, table, writeSection } from './results-page.ts';

const searches = ['payouts', 'hidden-groups', 'equal-amounts'] as const;
const names = ['near-keys', ...searches, 'open-items'] as const;
type Name = Exclude<(typeof names)[number], 'open-items'>;

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } } });
const chosen = names.filter((name) => values.only === undefined || values.only === name);
if (chosen.length === 0) {
  console.error(`bench: there is no case '${values.only}'; there is ${names.join(', ')}`);
  process.exit(2);
}
const seed = 7;
const rounds = values.quick ? 3 : 5;
const rows = values.quick ? 100_000 : 1_000_000;
const directory = join(benchDirectory, 'matching');
const out = join(directory, 'out');
const scratch = join(directory, 'scratch');

/** `printed`: of the last run; the counts do not change from run to run, and the score is of that run's files. */
type Found = { score: Score; printed: Printed; measured: Measured };

const titles: Record<Name, string> = {
  'near-keys': `${rows / 1000}k × ${rows / 1000}k, 2 % with another key`,
  payouts: '250 payouts of 3 orders among 1,000',
  'hidden-groups': '500 groups of 2 to 6 in 10,000 items',
  'equal-amounts': '40 equal amounts in a block',
};

mkdirSync(directory, { recursive: true });
execFileSync(process.execPath, [join(root, 'cli/build.ts')], { stdio: 'inherit' });

const found: Partial<Record<Name, Found>> = {};
let exactOnly: Measured | undefined;
let days: OpenItemsDay[] | undefined;
for (const name of chosen) {
  console.log(name === 'open-items' ? 'late arrivals over open items' : titles[name]);
  if (name === 'near-keys') found[name] = await benchNearKeys();
  else if (name === 'open-items')
    days = await carryOpenItems(join(directory, name), seed, openItemsSizes(values.quick), rounds);
  else found[name] = await benchSearch(name);
}
rmSync(out, { recursive: true, force: true });
rmSync(scratch, { recursive: true, force: true });

const tables = [
  ...(exactOnly ? [costTable(exactOnly, found['near-keys']!.measured)] : []),
  ...(Object.keys(found).length > 0 ? [foundTable()] : []),
  ...(days ? [openItemsTable(days), marginalSentence(days)] : []),
  targets(),
];
console.log(`\n${tables.join('\n\n')}`);
if (!values.quick && values.only === undefined)
  writeSection(
    'Matching',
    [
      `\`npm run bench:matching\`: whole processes, CSV to results written, medians of ${rounds} runs; exact only and with tolerance in turns.`,
      'A match is right when all its records on both sides are the hidden ones. Ambiguous and exhausted are records, left and right together.',
      'Open items: pipeline functions in one process under the limits of a deployed function; every late arrival is in its match and all else is still open under its id.',
      `Machine: ${machine()}.`,
      ...tables,
    ].join('\n\n'),
  );

/** The same definition with and without its tolerance pass, in turns. */
async function benchNearKeys(): Promise<Found> {
  const made = await makeNearKeys(join(directory, 'near-keys'), seed, rows);
  const runs: Record<'exact' | 'near', Run[]> = { exact: [], near: [] };
  for (let round = 0; round < rounds; round += 1) {
    const exact = match(made, made.exactOnly);
    const counts = printedBy(exact);
    expect('pairs of the exact pass', counts.left.matched, made.truth.exactPairs);
    expect('rows on the left', counts.left.rows, made.leftRows);
    expect('rows on the right', counts.right.rows, made.rightRows);
    runs.exact.push(exact);
    runs.near.push(match(made, made.definition));
  }
  const printed = printedBy(runs.near.at(-1)!);
  const found = score(await readMatches(out, scratch, 'key'), made.truth.pass, made.truth.groups);
  expect('pairs of both passes', printed.left.matched, made.truth.exactPairs + found.accepted);
  exactOnly = { ...summarise('exact pass only', runs.exact), verified: true };
  return { score: found, printed, measured: { ...summarise('with the tolerance pass', runs.near), verified: true } };
}

async function benchSearch(name: Exclude<Name, 'near-keys'>): Promise<Found> {
  const make = { payouts: makePayouts, 'hidden-groups': makeHiddenGroups, 'equal-amounts': makeEqualAmounts }[name];
  const made = make(join(directory, name), seed);
  const runs = Array.from({ length: rounds }, () => match(made, made.definition));
  return {
    score: score(await readMatches(out, scratch), made.truth.pass, made.truth.groups),
    printed: printedBy(runs.at(-1)!),
    measured: { ...summarise(name, runs), verified: true },
  };
}

function match(made: MadeCase, definition: string): Run {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const command = [process.execPath, join(root, 'dist/tieout.mjs'), 'match', made.left, made.right];
  const run = runOnce([...command, '--definition', definition, '--out', out, '--format', 'parquet', '--json']);
  // 1 says that there are breaks, and there are some in every case.
  if (run.exit !== 1) throw new Error(`tieout match ended with ${run.exit} on ${definition}`);
  return run;
}

function printedBy(run: Run): Printed {
  return JSON.parse(run.printed) as Printed;
}

function expect(what: string, value: number, truth: number): void {
  if (value !== truth) throw new Error(`${what}: ${value}, and the truth is ${truth}`);
}

function costTable(exact: Measured, near: Measured): string {
  return table([
    [titles['near-keys'], 'median', 'fastest – slowest', 'of exact only', 'CPU', 'peak memory', 'runs'],
    ...[exact, near].map((one) => [
      one.name,
      seconds(one.medianMs),
      `${(one.fastestMs / 1000).toFixed(2)} – ${seconds(one.slowestMs)}`,
      `${(one.medianMs / exact.medianMs).toFixed(2)} ×`,
      seconds(one.cpuMs),
      `${Math.round(one.peakMb)} MB`,
      String(one.runs),
    ]),
  ]);
}

function foundTable(): string {
  const share = (value: number | undefined) => (value === undefined ? '–' : `${(value * 100).toFixed(2)} %`);
  const sum = ({ left, right }: Printed, what: 'ambiguous' | 'exhausted') => String(left[what] + right[what]);
  return table([
    ['', 'hidden', 'accepted', 'right', 'precision', 'recall', 'ambiguous', 'exhausted', 'median'],
    ...(Object.keys(found) as Name[]).map((name) => {
      const { score: scored, printed, measured } = found[name]!;
      const counts = [scored.hidden, scored.accepted, scored.right].map(String);
      const shares = [share(scored.precision), share(scored.recall)];
      const open = [sum(printed, 'ambiguous'), sum(printed, 'exhausted')];
      return [titles[name], ...counts, ...shares, ...open, seconds(measured.medianMs)];
    }),
  ]);
}

/** The figures that the project holds itself to. */
function targets(): string {
  const lines: string[][] = [['', 'aim', 'measured', 'met']];
  const add = (what: string, aim: string, measured: string, met: boolean) =>
    lines.push([what, aim, measured, met ? 'yes' : '**no**']);
  const near = found['near-keys'];
  if (near && exactOnly) {
    const ratio = near.measured.medianMs / exactOnly.medianMs;
    add('with the tolerance pass, time of exact only', 'at most 2.0 ×', `${ratio.toFixed(2)} ×`, ratio <= 2);
  }
  if (found.payouts) {
    const { right, hidden, accepted } = found.payouts.score;
    const wrong = accepted - right;
    add('payouts', `${hidden} right, none wrong`, `${right} right, ${wrong} wrong`, right === hidden && wrong === 0);
  }
  if (found['hidden-groups']) {
    const { medianMs } = found['hidden-groups'].measured;
    add('hidden groups', 'under 20 s', seconds(medianMs), medianMs < 20_000);
  }
  if (found['equal-amounts']) {
    const { accepted } = found['equal-amounts'].score;
    const { medianMs } = found['equal-amounts'].measured;
    const measured = `${seconds(medianMs)}, ${accepted} accepted`;
    add('equal amounts', 'under 10 s, none accepted', measured, medianMs < 10_000 && accepted === 0);
  }
  if (days) {
    const { ratio, writes } = marginalCost(days);
    const [fewest] = days as [OpenItemsDay];
    const follow = writes.every((count) => count === fewest.new);
    const [least, most] = [Math.min(...writes), Math.max(...writes)];
    const found = least === most ? `${least}` : `${least} to ${most}`;
    add(`writes for ${fewest.new} new items, however many are open`, `${fewest.new}`, found, follow);
    add(
      'CPU of one more open item, of one more new one',
      'under 1',
      ratio?.toFixed(2) ?? 'lost in noise',
      ratio !== undefined && ratio < 1,
    );
  }
  return table(lines);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
