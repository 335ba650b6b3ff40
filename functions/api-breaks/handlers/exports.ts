// The workbook of a run, for whoever may see the run, and tickets for links that can carry no header.
import { giveTicket, type TicketDeps } from '../../../shared/app/exports/tickets.ts';
import { type HandOutDeps, handOutFile } from '../../../shared/app/hand-out-file.ts';
import { type RunDeps, visibleRun } from '../../../shared/app/run-view/visible-run.ts';
import { within } from '../../../shared/app/within.ts';
import type { exportRoutes } from '../../../shared/contracts/breaks/exports.ts';
import type { BreaksActor } from '../../../shared/domain/breaks-actor.ts';
import { fail, ok, type Result } from '../../../shared/domain/result.ts';
import type { Run } from '../../../shared/domain/run.ts';
import type { Handlers } from '../../../shared/http/handlers.ts';
import { binaryReplyBytesMax } from '../../../shared/http/message.ts';
import type { RunWorkbook } from '../../../shared/ports/run-workbook.ts';

export type ExportDeps = RunDeps &
  TicketDeps &
  HandOutDeps & {
    workbooks: RunWorkbook;
    /** How long a request waits for a workbook to be made, well inside what the gateway waits. */
    exportWaitMs: number;
  };

const retryAfterSeconds = 10;

export function exportHandlers(deps: ExportDeps): Handlers<typeof exportRoutes, BreaksActor> {
  return {
    async exportRun({ actor, params: { runId }, query }) {
      const run = await settledRun(deps, actor, runId);
      if (!run.ok) return run;
      const file = await within(deps.exportWaitMs, deps.workbooks.workbook(run.value));
      if (!file) {
        // The query function goes on with it, and a later request finds it made.
        if (query.token === undefined)
          return ok({ pending: { message: 'The workbook is being made: ask again' }, retryAfterSeconds });
        // A ticket is used up and a window cannot ask again: it is sent here once more. Relative, it stays on this path.
        const { ticket } = await giveTicket(deps, actor, runId);
        return ok({ redirect: `?token=${ticket}&redirect=${query.redirect}` });
      }
      const fileName = `reconciliation-run-${runId}.xlsx`;
      const linkOnly = query.redirect === 'false';
      const handed = await handOutFile(deps, file, { fileName, bytesMax: binaryReplyBytesMax, linkOnly });
      return ok('link' in handed ? { link: { ...handed.link, fileName, fileSize: file.bytes } } : handed);
    },
    async createExportTicket({ actor, body: { runId } }) {
      const run = await settledRun(deps, actor, runId);
      return run.ok ? ok(await giveTicket(deps, actor, runId)) : run;
    },
  };
}

async function settledRun(deps: RunDeps, actor: BreaksActor, runId: number): Promise<Result<Run>> {
  const visible = await visibleRun(deps, actor, runId);
  if (!visible.ok) return visible;
  const { run } = visible.value;
  return run.status === 'COMPLETED' && run.results?.ledgerKey !== undefined
    ? ok(run)
    : fail('RESULTS_NOT_READY', `The run is ${run.status}: it has no breaks to export`);
}
