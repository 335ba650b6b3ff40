// Routes of the workbook of a run, and of the tickets by which a plain link downloads it.
import { z } from 'zod';
import { route } from '../route.ts';
import { idInPath, integerId, timestamp } from './envelope.ts';

const workbookType = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet';

export const exportRoutes = {
  exportRun: route({
    method: 'GET',
    path: '/api/exports/runs/{runId}',
    tag: 'Reporting',
    auth: 'ticket',
    rate: 'upload',
    status: 200,
    summary: 'The workbook of a run, by the active report template',
    description:
      'A file of up to 4 MiB comes at once; a larger one is a 307 to a link of 15 minutes. With redirect=false the answer is always that link. One that takes longer than a request may is a 202: ask again. Called with a ticket it is a 307 to itself with a new ticket instead, which a browser follows. Breaks are shown with the values of the run and the status of now.',
    params: z.object({ runId: idInPath }),
    query: z.object({
      token: z.string().optional().describe('A ticket of POST /api/exports/tickets; a JWT is refused here'),
      redirect: z.enum(['true', 'false']).default('true'),
    }),
    result: {
      download: [workbookType],
      link: z.object({ url: z.string(), expiresAt: timestamp, fileName: z.string(), fileSize: z.int() }),
      pending: z.object({ message: z.literal('The workbook is being made: ask again') }),
    },
    errors: ['NOT_FOUND', 'RESULTS_NOT_READY'],
  }),
  createExportTicket: route({
    method: 'POST',
    path: '/api/exports/tickets',
    tag: 'Reporting',
    auth: 'bearer',
    status: 201,
    summary: 'A ticket for one download of the workbook of a run',
    description:
      'For `window.open`, which can send no header: open /api/exports/runs/{runId}?token=<ticket> in a minute.',
    body: z.strictObject({ runId: integerId }),
    result: z.object({ ticket: z.string(), expiresAt: timestamp }),
    errors: ['NOT_FOUND', 'RESULTS_NOT_READY'],
    extension: true,
  }),
};
