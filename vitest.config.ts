import { defineConfig } from 'vitest/config'

const ofSources = ['test/architecture.test.ts', 'test/documentation.test.ts']

// `unit` needs nothing but the sources; `integration` starts threads and processes, so it runs against dist/.
export default defineConfig({
  test: {
    // The engine of the tests sends nothing either.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts', ...ofSources], testTimeout: 60_000 } },
      {
        test: {
          name: 'integration',
          include: ['test/**/*.test.ts'],
          exclude: ofSources,
          testTimeout: 300_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
