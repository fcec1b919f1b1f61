import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Clock, ManualClock } from "./clock.ts";
import type { CloudContext } from "./context.ts";
import { openSupervisor } from "./processes/supervisor.ts";
import { localCredentials } from "./state/credentials.ts";
import { openState } from "./state/state.ts";

export { openEndpoint } from "./http/index.ts";

export interface TestContext extends CloudContext {
  /** Ends children, closes the database and removes the directory when it was made here. */
  dispose(): Promise<void>;
}

/**
 * What `openCloud` gives to services, over a directory of its own. Time stands still unless
 * `overrides.clock` is `systemClock`. Give `dataDir` to reopen a directory, as a restart would.
 */
export async function createTestContext(
  overrides: Partial<CloudContext> = {},
): Promise<TestContext> {
  const dataDir = overrides.dataDir ?? mkdtempSync(path.join(tmpdir(), "cloud-"));
  const log = overrides.log ?? (() => {});
  const state = openState(dataDir);
  const supervisor = await openSupervisor(dataDir, log);
  return {
    accountId: "000000000000",
    region: "us-east-1",
    database: state.database,
    transaction: state.transaction,
    clock: new ManualClock(),
    processes: supervisor,
    credentials: localCredentials(state),
    endpoint: () => {
      throw new Error("This test context has no endpoint: give one in `overrides.endpoint`.");
    },
    ...overrides,
    dataDir,
    log,
    async dispose() {
      await supervisor.close();
      state.close();
      if (!overrides.dataDir) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Lets a client of the AWS SDK sign by the cloud's clock, so that a test may set that clock as it likes. */
export function signByClock(client: { readonly config: object }, clock: Clock): void {
  Object.defineProperty(client.config, "systemClockOffset", {
    get: () => clock.now() - Date.now(),
    // The SDK writes what it has learned from the Date of an answer.
    set: () => {},
  });
}
