// The demo accounts and a sample reconciliation for the local stack, made the way a user would: over HTTP and through the
// drop folder. Safe to repeat: what is there is kept. Never used against AWS.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { SideCounts } from '../../shared/domain/outcome.ts';
import { defaultTenant } from '../../shared/domain/principal.ts';
import { createAccount } from '../accounts.ts';
import { connection } from './connection.ts';
import type { LocalStack } from './stack.ts';

type Reachable = Pick<LocalStack, 'endpoint' | 'outputs' | 'urls'>;

export const demoAccounts = [
  { email: 'admin@example.com', password: 'admin123', firstName: 'Demo', lastName: 'Administrator', role: 'admin' },
  { email: 'user@example.com', password: 'Password123!', firstName: 'Demo', lastName: 'User', role: 'user' },
] as const;

export type SampleResult = {
  jobId: string;
  dropFolders: string[];
  sides: ({ source: string } & Omit<SideCounts, 'excluded'>)[];
};

const sampleCode = 'sample-bank';
const sampleDirectory = join(import.meta.dirname, 'sample');
const runTimeoutMs = 60_000;
/** The documented limit is 100 requests a minute. */
const pollMs = 700;

export async function createDemoAccounts({ endpoint, outputs }: Reachable): Promise<void> {
  const client = new DynamoDBClient(connection(endpoint));
  for (const { role, ...person } of demoAccounts) {
    const account = { ...person, tenant: defaultTenant, grants: { recon: role } };
    const created = await createAccount(client, outputs.TableName ?? '', account);
    if (!created.ok && created.code !== 'EMAIL_TAKEN') throw new Error(`${person.email}: ${created.detail}`);
  }
}

/** Throws with the reason when the run fails or does not end in time. */
export async function runSample(stack: Reachable): Promise<SampleResult> {
  const api = await signIn(stack.urls.recon ?? '');
  const { jobs } = await api<{ jobs: { id: string; name: string }[] }>('GET', '/api/reconciliation/jobs?per_page=1000');
  const definition = JSON.parse(readFileSync(join(sampleDirectory, 'definition.json'), 'utf8')) as { name: string };
  const details = await Promise.all(
    jobs
      .filter(({ name }) => name === definition.name)
      .map(({ id }) => api<JobDetail>('GET', `/api/reconciliation/jobs/${id}`)),
  );
  const job = details.find(({ code }) => code === sampleCode) ?? (await createSample(api, definition));
  if (!job.run) await dropFiles(stack, job.drop_folders);
  await untilCompleted(api, job.id);
  const { sides } = await api<{ sides: SampleResult['sides'] }>('GET', `/api/reconciliation/jobs/${job.id}/statistics`);
  return { jobId: job.id, dropFolders: job.drop_folders, sides };
}

type JobDetail = {
  id: string;
  code: string;
  status: string;
  drop_folders: string[];
  run: { id: string } | null;
  failure: { message: string } | null;
};
type Api = <Data>(method: string, path: string, body?: object) => Promise<Data>;

async function signIn(baseUrl: string): Promise<Api> {
  const { email, password } = demoAccounts[0];
  const { token } = await call<{ token: string }>(baseUrl, undefined, 'POST', '/api/auth/login', { email, password });
  return (method, path, body) => call(baseUrl, token, method, path, body);
}

async function call<Data>(
  baseUrl: string,
  token: string | undefined,
  method: string,
  path: string,
  body?: object,
): Promise<Data> {
  const answer = await fetch(baseUrl + path, {
    method,
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return (JSON.parse(text) as { data: Data }).data;
}

async function createSample(api: Api, definition: { name: string }): Promise<JobDetail> {
  const project = await api<{ id: string }>('POST', '/api/projects', {
    name: 'Sample',
    description: 'Made by npm start',
  });
  return api<JobDetail>('POST', '/api/reconciliation/jobs', {
    name: definition.name,
    project_id: project.id,
    code: sampleCode,
    definition,
  });
}

/** When the last source has its batch, the run starts by itself. */
async function dropFiles({ endpoint, outputs }: Reachable, dropFolders: string[]): Promise<void> {
  const s3 = new S3Client({ ...connection(endpoint), forcePathStyle: true });
  for (const folder of dropFolders) {
    const file = `${folder.split('/').at(-2)}.csv`;
    await s3.send(
      new PutObjectCommand({
        Bucket: outputs.BucketName,
        Key: folder + file,
        Body: readFileSync(join(sampleDirectory, file)),
      }),
    );
  }
}

async function untilCompleted(api: Api, jobId: string): Promise<void> {
  const deadline = Date.now() + runTimeoutMs;
  for (;;) {
    const job = await api<JobDetail>('GET', `/api/reconciliation/jobs/${jobId}`);
    if (job.status === 'completed') return;
    if (job.status === 'failed' || job.status === 'stopped')
      throw new Error(`the sample run is ${job.status}: ${job.failure?.message ?? 'without a reason'}`);
    if (Date.now() > deadline) throw new Error(`the sample run is still ${job.status} after ${runTimeoutMs / 1_000} s`);
    await sleep(pollMs);
  }
}
