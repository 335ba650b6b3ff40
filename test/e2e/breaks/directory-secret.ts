// Puts a directory into the secret of the deployed platform, as its administrator does, and has it hold at once.
import { randomUUID } from 'node:crypto';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { connection } from '../../../infra/local/connection.ts';
import { putDirectory, sampleDirectory } from '../../../infra/local/directory.ts';
import type { LdapSettings } from '../../../shared/adapters/ldap/settings.ts';
import type { DeployedStack } from '../../setup/stack.ts';

export function openDirectorySecret({ endpoint, outputs }: DeployedStack) {
  /** A new secret holds after five minutes, or for a function that starts anew. */
  async function startAnew(): Promise<void> {
    const lambda = new LambdaClient(connection(endpoint));
    const FunctionName = 'tieout-local-directory';
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const Variables = { ...Environment?.Variables, STARTED_ANEW: randomUUID() };
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
  }
  return {
    startAnew,
    async putServer(ldap: LdapSettings): Promise<void> {
      const client = new SecretsManagerClient(connection(endpoint));
      const SecretString = JSON.stringify({ ldap });
      await client.send(new PutSecretValueCommand({ SecretId: outputs.DirectorySecretArn, SecretString }));
      await startAnew();
    },
    async putDemoPeople(): Promise<void> {
      await putDirectory(endpoint, outputs, sampleDirectory);
      await startAnew();
    },
  };
}
