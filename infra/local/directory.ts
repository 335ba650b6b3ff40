// Tells the deployed platform where its directory is, as an administrator does in AWS: the secret gets the content of a file.
// Without one the local stack has four demo people; a deployment to AWS has nobody.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { connection } from './connection.ts';
import type { Outputs } from './deploy.ts';

export const sampleDirectory = join(import.meta.dirname, 'sample', 'directory.json');
export const demoPeople = ['analyst.jane', 'checker.bob', 'admin.ops', 'guest.none'];
export const demoPassword = 'Sup3rSecret!';

export async function putDirectory(endpoint: string, outputs: Outputs, file: string): Promise<void> {
  const client = new SecretsManagerClient(connection(endpoint));
  await client.send(
    new PutSecretValueCommand({ SecretId: outputs.DirectorySecretArn, SecretString: readFileSync(file, 'utf8') }),
  );
}
