// The samples of the break management document in order, as one story: an administrator defines and feeds a reconciliation, a
// maker runs it and submits breaks, a checker decides. Against whatever base URL it is given, whoever keeps the people.
import { expect } from 'vitest';
import { canonicalName } from '../../../shared/domain/distinguished-name.ts';
import { call, login, type Reply } from './client.ts';

const groupOf = (name: string) => `CN=${name},OU=Groups,DC=corp,DC=example`;

/** Of the document, but for what makes both sources files that can be uploaded in the story. */
const created = {
  name: 'Custody vs GL',
  description: 'Matches daily custody positions with the general ledger',
  owner: 'Custody Ops',
  makerCheckerEnabled: true,
  notes: 'Pilot with the custody operations team',
  status: 'DRAFT',
  autoTriggerEnabled: true,
  autoTriggerCron: '0 2 * * *',
  autoTriggerTimezone: 'UTC',
  autoTriggerGraceMinutes: 30,
  sources: [
    {
      code: 'CUSTODY_FEED',
      displayName: 'Custody CSV',
      adapterType: 'CSV_FILE',
      anchor: true,
      description: 'Daily custodial export',
      arrivalExpectation: 'Weekdays by 18:00',
      arrivalTimezone: 'America/New_York',
      arrivalSlaMinutes: 60,
    },
    {
      code: 'GL_LEDGER',
      displayName: 'General Ledger',
      adapterType: 'DATABASE',
      anchor: false,
      description: 'Ledger staging table',
    },
  ],
  canonicalFields: [
    {
      canonicalName: 'tradeId',
      displayName: 'Trade ID',
      role: 'KEY',
      dataType: 'STRING',
      comparisonLogic: 'EXACT_MATCH',
      formattingHint: null,
      required: true,
      mappings: [
        { sourceCode: 'CUSTODY_FEED', sourceColumn: 'trade_id', required: true },
        { sourceCode: 'GL_LEDGER', sourceColumn: 'trade_id', required: true },
      ],
    },
  ],
  reportTemplates: [],
  accessControlEntries: [
    {
      ldapGroupDn: groupOf('RECON_ADMIN'),
      role: 'MAKER',
      notifyOnPublish: true,
      notifyOnIngestionFailure: true,
      notificationChannel: 'recon-admins@example.com',
    },
  ],
};

const field = (canonicalName: string, column: string, role: string, more: object = {}) => ({
  canonicalName,
  displayName: canonicalName,
  role,
  dataType: 'STRING',
  comparisonLogic: 'EXACT_MATCH',
  mappings: ['CUSTODY_FEED', 'GL_LEDGER'].map((sourceCode) => ({ sourceCode, sourceColumn: column })),
  ...more,
});

const furtherFields = [
  field('netAmount', 'net_amount', 'COMPARE', {
    dataType: 'DECIMAL',
    comparisonLogic: 'NUMERIC_THRESHOLD',
    thresholdPercentage: 0.5,
    formattingHint: '#,##0.00',
  }),
  field('currency', 'currency', 'COMPARE'),
  field('product', 'product', 'PRODUCT'),
  field('subProduct', 'sub_product', 'SUB_PRODUCT'),
  field('fund', 'fund', 'ENTITY'),
];

const header = 'trade_id,net_amount,currency,product,sub_product,fund';
const custody = [
  header,
  'T-1001,125000.00,USD,EQUITIES,US LISTED,Fund-01',
  'T-1002,88000.50,USD,EQUITIES,US LISTED,Fund-02',
  'T-1003,100000.00,USD,FIXED_INCOME,CORPORATE,Fund-02',
  'T-1004,0.10,EUR,EQUITIES,US LISTED,Fund-01',
];
const ledger = [
  header,
  'T-1001,125000.00,USD,EQUITIES,US LISTED,Fund-01',
  'T-1002,95000.00,USD,EQUITIES,US LISTED,Fund-02',
  'T-1003,100400.00,USD,FIXED_INCOME,CORPORATE,Fund-02',
  'T-1005,7.25,USD,EQUITIES,US LISTED,Fund-01',
];

