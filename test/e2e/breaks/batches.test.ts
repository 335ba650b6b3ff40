// Files of a source on the deployed platform: over HTTP, by a form into the drop folder, and what a change of mappings does to
// them. Each function has only the rights of its role.
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { demoPassword } from '../../../infra/local/directory.ts';
import { batchBody, sampleBody } from '../../unit/api-breaks/harness.ts';
import { call, login, type Reply } from './client.ts';

const base = inject('stack').urls.breaks!;
const rows = 'trade_id,reference\nT-1,a\nT-2,b\n';

async function until(read: () => Promise<Reply>, enough: (reply: Reply) => boolean): Promise<Reply> {
  for (;;) {
    const reply = await read();
    if (enough(reply)) return reply;
    await sleep(500);
  }
}

test('a file comes by each way, and is loaded again when its mappings change', async () => {
  const admin = await login(base, 'admin.ops', demoPassword);
  const code = `FILES_${randomUUID().slice(0, 8)}`;
  const created = await call(base, admin, 'POST', '/api/admin/reconciliations', { ...sampleBody(), code });
  expect(created.status, JSON.stringify(created.body)).toBe(201);
  const one = `/api/admin/reconciliations/${created.body.id}`;
  const batches = `${one}/sources/CUSTODY_FEED/batches`;
  const all = () => call(base, admin, 'GET', batches);

  const { raw, headers } = batchBody(rows, { label: 'by hand' });
  const sent = await fetch(base + batches, {
    method: 'POST',
    headers: { ...headers, authorization: `Bearer ${admin.token}` },
    body: new Uint8Array(raw as Buffer),
  });
  const uploaded = await until(
    async () => (sent.status === 202 ? call(base, admin, 'GET', sent.headers.get('location')!) : all()),
    ({ status, body }) => status === 200 && (body.status ?? body.items[0].status) === 'COMPLETE',
  );
  expect(JSON.stringify(uploaded.body)).toContain('by hand');

  const form = await call(base, admin, 'POST', `${batches}/form`, { fileName: 'by form.csv' });
  expect(form.status, JSON.stringify(form.body)).toBe(200);
  const parts = new FormData();
  for (const [name, value] of Object.entries(form.body.fields as Record<string, string>)) parts.append(name, value);
  parts.append('file', new Blob([`${rows}T-3,c\n`]), 'by form.csv');
  const put = await fetch(form.body.url, { method: 'POST', body: parts });
  expect(put.status, await put.text()).toBeLessThan(300);
  const both = await until(all, ({ body }) => body.items.length === 2 && body.items[0].status === 'COMPLETE');
  expect(both.body.items[0]).toMatchObject({ label: 'by form.csv', recordCount: 3, sameAs: null });

  const { body: graph } = await call(base, admin, 'GET', one);
  graph.canonicalFields[0].mappings[0].sourceColumn = 'reference';
  expect((await call(base, admin, 'PUT', one, graph)).body.version).toBe(1);
  const { id } = both.body.items[0];
  const again = `Batch ${id} of source CUSTODY_FEED loaded again: 3 records, 0 rejected`;
  await until(
    () => call(base, admin, 'GET', '/api/activity'),
    ({ body }) => body.some(({ details }: { details: string }) => details === again),
  );
  expect((await all()).body.items).toMatchObject([{ id, status: 'COMPLETE', recordCount: 3 }, { status: 'COMPLETE' }]);
}, 180_000);
