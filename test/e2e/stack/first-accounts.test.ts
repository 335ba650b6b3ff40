// What stands on the deployed stack before anyone has signed in: the sample of the local stack, and the way to the first
// administrator of a deployment that begins without any account.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { projectRoot } from '../../../infra/local/paths.ts';
import { createDemoAccounts, demoAccounts, runSample } from '../../../infra/local/sample.ts';

const stack = inject('stack');

async function signIn(account: { email: string; password: string }) {
  const answer = await fetch(`${stack.urls.recon}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: account.email, password: account.password }),
  });
  return { status: answer.status, body: (await answer.json()) as { user?: { role: string } } };
}

function createAdmin(email: string, password: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const args = [join(projectRoot, 'infra', 'create-admin.ts'), '--email', email, '--stage', 'local'];
  const credentials = {
    AWS_ENDPOINT_URL: stack.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      args,
      { env: { ...process.env, ...credentials } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
    child.stdin?.end(`${password}\n`);
  });
}

describe('the local stack', () => {
  it('has the demo accounts, each with its role, however often they are made', async () => {
    await createDemoAccounts(stack);
    await createDemoAccounts(stack);
    for (const account of demoAccounts) {
      expect(await signIn(account)).toMatchObject({ status: 200, body: { user: { role: account.role } } });
    }
  });

  it('reconciles the sample through the drop folder, once', async () => {
    await createDemoAccounts(stack);
    const first = await runSample(stack);
    expect(first.sides).toMatchObject([
      { source: 'ledger', rows: 39, matched: 35, mismatched: 2, missing: 2, duplicate: 0, ambiguous: 0, rejected: 0 },
      { source: 'bank', rows: 40, matched: 35, mismatched: 2, missing: 1, duplicate: 1, ambiguous: 0, rejected: 1 },
    ]);
    expect(await runSample(stack)).toEqual(first);
  });
});

describe('a deployment', () => {
  it('gets its first administrator from the command line', async () => {
    const account = { email: 'first@example.org', password: 'Correct-Horse-9' };
    expect(await createAdmin(account.email, account.password)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(account.email),
    });
    expect(await signIn(account)).toMatchObject({ status: 200, body: { user: { role: 'admin' } } });
    expect(await createAdmin(account.email, account.password)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('exists'),
    });
  });

  it('refuses a weak password for them, and a missing address', async () => {
    expect(await createAdmin('second@example.org', 'short')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('at least 10'),
    });
    expect(await createAdmin('nobody', 'Correct-Horse-9')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('usage'),
    });
  });
});