/** `code` is unique in the tenant, so that the story can be told again on the same stack. */
export async function tellStory(base: string, code: string): Promise<void> {
  const password = 'Sup3rSecret!';
  const maker = await login(base, 'analyst.jane', password);
  expect(maker.displayName).toBe('Jane Analyst');
  const groups = ['RECON_PREPARERS', 'RECON_APPROVERS'].map((name) => canonicalName(groupOf(name)));
  expect(new Set(maker.groups.map(canonicalName))).toEqual(new Set(groups));
  expect(JSON.parse(Buffer.from(maker.token.split('.')[0]!, 'base64url').toString())).toMatchObject({ alg: 'HS256' });
  const checker = await login(base, 'checker.bob', password);
  const admin = await login(base, 'admin.ops', password);

  const definition = await call(base, admin, 'POST', '/api/admin/reconciliations', { code, ...created });
  expect([definition.status, definition.body]).toMatchObject([201, { code, status: 'DRAFT', version: 0 }]);
  expect(definition.body.sources.map((source: { code: string }) => source.code)).toEqual(['CUSTODY_FEED', 'GL_LEDGER']);
  const id = definition.body.id as number;
  const path = `/api/admin/reconciliations/${id}`;
  expect((await call(base, maker, 'POST', '/api/admin/reconciliations', { code, ...created })).status).toBe(403);

  const graph = {
    ...definition.body,
    canonicalFields: [...definition.body.canonicalFields, ...furtherFields],
    accessControlEntries: [
      ...definition.body.accessControlEntries,
      { ldapGroupDn: groupOf('RECON_PREPARERS'), role: 'MAKER' },
      { ldapGroupDn: groupOf('RECON_APPROVERS'), role: 'CHECKER' },
    ],
  };
  const replaced = await call(base, admin, 'PUT', path, graph);
  expect([replaced.status, replaced.body]).toMatchObject([200, { version: 1 }]);
  expect((await call(base, admin, 'PUT', path, graph)).status).toBe(409);
  const published = await call(base, admin, 'PATCH', path, { status: 'PUBLISHED' });
  expect([published.status, published.body]).toMatchObject([200, { status: 'PUBLISHED' }]);
  const listed = await call(
    base,
    admin,
    'GET',
    '/api/admin/reconciliations?status=PUBLISHED&owner=custody&page=0&size=10',
  );
  expect(listed.body).toMatchObject({ page: 0, size: 10 });
  expect(listed.body.items).toContainEqual(expect.objectContaining({ id, code, owner: 'Custody Ops' }));
  const schema = await call(base, admin, 'GET', `${path}/schema`);
  expect(schema.body.sources[0]).toMatchObject({
    connectionConfig: null,
    ingestionEndpoint: `${path}/sources/CUSTODY_FEED/batches`,
  });

  for (const [source, adapterType, rows] of [
    ['CUSTODY_FEED', 'CSV_FILE', custody],
    ['GL_LEDGER', 'CSV_FILE', ledger],
  ] as const) {
    const batch = await upload(base, admin.token, `${path}/sources/${source}/batches`, adapterType, rows);
    expect([batch.status, batch.body]).toMatchObject([200, { status: 'COMPLETE', recordCount: 4 }]);
    expect(batch.body.checksum).toMatch(/^[0-9a-f]{64}$/);
  }

  const visible = await call(base, maker, 'GET', '/api/reconciliations');
  expect(visible.body).toContainEqual({ id, code, name: created.name, description: created.description });
  const run = await settled(base, maker, id);
  expect(run.summary).toMatchObject({ definitionId: id, matched: 2, mismatched: 1, missing: 2 });
  expect(run.analytics).toMatchObject({
    breaksByStatus: { OPEN: 3 },
    breaksByType: { MISMATCH: 1, MISSING_IN_SOURCE_A: 1, MISSING_IN_SOURCE_B: 1 },
    breaksByProduct: { EQUITIES: 3 },
    breaksByEntity: { 'Fund-01': 2, 'Fund-02': 1 },
    openBreaksByAgeBucket: { '<1d': 3 },
    filteredBreakCount: 3,
    totalBreakCount: 3,
    totalMatchedCount: 2,
  });
  const mismatch = run.breaks.find((one: Reply['body']) => one.breakType === 'MISMATCH');
  expect(mismatch).toMatchObject({
    status: 'OPEN',
    product: 'EQUITIES',
    subProduct: 'US LISTED',
    entity: 'Fund-02',
    allowedStatusTransitions: ['PENDING_APPROVAL'],
    sourceA: { tradeId: 'T-1002', netAmount: 88000.5 },
    sourceB: { tradeId: 'T-1002', netAmount: 95000 },
    comments: [],
  });

  const commented = await call(base, maker, 'POST', `/api/breaks/${mismatch.id}/comments`, {
    comment: 'Investigated variance with custodian, awaiting approval',
    action: 'COMMENT',
  });
  expect([commented.status, commented.body]).toMatchObject([
    200,
    { status: 'OPEN', comments: [{ action: 'COMMENT' }] },
  ]);
  // As the directory writes it.
  const jane = commented.body.comments[0].actorDn as string;
  expect(canonicalName(jane)).toBe(canonicalName('CN=analyst.jane,OU=Users,DC=corp,DC=example'));
  const breakIds = run.breaks.map((one: { id: number }) => one.id);
  const bulk = await call(base, maker, 'POST', '/api/breaks/bulk', {
    breakIds,
    status: 'PENDING_APPROVAL',
    comment: 'Escalated for checker review',
    action: 'BULK_ESCALATE',
  });
  expect(bulk.status).toBe(200);
  expect(bulk.body.map((one: { status: string }) => one.status)).toEqual(breakIds.map(() => 'PENDING_APPROVAL'));
  const own = await call(base, maker, 'PATCH', `/api/breaks/${mismatch.id}/status`, { status: 'CLOSED' });
  expect(own.status).toBe(403);
  const closed = await call(base, checker, 'PATCH', `/api/breaks/${mismatch.id}/status`, { status: 'CLOSED' });
  expect([closed.status, closed.body]).toMatchObject([200, { status: 'CLOSED' }]);

  const latest = await call(
    base,
    maker,
    'GET',
    `/api/reconciliations/${id}/runs/latest?product=EQUITIES&status=OPEN&status=PENDING_APPROVAL`,
  );
  expect(latest.body.analytics).toMatchObject({
    breaksByStatus: { PENDING_APPROVAL: 2 },
    filteredBreakCount: 2,
    totalBreakCount: 3,
  });
  const historical = await call(base, checker, 'GET', `/api/reconciliations/runs/${run.summary.runId}`);
  expect(historical.body.analytics.breaksByStatus).toEqual({ PENDING_APPROVAL: 2, CLOSED: 1 });

  const exported = await fetch(`${base}/api/exports/runs/${run.summary.runId}`, {
    headers: { authorization: `Bearer ${maker.token}` },
  });
  expect(exported.headers.get('content-type')).toBe(
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  );
  expect(exported.headers.get('content-disposition')).toContain(`reconciliation-run-${run.summary.runId}.xlsx`);
  expect(
    Buffer.from(await exported.arrayBuffer())
      .subarray(0, 2)
      .toString(),
  ).toBe('PK');
  const ticket = await call(base, maker, 'POST', '/api/exports/tickets', { runId: run.summary.runId });
  const opened = `${base}/api/exports/runs/${run.summary.runId}?token=${ticket.body.ticket}`;
  expect((await fetch(opened)).status).toBe(200);
  expect((await fetch(opened)).status).toBe(401);

  const activity = await call(base, maker, 'GET', '/api/activity');
  const details = activity.body.map((entry: { details: string }) => entry.details);
  expect(details).toContain(`Run ${run.summary.runId} completed successfully`);
  expect(details).toContain(`Break ${mismatch.id} moved to PENDING_APPROVAL by ${jane}`);

  expect((await call(base, maker, 'POST', `/api/breaks/${mismatch.id}/comments`, { comment: '' })).status).toBe(422);
  expect((await call(base, maker, 'POST', '/api/breaks/bulk', { breakIds })).status).toBe(422);
  expect((await fetch(`${base}/api/reconciliations`)).status).toBe(401);
  expect((await call(base, maker, 'GET', '/api/reconciliations/runs/9007199254740993')).status).toBe(404);
  expect((await call(base, admin, 'DELETE', path)).status).toBe(200);
  expect((await call(base, maker, 'GET', '/api/reconciliations')).body).not.toContainEqual(
    expect.objectContaining({ id }),
  );
}

