// A secret that the process was given: for tests.
import type { SecretSource } from '../../ports/secret-source.ts';

export function createMemorySecretSource(secret: string): SecretSource {
  const bytes = Buffer.from(secret);
  return { read: async () => bytes };
}
