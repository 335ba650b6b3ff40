// A secret out of AWS Secrets Manager, read once in five minutes per process.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SecretSource } from '../../ports/secret-source.ts';
import { dependency } from '../dependency-fault.ts';

const keptMs = 5 * 60_000;

export function createSecretsManagerSource(
  secretId: string,
  now: () => number = Date.now,
  client: SecretsManagerClient = new SecretsManagerClient({}),
): SecretSource {
  let kept: { bytes: Uint8Array; until: number } | undefined;
  return {
    async read() {
      if (kept && kept.until > now()) return kept.bytes;
      const answer = await dependency('Secrets Manager', () =>
        client.send(new GetSecretValueCommand({ SecretId: secretId })),
      );
      const bytes = answer.SecretBinary ?? Buffer.from(answer.SecretString ?? '');
      kept = { bytes, until: now() + keptMs };
      return bytes;
    },
  };
}
