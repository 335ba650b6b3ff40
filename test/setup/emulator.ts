// One empty emulator of AWS for all contract tests: `inject('awsEndpoint')`. Each test makes its own bucket, table or queue.
import type { TestProject } from 'vitest/node';
import { startEmulator } from '../../infra/local/emulator.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** `http://127.0.0.1:<port>` of the emulator that this kind of test runs on. */
    awsEndpoint: string;
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const emulator = await startEmulator();
  project.provide('awsEndpoint', emulator.endpoint);
  return () => emulator.stop();
}
