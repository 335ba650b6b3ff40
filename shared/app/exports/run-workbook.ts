// Makes the workbook of a run in the store: the values of the run, the status and comments of now. One that was made before is
// given again while nothing that it shows has changed.
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { activeTemplate, type ReportTemplate } from '../../domain/graph/report-template.ts';
import { exportKey } from '../../domain/object-keys.ts';
import { FailureError, fail } from '../../domain/result.ts';
import type { Engine } from '../../matching/engine.ts';
import { type WorkbookSheet, writeWorkbook } from '../../matching/export/write-workbook.ts';
import { literal } from '../../matching/sql.ts';
import type { BreakStore } from '../../ports/break-store.ts';
import type { RunWorkbook, WorkbookFile } from '../../ports/run-workbook.ts';
import type { Deps } from '../deps.ts';
import { completedRun, fetchFiles, type OpenDeps, withEngine } from '../results/open-results.ts';
import { type RunViewDeps, writeRunView } from '../run-view/read-run-view.ts';
import { analyticsSql } from '../run-view/view-sql.ts';
import type { GraphReconciliation } from '../run-view/visible-definition.ts';
import { loadNotes } from './load-notes.ts';
import { type Counted, summaryCells, summaryColumns } from './summary-cells.ts';
import { commentSheet, rowSheet, type WorkbookSources } from './workbook-sql.ts';

export type RunWorkbookDeps = OpenDeps &
  Pick<Deps, 'reconciliations' | 'clock'> &
  Pick<RunViewDeps, 'batches'> & { breaks: Pick<BreakStore, 'touched' | 'getMany' | 'entries'> };

const contentType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';
/** Raised when the layout of workbooks changes: one that was made before is made anew. */
const layout = 1;
/** Ages go on where nothing else changes. */
const goodForMs = 10 * 60_000;
/** One that took longer than a request waits is given to those who ask again, although a status has changed meanwhile: else the
 * workbook of a run that people work on would never arrive. */
const slowMs = 20_000;
const slowGoodForMs = 60_000;

/** What is remembered of the last one. */
type Made = WorkbookFile & { fingerprint: string; layout: string; readAt: number; madeAt: number };

export function createRunWorkbook(deps: RunWorkbookDeps): RunWorkbook {
  return {
    async workbook(ref) {
      const run = await completedRun(deps, ref);
      const reconciliation = await deps.reconciliations.get(ref);
      if (!reconciliation?.graph) throw new FailureError(fail('NOT_FOUND', `The run ${ref.runId} has no graph`));
      const { graph } = reconciliation;
      const template = activeTemplate(graph.reportTemplates);
      const readAt = deps.clock.now();
      const shown = hashOf([layout, template, graph.number, graph.sources, graph.canonicalFields, reconciliation.name]);
      const noteKey = exportKey(run, 'workbook.json');
      const last = await lastMade(deps, noteKey);
      const known = last?.layout === shown ? last : undefined;
      if (known && known.madeAt - known.readAt > slowMs && readAt - known.madeAt < slowGoodForMs) return fileOf(known);

      return withEngine(deps, async (engine, directory) => {
        const viewed = await writeRunView(deps, run, join(directory, 'view'));
        const from = `read_parquet(${literal(viewed)})`;
        const notes = await loadNotes(engine, deps.breaks, run, `(SELECT id FROM ${from} WHERE touched OR gone)`);
        const [statuses] = await engine.rows<{ hash: string | null }>(
          `SELECT bit_xor(hash(id, status))::VARCHAR AS hash FROM ${from}`,
        );
        const fingerprint = hashOf([notes, statuses?.hash]);
        if (known?.fingerprint === fingerprint && readAt - known.readAt < goodForMs) return fileOf(known);

        const withMatches = template.sheets.some(({ outcomes }) => outcomes.includes('MATCHED'));
        const described = await engine.rows<{ column_name: string }>(`DESCRIBE FROM ${from}`);
        const sources: WorkbookSources = {
          graph,
          files: await fetchFiles(deps, run, withMatches),
          dimensions: run.dimensions ?? {},
          viewed,
          viewedColumns: new Set(described.map(({ column_name: name }) => name)),
          idParts: await partsById(engine, from),
          now: readAt,
        };
        const summary = async (): Promise<WorkbookSheet['rows']> => {
          await engine.run(`CREATE VIEW viewed AS FROM ${from}`);
          const counted = await engine.rows<Counted>(analyticsSql('true', readAt));
          const named = { ...reconciliation, graph } satisfies GraphReconciliation;
          return { cells: summaryCells({ reconciliation: named, run, template: template.name, counted, now: readAt }) };
        };
        const outputPath = join(directory, 'workbook.xlsx');
        await writeWorkbook(engine, await sheetsOf(template, sources, summary), outputPath);
        const key = exportKey(run, `workbook-${deps.ids.uuid()}.xlsx`);
        await deps.objects.upload(outputPath, key, contentType);
        const file: WorkbookFile = { key, bytes: (await stat(outputPath)).size, contentType };
        const made: Made = { ...file, fingerprint, layout: shown, readAt, madeAt: deps.clock.now() };
        await deps.objects.put(noteKey, JSON.stringify(made), 'application/json');
        return file;
      });
    },
  };
}

async function partsById(engine: Engine, from: string): Promise<string[]> {
  const numbered = `SELECT id, row_number() OVER (ORDER BY id) AS number FROM ${from}`;
  const ends = await engine.rows<{ id: string }>(
    `SELECT id FROM (${numbered}) WHERE number % ${breaksAtOnce} = 0 ORDER BY id`,
  );
  return ends.map(({ id }) => id);
}
/** Some MB with all their values. */
const breaksAtOnce = 10_000;

async function sheetsOf(
  template: ReportTemplate,
  sources: WorkbookSources,
  summary: () => Promise<WorkbookSheet['rows']>,
): Promise<WorkbookSheet[]> {
  const cells = template.sheets.some(({ outcomes }) => outcomes.includes('SUMMARY')) ? await summary() : { cells: [] };
  return template.sheets.map((sheet) => {
    if (sheet.outcomes.includes('SUMMARY'))
      return { title: sheet.title, columns: summaryColumns, rows: cells, autoFilter: sheet.autoFilter ?? true };
    return sheet.outcomes.includes('COMMENTS') ? commentSheet(sources, sheet) : rowSheet(sources, sheet);
  });
}

async function lastMade(deps: Pick<Deps, 'objects'>, key: string): Promise<Made | undefined> {
  const body = await deps.objects.get(key);
  return body && (JSON.parse(new TextDecoder().decode(body)) as Made);
}

function fileOf({ key, bytes, contentType: type }: Made): WorkbookFile {
  return { key, bytes, contentType: type };
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
