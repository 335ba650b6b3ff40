// The workbook of a run on the deployed platform: by an administrator's template, downloaded as a person does, read by another library.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, inject, test } from 'vitest';
import { type ReadSheet, readWorkbook } from '../../contract/exports/read-workbook.ts';
import { call, login, type SignedIn } from './client.ts';
import { settled, upload } from './story.ts';

const base = inject('stack').urls.breaks!;

const field = (canonicalName: string, more: object) => ({
  canonicalName,
  displayName: canonicalName,
  comparisonLogic: 'EXACT_MATCH',
  mappings: ['FEED', 'LEDGER'].map((sourceCode) => ({ sourceCode, sourceColumn: canonicalName })),
  ...more,
});
const graph = {
  name: 'Feed and ledger',
  status: 'DRAFT',
  makerCheckerEnabled: true,
  sources: [
    { code: 'FEED', adapterType: 'CSV_FILE', anchor: true },
    { code: 'LEDGER', adapterType: 'CSV_FILE', anchor: false },
  ],
  canonicalFields: [
    field('tradeId', { role: 'KEY', dataType: 'STRING' }),
    field('amount', { role: 'COMPARE', dataType: 'DECIMAL', formattingHint: '#,##0.00' }),
    field('product', { role: 'PRODUCT', dataType: 'STRING' }),
  ],
  reportTemplates: [
    {
      name: 'Desk',
      sheets: [
        { title: 'Overview', outcomes: ['SUMMARY'] },
        {
          title: 'Differences',
          outcomes: ['MISMATCHED', 'MISSING'],
          columns: [
            { field: 'breakId', side: 'ITEM' },
            { field: 'status', side: 'ITEM' },
            { field: 'amount', side: 'SOURCE_A', title: 'Ours' },
            { field: 'amount', side: 'SOURCE_B', title: 'Theirs' },
            { field: 'amount', side: 'DIFFERENCE', title: 'Difference' },
          ],
        },
        { title: 'Said', outcomes: ['COMMENTS'] },
      ],
    },
  ],
  accessControlEntries: [{ ldapGroupDn: 'CN=RECON_PREPARERS,OU=Groups,DC=corp,DC=example', role: 'MAKER' }],
};
const header = 'tradeId,amount,product';
const feed = [header, 'T-1,100.00,EQUITIES', 'T-2,50.00,BONDS', 'T-3,1.00,BONDS'];
const ledger = [header, 'T-1,95.00,EQUITIES', 'T-2,50.00,BONDS', 'T-4,2.00,BONDS'];

let maker: SignedIn;
let admin: SignedIn;
let id: number;
// biome-ignore lint/suspicious/noExplicitAny: a body is whatever came over the wire.
let run: any;
beforeAll(async () => {
  maker = await login(base, 'analyst.jane', 'Sup3rSecret!');
  admin = await login(base, 'admin.ops', 'Sup3rSecret!');
  const code = `EXPORT_${randomUUID().slice(0, 8).toUpperCase()}`;
  const created = await call(base, admin, 'POST', '/api/admin/reconciliations', { code, ...graph });
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  id = created.body.id;
  expect((await call(base, admin, 'PATCH', path(), { status: 'PUBLISHED' })).status).toBe(200);
  for (const [source, rows] of [
    ['FEED', feed],
    ['LEDGER', ledger],
  ] as const)
    expect((await upload(base, admin.token, `${path()}/sources/${source}/batches`, 'CSV_FILE', rows)).status).toBe(200);
  run = await settled(base, maker, id);
}, 120_000);

const path = () => `/api/admin/reconciliations/${id}`;