/** A run that takes longer than a request may is a 202, and its Location gives it. */
export async function settled(base: string, maker: { token: string }, id: number): Promise<Reply['body']> {
  const started = await call(base, maker, 'POST', `/api/reconciliations/${id}/run`, {
    triggerType: 'MANUAL_API',
    correlationId: 'OPS-2024-09-15-001',
    comments: 'Month-end validation',
    initiatedBy: 'analyst.jane',
  });
  let reply = started;
  for (const until = Date.now() + 60_000; reply.status === 202 && Date.now() < until; ) {
    await new Promise((next) => setTimeout(next, 500));
    reply = await call(base, maker, 'GET', started.headers.get('location')!);
  }
  expect([reply.status, reply.body]).toMatchObject([
    200,
    {
      summary: {
        triggerType: 'MANUAL_API',
        triggerCorrelationId: 'OPS-2024-09-15-001',
        triggerComments: 'Month-end validation',
      },
    },
  ]);
  return reply.body;
}

export async function upload(
  base: string,
  token: string,
  path: string,
  adapterType: string,
  rows: readonly string[],
): Promise<Reply> {
  const form = new FormData();
  const metadata = { adapterType, label: 'custody-2024-04-01', options: { delimiter: ',' } };
  form.append('metadata', new Blob([JSON.stringify(metadata)], { type: 'application/json' }));
  form.append('file', new Blob([`${rows.join('\n')}\n`], { type: 'text/csv' }), 'custody.csv');
  const reply = await fetch(`${base}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: form,
  });
  return { status: reply.status, headers: reply.headers, body: await reply.json() };
}
