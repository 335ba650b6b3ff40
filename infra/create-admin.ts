// The first administrator of a deployment, which begins without any account. Uses your AWS credentials and region; the
// password is read from standard input, so that it stays out of the shell's history and the process list.
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { passwordFault } from '../shared/domain/password-policy.ts';
import { defaultTenant } from '../shared/domain/principal.ts';
import { createAccount } from './accounts.ts';

const usage = `usage: node infra/create-admin.ts --email you@example.com [--stage production] [--tenant ${defaultTenant}] [--first-name Ada] [--last-name Lovelace]
The password is the first line of standard input.`;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = readOptions();
  if (!options) {
    console.error(usage);
    return 2;
  }
  const { email, stage, tenant } = options;
  if (process.stdin.isTTY) process.stderr.write(`Password for ${email} (shown as you type): `);
  const [password = ''] = await firstLine();
  const fault = passwordFault(password, email);
  if (fault) {
    console.error(fault);
    return 2;
  }
  const name = { firstName: options['first-name'], lastName: options['last-name'] };
  const account = { tenant, email, password, ...name, grants: { recon: 'admin' } };
  const created = await createAccount(new DynamoDBClient({}), `tieout-${stage}`, account);
  if (!created.ok) {
    console.error(created.detail);
    return 1;
  }
  console.log(`${created.value.email} is an administrator of tenant ${tenant}: sign in at the recon surface`);
  return 0;
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        email: { type: 'string' },
        stage: { type: 'string', default: 'production' },
        tenant: { type: 'string', default: defaultTenant },
        'first-name': { type: 'string', default: 'First' },
        'last-name': { type: 'string', default: 'Administrator' },
      },
    });
    const { email } = values;
    return email?.includes('@') ? { ...values, email } : undefined;
  } catch {
    return undefined;
  }
}

async function firstLine(): Promise<string[]> {
  for await (const line of createInterface({ input: process.stdin })) return [line];
  return [];
}