async function download(address: string, headers: Record<string, string> = {}): Promise<ReadSheet[]> {
  const reply = await fetch(`${base}${address}`, { headers });
  expect(reply.status).toBe(200);
  const directory = mkdtempSync(join(tmpdir(), 'tieout-export-'));
  try {
    const file = join(directory, 'run.xlsx');
    writeFileSync(file, Buffer.from(await reply.arrayBuffer()));
    return readWorkbook(file);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const rowsOf = (sheet: ReadSheet) => sheet.rows.map((row) => row.map(({ value }) => value));

test('excel-export: the template decides, and what persons did shows at once', async () => {
  const address = `/api/exports/runs/${run.summary.runId}`;
  const bearer = { authorization: `Bearer ${maker.token}` };
  const before = await download(address, bearer);
  expect(before.map(({ title }) => title)).toEqual(['Overview', 'Differences', 'Said']);
  expect(rowsOf(before[2]!)).toHaveLength(1);

  const ids = run.breaks.map((one: { id: number }) => one.id);
  const bulk = { breakIds: ids.slice(0, 2), status: 'PENDING_APPROVAL', comment: '=1+1 asked the custodian' };
  expect((await call(base, maker, 'POST', '/api/breaks/bulk', bulk)).status).toBe(200);
  const ticket = await call(base, maker, 'POST', '/api/exports/tickets', { runId: run.summary.runId });
  expect(ticket.status).toBe(201);
  const [overview, differences, said] = await download(`${address}?token=${ticket.body.ticket}`);

  const amounts: Record<string, unknown[]> = {
    MISMATCH: [100, 95, -5],
    MISSING_IN_SOURCE_B: [1, null, null],
    MISSING_IN_SOURCE_A: [null, 2, null],
  };
  const expected = run.breaks.map((one: { id: number; breakType: string }, index: number) => [
    one.id,
    index < 2 ? 'PENDING_APPROVAL' : 'OPEN',
    ...amounts[one.breakType]!,
  ]);
  expect(rowsOf(differences!)).toEqual([['Break id', 'Status', 'Ours', 'Theirs', 'Difference'], ...expected]);
  expect(rowsOf(overview!)).toContainEqual(['Breaks by status', 'PENDING_APPROVAL', 2]);
  expect(rowsOf(overview!)).toContainEqual(['Workbook', 'Template', 'Desk']);
  const comments = rowsOf(said!).slice(1);
  expect(comments.map(([breakId, , status, , , , , comment]) => [breakId, status, comment])).toEqual(
    bulk.breakIds.map((one: number) => [one, 'PENDING_APPROVAL', bulk.comment]),
  );
}, 120_000);

test('excel-window-open: a ticket is used once, and a JWT in the address never', async () => {
  const address = `${base}/api/exports/runs/${run.summary.runId}`;
  const { body } = await call(base, maker, 'POST', '/api/exports/tickets', { runId: run.summary.runId });
  const replies = await Promise.all([1, 2, 3].map(() => fetch(`${address}?token=${body.ticket}`)));
  expect(replies.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
  const refused = await fetch(`${address}?token=${maker.token}`);
  expect(refused.status).toBe(401);
  expect(((await refused.json()) as { message: string }).message).toContain('POST /api/exports/tickets');
}, 60_000);

test('val-report-names: templates are checked with the rest of the graph, all faults at once', async () => {
  const stored = await call(base, admin, 'GET', path());
  const [desk] = stored.body.reportTemplates;
  const wrong = {
    ...stored.body,
    reportTemplates: [
      desk,
      { name: 'DESK', active: true, sheets: [{ title: 'a/b', outcomes: ['WRONG'] }] },
      {
        name: 'Third',
        active: false,
        sheets: [{ title: 'x', outcomes: ['MATCHED'], columns: [{ field: 'none', side: 'SOURCE_A' }] }],
      },
    ],
  };
  const reply = await call(base, admin, 'PUT', path(), wrong);
  expect(reply.status).toBe(422);
  expect(reply.body.detail.faults.map((fault: { path: string }) => fault.path).sort()).toEqual([
    'reportTemplates[1].active',
    'reportTemplates[1].name',
    'reportTemplates[1].sheets[0].outcomes[0]',
    'reportTemplates[1].sheets[0].title',
    'reportTemplates[2].sheets[0].columns[0].field',
  ]);
}, 60_000);
