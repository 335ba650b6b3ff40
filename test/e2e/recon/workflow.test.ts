// The recon surface as its users meet it: over HTTP, on the deployed platform, with every worker behind it.
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ExcelJS from 'exceljs';
import { describe, expect, inject, test } from 'vitest';
import { account, type Body, type Client, signedIn } from './client.ts';

const stack = inject('stack');
const script = readFileSync(new URL('workflow.sh', import.meta.url), 'utf8');

async function project(client: Client): Promise<string> {
  return ((await (await client.call('POST', '/api/projects', { name: 'P' })).json()) as Body).id;
}

async function job(client: Client, left: string, right: string, more: object = {}): Promise<Body> {
  const projectId = await project(client);
  const source = (await client.upload(projectId, 'left.csv', left)).data.id;
  const target = (await client.upload(projectId, 'right.csv', right)).data.id;
  const json = {
    name: 'J',
    project_id: projectId,
    source_data_source_id: source,
    target_data_source_id: target,
    ...more,
  };
  const created = (await (await client.call('POST', '/api/reconciliation/jobs', json)).json()) as Body;
  const started = await client.call('POST', `/api/reconciliation/jobs/${created.data.id}/start`);
  expect(started.status).toBe(200);
  return { projectId, ...(await client.ended(created.data.id)) };
}

const left = 'ref,amount,note\n001,1.10,a\n002,2.20,b\n003,3.30,=1+1\n004,4.40,d\n';
const right = 'ref,amount,note\n001,1.10,a\n002,2.25,b\n003,3.30,=1+1\n005,5.50,e\n';

