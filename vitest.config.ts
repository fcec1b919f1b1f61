import { defineConfig } from "vitest/config";

/**
 * Suites are projects, so that `npm test -- NAME` runs one by name.
 * Timeouts are generous: the machine is shared, and a first import can take seconds.
 */
const shared = { testTimeout: 90_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    reporters: ["default"],
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: [
            "{contracts,functions,infra,localstack,client,cli,load_tests,web,scripts}/**/*.test.ts",
          ],
          exclude: ["**/node_modules/**", "**/cdk.out/**"],
        },
      },
      {
        test: {
          ...shared,
          name: "journeys",
          include: ["test/**/*.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
