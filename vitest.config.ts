// The kinds of test, cheapest first. `contract` and `e2e` get an emulator of AWS of their own, started when a test of
// that kind runs and stopped at the end; `e2e` also the deployed stack. `cli` is end to end too, and needs no stack.
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

type Kind = { name: string; order: number; timeoutMs: number; files?: string; setup?: string; parallel?: boolean };

const cliFiles = 'test/e2e/cli/**/*.test.ts';

const kinds: Kind[] = [
  { name: 'unit', order: 0, timeoutMs: 20_000 },
  { name: 'property', order: 0, timeoutMs: 120_000 },
  { name: 'contract', order: 1, timeoutMs: 30_000, setup: './test/setup/emulator.ts' },
  { name: 'cli', order: 1, timeoutMs: 60_000, files: cliFiles, setup: './test/setup/command-line.ts' },
  { name: 'fault', order: 2, timeoutMs: 300_000 },
  { name: 'e2e', order: 3, timeoutMs: 120_000, setup: './test/setup/stack.ts', parallel: false },
];

export default defineConfig({
  test: {
    maxWorkers: Math.max(2, availableParallelism()),
    projects: kinds.map((kind) => ({
      test: {
        name: kind.name,
        include: [kind.files ?? `test/${kind.name}/**/*.test.ts`],
        exclude: kind.files ? [] : [cliFiles],
        pool: 'forks' as const,
        sequence: { groupOrder: kind.order },
        fileParallelism: kind.parallel ?? true,
        maxWorkers: kind.parallel === false ? 1 : Math.max(2, availableParallelism()),
        testTimeout: kind.timeoutMs,
        hookTimeout: kind.timeoutMs,
        ...(kind.setup && { globalSetup: [kind.setup] }),
      },
    })),
  },
});