describe('the complete reconciliation workflow', () => {
  test('is the one of the specification, character by character (needs shared data)', ({ skip }) => {
    const document = new URL('../../../../shared/spec/recon-378.md', import.meta.url);
    if (!existsSync(document)) return skip('the specification is not at hand');
    expect(readFileSync(document, 'utf8')).toContain(script.trim());
  });

  test('runs as it is written; only the port is the one of this stack', async () => {
    await account(stack, 'user', 'user@example.com');
    const directory = mkdtempSync(join(tmpdir(), 'tieout-workflow-'));
    try {
      mkdirSync(join(directory, 'data'));
      writeFileSync(join(directory, 'data/source.csv'), left);
      const here = script.replaceAll('http://localhost:8080', stack.urls.recon!);
      const run = (text: string) => promisify(execFile)('bash', ['-c', text], { cwd: directory });
      const { stdout } = await run(`set -e\n${here}\necho "JOB=$JOB_ID TOKEN=$TOKEN"`);
      expect(stdout).toContain('{"success":true,"message":"Reconciliation job started"}');
      expect(stdout).toMatch(/"(queued|running|completed)"/);
      const [, jobId, token] = /JOB=(\S+) TOKEN=(\S+)/.exec(stdout)!;
      for (let attempt = 0; ; attempt += 1) {
        const headers = { authorization: `Bearer ${token}` };
        const reply = await fetch(`${stack.urls.recon}/api/reconciliation/jobs/${jobId}/results`, { headers });
        const { data } = (await reply.json()) as Body;
        expect(reply.status).toBe(200);
        if (data.job_status === 'completed') {
          // A file against itself: every row is matched.
          expect(data.results).toHaveLength(4);
          expect(data.summary).toMatchObject({ total_records: 4, matched_records: 4, unmatched_records: 0 });
          break;
        }
        expect(['queued', 'running']).toContain(data.job_status);
        expect(attempt).toBeLessThan(200);
        await new Promise((next) => setTimeout(next, 250));
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

describe('a job of two files', () => {
  test('without rules finds its key, and answers for every row in results, statistics and exports', async () => {
    const client = await signedIn(stack);
    const { id, projectId, ...found } = await job(client, left, right, { auto_approve: true });
    expect(found).toMatchObject({
      status: 'completed',
      progress: 100,
      matching_rules: [{ field: 'ref', type: 'exact' }],
    });
    expect(found.definition.fields.map(({ name, role }: Body) => [name, role])).toContainEqual(['amount', 'COMPARE']);

    const path = `/api/reconciliation/jobs/${id}`;
    const { results, summary, pagination } = await client.data(`${path}/results?per_page=100`);
    expect(summary).toMatchObject({ total_records: 5, matched_records: 2, unmatched_records: 3 });
    expect(pagination.total).toBe(summary.total_records);
    const byType = results.map((one: Body) => [one.match_type, one.break_type, one.status]);
    expect(byType.filter(([type]: string[]) => type === 'exact')).toEqual(Array(2).fill(['exact', null, 'approved']));
    const mismatch = results.find((one: Body) => one.break_type === 'MISMATCH');
    expect(mismatch.source_record).toMatchObject({ ref: '002', amount: '2.20' });
    expect(mismatch.target_record).toMatchObject({ ref: '002', amount: '2.25' });
    expect(mismatch.differences).toMatchObject([{ field: 'amount', source_value: '2.20', target_value: '2.25' }]);
    const missing = results.filter((one: Body) => one.break_type === 'MISSING');
    expect(missing.filter((one: Body) => one.target_record === null)).toHaveLength(1);
    expect(missing.filter((one: Body) => one.source_record === null)).toHaveLength(1);
    expect((await client.data(`${path}/results?match_type=unmatched`)).results).toHaveLength(3);
    expect((await client.data(`${path}/results?page=2&per_page=3`)).results).toHaveLength(2);

    const statistics = await client.data(`${path}/statistics`);
    expect(
      statistics.sides.map(({ rows, matched, mismatched, missing: gone }: Body) => [rows, matched, mismatched, gone]),
    ).toEqual([
      [4, 2, 1, 1],
      [4, 2, 1, 1],
    ]);
    expect(statistics.processing_time_ms).toBeGreaterThan(0);
    expect(await client.data(`/api/reconciliation/summary/${projectId}`)).toMatchObject({
      completed_jobs: 1,
      matched_records: 2,
    });

    const csv = await client.call('GET', `${path}/export?format=csv`);
    expect(csv.headers.get('content-type')).toContain('text/csv');
    const text = await csv.text();
    expect(text.trimEnd().split(/\r?\n/)).toHaveLength(6);
    // A note that would start a formula is defused; that an amount is negative or not is not touched.
    expect(text).toContain("'=1+1");
    const json = (await (await client.call('GET', `${path}/export?format=json&status=unmatched`)).json()) as Body;
    expect(Array.isArray(json) ? json : json.results).toHaveLength(3);
    const excel = await client.call('GET', `${path}/export?format=excel`);
    const workbook = new ExcelJS.Workbook();
    await workbook.xlsx.load(await excel.arrayBuffer());
    expect(workbook.worksheets[0]?.rowCount).toBe(6);
    const link = (await (await client.call('GET', `${path}/export?redirect=false`)).json()) as Body;
    expect(await (await fetch(link.data.url)).text()).toBe(text);
  });

  test('with exact rules the fields named are the key, and the others are shown', async () => {
    const client = await signedIn(stack);
    const rules = [
      { field: 'ref', type: 'exact' },
      { field: 'amount', type: 'exact' },
    ];
    const { id, ...found } = await job(client, left, right, { matching_rules: rules });
    expect(found).toMatchObject({ status: 'completed', matching_rules: rules });
    const { summary } = await client.data(`/api/reconciliation/jobs/${id}/results`);
    // 002 agrees in its reference alone: with the amount in the key it is missing on both sides.
    expect(summary).toMatchObject({ matched_records: 2, unmatched_records: 4 });
  });

  test('with a definition runs all its passes, and each result explains itself', async () => {
    const client = await signedIn(stack);
    const both = (name: string) => ({ bank: name, books: name });
    const definition = {
      name: 'Passes',
      sources: [{ name: 'bank', anchor: true }, { name: 'books' }],
      fields: [
        { name: 'ref', role: 'KEY', mapping: both('ref') },
        { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: both('amount') },
        { name: 'payout', role: 'CLASSIFIER', type: 'text', mapping: both('payout') },
      ],
      passes: [
        { kind: 'exact-key' },
        { kind: 'tolerance', name: 'near', conditions: [{ field: 'amount', absolute: '0.05' }] },
        { kind: 'grouped', name: 'payouts', cardinality: 'one-to-many', by: ['payout'], amount: 'amount' },
      ],
    };
    const bank = 'ref,amount,payout\nA,10.00,\nB,20.00,\nC,30.00,P1\nD,40.00,\n';
    const books = 'ref,amount,payout\nA,10.00,\nX,20.02,\nY,12.00,P1\nZ,18.00,P1\nW,41.00,\n';
    const { id, ...found } = await job(client, bank, books, {
      definition,
      auto_approve: true,
      confidence_threshold: 0.9,
    });
    expect(found).toMatchObject({ status: 'completed', definition, drop_folders: [] });
    const path = `/api/reconciliation/jobs/${id}`;
    const { results, summary, pagination } = await client.data(`${path}/results`);
    const shown = results.map((one: Body) => [one.match_type, one.pass, one.status, one.source_row, one.target_row]);
    expect(shown).toEqual([
      ['exact', '1-exact-key', 'approved', 1, 1],
      ['fuzzy', 'near', 'pending', 2, 2],
      ['fuzzy', 'payouts', 'approved', 3, 3],
      ['fuzzy', 'payouts', 'approved', 3, 4],
      ['unmatched', null, 'pending', 4, null],
      ['unmatched', null, 'pending', null, 5],
    ]);
    expect(pagination.total).toBe(6);
    expect(summary).toMatchObject({ matched_records: 3, exact_matches: 1, fuzzy_matches: 2, unmatched_records: 2 });
    const { confidence_score: near } = results[1];
    expect(summary.average_confidence).toBeCloseTo((1 + near + 1) / 3, 5);
    expect(results[1].explanation.differences).toContainEqual({
      field: 'amount',
      source_value: '20.00',
      target_value: '20.02',
      difference: '0.02',
    });
    expect(results[2].explanation.group).toMatchObject({
      source_records: 1,
      target_records: 2,
      amount: { field: 'amount', source_sum: '30.00', target_sum: '30.00', difference: '0.00' },
    });
    expect(results[4].explanation.candidates).toMatchObject([
      { kind: 'nearest', key: 'W', failed: ['amount'], rows: [{ row: 5, file: 'right.csv' }] },
    ]);
    const approved = await client.call('GET', `${path}/export?format=json&status=approved`);
    expect((await approved.json()) as Body).toHaveLength(3);
    const fuzzy = await client.data(`${path}/results?match_type=fuzzy&confidence_min=0.9`);
    expect(fuzzy.results).toHaveLength(2);
  });

  test('a rule on a field that one file has not, and files that share no key, fail with the reason', async () => {
    const client = await signedIn(stack);
    const unknown = await job(client, left, right, { matching_rules: [{ field: 'email', type: 'exact' }] });
    expect(unknown.status).toBe('failed');
    expect(unknown.failure.message).toContain('email');
    const keyless = await job(client, 'a\n1\n1\n', 'a\n1\n1\n');
    expect(keyless.failure.code).toBe('NO_SHARED_KEY');
  });
});

describe('files', () => {
  test('go to the store by the presigned form, and are processed', async () => {
    const client = await signedIn(stack);
    const json = { project_id: await project(client), file_name: 'big.csv', file_type: 'text/csv' };
    const { data } = (await (await client.call('POST', '/api/files/presigned', json)).json()) as Body;
    const form = new FormData();
    for (const [name, value] of Object.entries(data.upload.fields)) form.append(name, value as string);
    form.append('file', new Blob([left]), 'big.csv');
    const sent = await fetch(data.upload.url, { method: 'POST', body: form });
    expect(sent.status).toBeLessThan(300);
    const processing = await client.call('POST', `/api/files/${data.id}/process`);
    expect(((await processing.json()) as Body).data.status).toBe('processing');
    let file: Body;
    do {
      await new Promise((next) => setTimeout(next, 250));
      file = await client.data(`/api/files/${data.id}`);
    } while (file.status === 'processing');
    expect(file).toMatchObject({
      status: 'processed',
      file_size: left.length,
      processing_result: { records_count: 4, columns: ['ref', 'amount', 'note'], errors: [] },
    });
  });

  test('over 4 MiB are refused with the presigned way', async () => {
    const client = await signedIn(stack);
    const reply = await client.upload(await project(client), 'large.csv', new Uint8Array(4 * 1024 * 1024 + 1).fill(97));
    expect(reply).toMatchObject({ error: 'BODY_TOO_LARGE' });
    expect(reply.message).toContain('/api/files/presigned');
  });
});

describe('a job with a definition', () => {
  test('DEFINITION_INVALID lists all faults; a good one starts when its batches lie in the drop folders', async () => {
    const client = await signedIn(stack);
    const project_id = await project(client);
    const definition = {
      name: 'bank',
      sources: [{ name: 'ledger', anchor: true }, { name: 'bank' }],
      fields: [
        { name: 'ref', role: 'KEY', mapping: { ledger: 'ref', bank: 'ref' } },
        { name: 'amount', role: 'COMPARE', type: 'decimal', mapping: { ledger: 'amount', bank: 'amount' } },
      ],
      passes: [{ kind: 'exact-key' }],
    };
    const send = async (given: object) =>
      (await (
        await client.call('POST', '/api/reconciliation/jobs', { name: 'Bank', project_id, definition: given })
      ).json()) as Body;
    const bad = await send({
      ...definition,
      sources: [{ name: 'ledger' }, { name: 'bank' }],
      fields: definition.fields.slice(1),
    });
    expect(bad.details.code).toBe('DEFINITION_INVALID');
    expect(bad.details.faults.length).toBeGreaterThanOrEqual(2);
    const good = await send(definition);
    expect(good.data.drop_folders).toEqual([
      `drop/${client.tenant}/${good.data.code}/ledger/`,
      `drop/${client.tenant}/${good.data.code}/bank/`,
    ]);
    const start = await client.call('POST', `/api/reconciliation/jobs/${good.id}/start`);
    expect([start.status, ((await start.json()) as Body).error]).toEqual([409, 'BATCH_MISSING']);
  });
});

describe('the gateway', () => {
  test('every reply has its limits, also of a path that is not there', async () => {
    const client = await signedIn(stack);
    for (const path of ['/health', '/api/nothing', '/api/projects']) {
      const reply = await client.call('GET', path);
      expect(Number(reply.headers.get('x-ratelimit-limit'))).toBeGreaterThan(0);
    }
    const wrong = await client.call('PATCH', '/api/projects');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS, POST']);
  });

  test('serves its description', async () => {
    const reply = await fetch(`${stack.urls.recon}/api/openapi.json`);
    const description = (await reply.json()) as Body;
    expect(description.openapi).toBe('3.1.0');
    expect(description.servers[0].url).toBe(stack.urls.recon);
  });
});
