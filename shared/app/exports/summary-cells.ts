// The sheet of a workbook that says what run it is of and what that run found: counts and sums per source, breaks counted by what
// persons sort them by. Figures are those of the run and of its view; none is made here.
import { joinNumber } from '../../domain/composite-number.ts';
import type { KeptGraph } from '../../domain/graph/graph.ts';
import type { SideSummary } from '../../domain/outcome.ts';
import type { Reconciliation } from '../../domain/reconciliation.ts';
import type { Run } from '../../domain/run.ts';
import { type Cell, numberOrText } from '../../matching/export/workbook-cell.ts';
import type { SheetColumn } from '../../matching/export/write-workbook.ts';

export const summaryColumns: SheetColumn[] = [{ title: 'Section' }, { title: 'Item' }, { title: 'Value' }];

export type Counted = { name: string; value: string; breaks: string };

type Summarised = {
  reconciliation: Pick<Reconciliation, 'name'> & { graph: Pick<KeptGraph, 'number' | 'code' | 'sources'> };
  run: Run;
  template: string;
  /** Of `analyticsSql`. */
  counted: Counted[];
  now: number;
};

export function summaryCells({ reconciliation, run, template, counted, now }: Summarised): Cell[][] {
  const { graph } = reconciliation;
  const { pairs = [], passes = [], breaks, sides = [] } = run.summary ?? {};
  const matched = [...pairs.map((pair) => pair.matched), ...passes.map(({ groups }) => groups)];
  const total = counted.find(({ name }) => name === 'total');
  return [
    ['Reconciliation', 'Code', graph.code],
    ['Reconciliation', 'Name', reconciliation.name],
    ['Reconciliation', 'Id', graph.number],
    ['Run', 'Id', joinNumber({ number: graph.number, sequence: run.number })],
    ['Run', 'Started', moment(run.startedAt ?? run.queuedAt)],
    ...(run.finishedAt === undefined ? [] : [['Run', 'Finished', moment(run.finishedAt)]]),
    ['Run', 'Triggered by', run.actor],
    ...(run.request?.correlationId === undefined ? [] : [['Run', 'Correlation id', run.request.correlationId]]),
    ...(run.request?.comments === undefined ? [] : [['Run', 'Comments', run.request.comments]]),
    ['Workbook', 'Template', template],
    ['Workbook', 'Made', new Date(now)],
    ['Result', 'Matched', matched.reduce((sum, count) => sum + count, 0)],
    ...Object.entries(breaks ?? {}).map(([type, count]) => ['Result', resultNames[type] ?? type, count]),
    ['Result', 'Breaks', Number(total?.breaks ?? 0)],
    ...sections.flatMap(([name, section]) =>
      counted.filter((one) => one.name === name).map(({ value, breaks: count }) => [section, value, Number(count)]),
    ),
    ...sides.flatMap((side) => sideCells(side, graph.sources)),
  ];
}

const resultNames: Record<string, string> = {
  MISMATCH: 'Mismatched',
  MISSING: 'Missing',
  DUPLICATE: 'Duplicate',
  SEARCH_EXHAUSTED: 'Search exhausted',
  AMBIGUOUS: 'Ambiguous',
};

const sections = [
  ['status', 'Breaks by status'],
  ['type', 'Breaks by type'],
  ['product', 'Breaks by product'],
  ['entity', 'Breaks by entity'],
  ['age', 'Open breaks by age'],
] as const;

function sideCells({ source, counts, sums }: SideSummary, sources: KeptGraph['sources']): Cell[][] {
  const name = sources.find(({ code }) => code === source)?.displayName ?? source;
  return [
    ...Object.entries(counts).map(([what, count]) => [`Records of ${name}`, capital(what), count]),
    ...Object.entries(sums).flatMap(([outcome, ofOutcome]) =>
      Object.entries(ofOutcome).flatMap(([field, byCurrency]) =>
        Object.entries(byCurrency).map(([currency, sum]) => [
          `Sum of ${field}, ${name}`,
          `${capital(outcome)}${currency === '' ? '' : ` ${currency}`}`,
          numberOrText(sum),
        ]),
      ),
    ),
  ];
}

function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}

function moment(iso: string): Date {
  return new Date(iso);
}
