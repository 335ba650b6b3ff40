// The deployed platform on an emulator of its own, for the end-to-end tests: `inject('stack')`. Each function has no more
// rights there than its role in AWS. Each test works in a tenant of its own, so that tests do not see each other.
import type { TestProject } from 'vitest/node';
import { freePort } from '../../infra/local/emulator.ts';
import { startLocalStack } from '../../infra/local/stack.ts';

export type DeployedStack = {
  /** For AWS_ENDPOINT_URL. */
  endpoint: string;
  /** Outputs of the CloudFormation stack: BucketName, TableName, ReconApiId … */
  outputs: Record<string, string>;
  /** Surface → base URL, without a slash at the end. */
  urls: Record<string, string>;
};

declare module 'vitest' {
  interface ProvidedContext {
    stack: DeployedStack;
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  // All tests come from one address: the limits themselves are tested below HTTP.
  const parameters = { RateLimitAuth: '1000000', RateLimitGeneral: '1000000', RateLimitUpload: '1000000' };
  const { stop, endpoint, outputs, urls } = await startLocalStack({
    ports: { recon: await freePort(), breaks: await freePort() },
    parameters,
    enforcePermissions: true,
  });
  project.provide('stack', { endpoint, outputs, urls });
  return stop;
}
