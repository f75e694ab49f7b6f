import { defineConfig } from 'vitest/config'

const ofSources = ['test/architecture.test.ts', 'test/documentation.test.ts', 'test/own-words.test.ts']
/** Others have the CPUs in these, or may: no figure of theirs depends on when a thread gets one. */
const patient = [
  'added-sensor',
  'adversarial*',
  'clients',
  'contract',
  'damaged-rows',
  'demo',
  'environment',
  'full-disk',
  'help',
  'hostile-folder',
  'open-files',
  'readers',
  'report',
  'secrets',
  'store',
  'target-kind',
  'usage',
  'zoo',
].map((name) => `test/${name}.test.ts`)

const built = { testTimeout: 300_000, hookTimeout: 120_000 }

// `unit` needs nothing but the sources. The others start threads and processes, so they run against dist/: `integration` two
// files at a time, then `measuring` one by one, with nothing beside them that would take a CPU from what they measure.
export default defineConfig({
  test: {
    // The engine of the tests sends nothing either.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    projects: [
      { test: { name: 'unit', include: ['src/**/*.test.ts', ...ofSources], testTimeout: 60_000 } },
      { test: { name: 'integration', include: patient, maxWorkers: 2, sequence: { groupOrder: 1 }, ...built } },
      {
        test: {
          name: 'measuring',
          include: ['test/**/*.test.ts'],
          exclude: [...ofSources, ...patient],
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          ...built,
        },
      },
    ],
  },
})
