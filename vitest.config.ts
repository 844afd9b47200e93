// One runner for every package: threads without isolation, because no test may change a module's globals.
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'fixtures/src/**/*.test.ts', 'tools/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: 'test/support/temporary.ts',
    pool: 'threads',
    isolate: false,
    // By itself vitest leaves one core free: half of a machine with two.
    maxWorkers: availableParallelism(),
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
