// A backtest for a person: matches per pass, how breaks moved, the first matches lost, changed and gained, and why.
import { relative } from 'node:path';
import { oneLine } from '../failures.ts';
import { aligned, grouped } from './aligned.ts';
import type { BacktestReport, ChangedReport, MatchReport, NowReport } from './backtest-report.ts';
import { rowsText } from './rows-text.ts';

const charactersMax = 32;

export function readableBacktest(report: BacktestReport, directory: string | undefined): string {
  const { old, new: next, matches } = report;
  const lines = [
    `OLD ${oneLine(shortPath(old.file))}: ${oneLine(old.name)}`,
    `NEW ${oneLine(shortPath(next.file))}: ${oneLine(next.name)}`,
    ...report.files.map(
      ({ source, file, rows }) =>
        `${source}: ${oneLine(shortPath(file))}, ${grouped(rows)} ${rows === 1 ? 'row' : 'rows'}`,
    ),
    ...report.files
      .filter(({ rejected }) => rejected.old !== rejected.new)
      .map(
        ({ source, rejected }) =>
          `note: OLD rejects ${grouped(rejected.old)} rows of ${source}, NEW ${grouped(rejected.new)}`,
      ),
    '',
    ...passTable(report),
    ...report.otherPass.map(
      ({ from, to, matches: moved }) => `  ${grouped(moved)} kept by ${passText(to)}, by ${passText(from)} before`,
    ),
    '',
    ...breakTable(report),
    ...moveTable(report),
    ...changedList('lost', report.first.lost, matches.lost),
    ...changedList('changed', report.first.changed, matches.rematched + matches.nowMismatched + matches.nowMatched),
    ...gainedList(report.first.gained, matches.gained),
    ...confirmedLines(report),
    verdictLine(report),
    ...(report.results
      ? aligned(
          Object.values(report.results).map(({ file, rows }) => [
            `${directory}/${file}`,
            grouped(rows),
            rows === 1 ? 'row' : 'rows',
          ]),
          [1],
        )
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

function passTable({ old, new: next }: BacktestReport): string[] {
  const row = (
    label: string,
    pass: {
      pass: string | null;
      matches: number;
      kept: number;
      nowMatched: number;
      nowMismatched: number;
      rematched: number;
    },
    lost: string,
    gained: string,
  ) => [
    label,
    passText(pass.pass),
    grouped(pass.matches),
    grouped(pass.kept),
    grouped(pass.nowMatched),
    grouped(pass.nowMismatched),
    grouped(pass.rematched),
    lost,
    gained,
  ];
  return aligned(
    [
      ['matches', 'pass', 'all', 'kept', 'now agree', 'now differ', 'rematched', 'lost', 'gained'],
      ...old.passes.map((pass, index) => row(index === 0 ? 'OLD' : '', pass, grouped(pass.lost), '')),
      ...next.passes.map((pass, index) => row(index === 0 ? 'NEW' : '', pass, '', grouped(pass.gained))),
    ],
    [2, 3, 4, 5, 6, 7, 8],
  );
}

function breakTable({ old, new: next }: BacktestReport): string[] {
  const rows = Object.entries(old.breaks).flatMap(([type, before]) => {
    const after = next.breaks[type as keyof typeof next.breaks];
    const change = after - before;
    return before === 0 && after === 0
      ? []
      : [
          [
            type,
            grouped(before),
            grouped(after),
            change === 0 ? '' : `${change > 0 ? '+' : '-'}${grouped(Math.abs(change))}`,
          ],
        ];
  });
  return rows.length === 0
    ? ['no breaks, by OLD or NEW', '']
    : [...aligned([['breaks', 'OLD', 'NEW', ''], ...rows], [1, 2, 3]), ''];
}

function moveTable({ records }: BacktestReport): string[] {
  if (records.length === 0) return [];
  return [
    ...aligned(
      [
        ['records', 'OLD', 'NEW', ''],
        ...records.map(({ source, from, to, records: count }) => [source, from, to, grouped(count)]),
      ],
      [3],
    ),
    '',
  ];
}

function changedList(title: string, first: ChangedReport[], all: number): string[] {
  if (all === 0) return [];
  return [
    `${title}: ${first.length < all ? `first ${first.length} of ` : ''}${grouped(all)}`,
    ...first.flatMap((match) => [`  ${matchText(match)}`, ...becameLines(match).map((line) => `    ${line}`)]),
    '',
  ];
}

function gainedList(first: MatchReport[], all: number): string[] {
  if (all === 0) return [];
  return [
    `gained: ${first.length < all ? `first ${first.length} of ` : ''}${grouped(all)}`,
    ...first.map((match) => `  ${matchText(match)}${match.outcome === 'MISMATCH' ? ', differing' : ''}`),
    '',
  ];
}

function matchText(match: MatchReport): string {
  const rows = (side: number[], name: string) =>
    side.length === 0 ? [] : [`${name} row${side.length > 1 ? 's' : ''} ${side.join(', ')}`];
  const where = [...rows(match.left, 'left'), ...rows(match.right, match.source)].join(' with ');
  const key = match.key.length > 0 ? `${shortened(match.key.join(' | '))}: ` : '';
  return `${key}${where}${match.pass === null ? '' : `, by ${passText(match.pass)}`}`;
}

function becameLines(match: ChangedReport): string[] {
  if (match.verdict === 'now_matched') return ['differed, agrees now'];
  if (match.verdict === 'now_mismatched')
    return [`agreed, differs now${match.fields.length > 0 ? ` in ${match.fields.map(shortened).join(', ')}` : ''}`];
  return match.now.map((now) => `${now.side} row ${now.row}: ${nowText(now, match)}`);
}

function nowText(now: NowReport, match: ChangedReport): string {
  if (now.is === 'NO_RECORD') return 'not a record of NEW: rejected or filtered out';
  const other = now.side === 'left' ? match.source : 'left';
  if (now.with.length > 0) {
    const rows = `${other} row${now.with.length > 1 ? 's' : ''} ${now.with.join(', ')}`;
    return `${now.is === 'MATCHED' ? 'matched' : 'paired, differing,'} with ${rows}${now.pass === null ? '' : ` by ${passText(now.pass)}`}`;
  }
  const partners = now.side === 'left' ? match.right : match.left;
  const why = explanationText(now.explanation, partners, other);
  return `${now.is.toLowerCase().replaceAll('_', ' ')}${why ? `; ${why}` : ''}`;
}

type Candidate = { pass?: unknown; kind?: unknown; rows?: unknown; records?: unknown; failed?: unknown };

/** What NEW's break says of the former partner, else of the first candidate that it names. */
function explanationText(explanation: unknown, partners: number[], other: string): string | undefined {
  const { candidates } = (explanation ?? {}) as { candidates?: unknown };
  if (!Array.isArray(candidates)) return undefined;
  const rowsOf = ({ rows }: Candidate) => (Array.isArray(rows) ? rows.map(Number) : []);
  const all = candidates as Candidate[];
  const candidate = all.find((one) => rowsOf(one).some((row) => partners.includes(row))) ?? all[0];
  if (!candidate) return undefined;
  const failed = Array.isArray(candidate.failed) ? candidate.failed.filter((field) => typeof field === 'string') : [];
  // Of a tie, those that are equally good are the reason.
  const reasons = candidate.kind === 'tied' ? all.filter((one) => one.kind === 'tied') : [candidate];
  const rows = reasons.flatMap(rowsOf);
  const records = reasons.reduce((sum, one) => sum + Number(one.records), 0);
  return [
    `${candidate.kind} with ${other} ${rowsText(rows, records)} in ${passText(String(candidate.pass))}`,
    ...(failed.length > 0 ? [`it fails by ${failed.map(shortened).join(', ')}`] : []),
  ].join(': ');
}

function confirmedLines({ confirmed }: BacktestReport): string[] {
  if (!confirmed) return [];
  const { matches, kept, nowMatched, lost, rematched, nowMismatched, inOld } = confirmed;
  const harmed = lost + rematched + nowMismatched;
  return [
    `confirmed: ${grouped(matches)}, of which NEW keeps ${grouped(kept + nowMatched)}, loses ${grouped(lost)}, changes ${grouped(rematched + nowMismatched)}${inOld < matches ? `; OLD has ${grouped(inOld)} of them` : ''}`,
    ...(harmed > 0 ? changedList('confirmed and not kept', confirmed.first, harmed) : ['']),
  ];
}

function verdictLine(report: BacktestReport): string {
  const { matches, confirmed, allowLost, holds } = report;
  const { lost, rematched, nowMismatched } = confirmed ?? matches;
  const harmed = lost + rematched + nowMismatched;
  const what = confirmed ? 'confirmed matches' : 'matches';
  const seconds = `${(report.elapsedMs / 1000).toFixed(2)} s`;
  if (harmed === 0) return `NEW loses and changes no ${what}. ${seconds}`;
  const allowed = allowLost === 'all' ? 'all' : allowLost === 0 ? 'none' : grouped(allowLost);
  return `NEW loses or changes ${grouped(harmed)} ${what}; ${allowed} may be${holds ? '' : ': it fails'}. ${seconds}`;
}

function passText(pass: string | null): string {
  return pass === null ? 'a later pass' : oneLine(pass);
}

function shortPath(path: string): string {
  const here = relative(process.cwd(), path);
  return here.length < path.length ? here : path;
}

function shortened(text: string): string {
  const line = oneLine(text);
  return [...line].length <= charactersMax ? line : `${[...line].slice(0, charactersMax - 1).join('')}…`;
}
