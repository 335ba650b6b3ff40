// What the end-to-end tests of the recon surface have in common: an account, and calls as a client makes them.
import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createAccount } from '../../../infra/accounts.ts';
import { connection } from '../../../infra/local/connection.ts';
import type { ReconRole } from '../../../shared/domain/principal.ts';
import type { DeployedStack } from '../../setup/stack.ts';

// biome-ignore lint/suspicious/noExplicitAny: a body is whatever came over the wire; tests look into it freely.
export type Body = any;

export type Client = {
  base: string;
  token: string;
  tenant: string;
  call(method: string, path: string, json?: unknown, headers?: Record<string, string>): Promise<Response>;
  data(path: string): Promise<Body>;
  upload(project: string, name: string, content: string | Uint8Array): Promise<Body>;
  /** Waits for the latest run of a job to end. */
  ended(jobId: string): Promise<Body>;
};

export async function account(
  stack: DeployedStack,
  role: ReconRole,
  email = `${randomUUID()}@example.com`,
  tenant: string = randomUUID(),
) {
  const password = 'Password123!';
  const created = await createAccount(new DynamoDBClient(connection(stack.endpoint)), stack.outputs.TableName!, {
    tenant,
    email,
    password,
    firstName: 'End',
    lastName: 'User',
    grants: { recon: role },
  });
  if (!created.ok) throw new Error(created.detail);
  return { tenant, email, password };
}

export async function signedIn(stack: DeployedStack, role: ReconRole = 'user', of?: string): Promise<Client> {
  const { tenant, email, password } = await account(stack, role, undefined, of);
  const base = stack.urls.recon!;
  const login = await fetch(`${base}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  const token = ((await login.json()) as Body).access_token as string;
  const call: Client['call'] = (method, path, json, headers = {}) =>
    fetch(`${base}${path}`, {
      method,
      redirect: 'manual',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
  const data: Client['data'] = async (path) => ((await (await call('GET', path)).json()) as Body).data;
  return {
    base,
    token,
    tenant,
    call,
    data,
    async upload(project, name, content) {
      const form = new FormData();
      form.append('file', new Blob([Buffer.from(content)], { type: 'text/csv' }), name);
      const headers = { authorization: `Bearer ${token}` };
      const reply = await fetch(`${base}/api/files/upload?project_id=${project}`, {
        method: 'POST',
        headers,
        body: form,
      });
      return reply.json();
    },
    async ended(jobId) {
      for (const until = Date.now() + 60_000; Date.now() < until; await new Promise((next) => setTimeout(next, 250))) {
        const job = await data(`/api/reconciliation/jobs/${jobId}`);
        if (!['pending', 'queued', 'running'].includes(job.status)) return job;
      }
      throw new Error(`the job ${jobId} does not end`);
    },
  };
}
