import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import {
  databaseEnvironment,
  databaseLocation,
  openDatabase,
} from "@sluice/functions/platform/database/data-api-database.ts";
import { migrations } from "@sluice/functions/platform/database/migrations/index.ts";
import { migrate } from "@sluice/functions/platform/database/migrator.ts";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { z } from "zod";
import { makeClip } from "./support/media.ts";
import { type ReadyEvent, SluiceProcess } from "./support/sluice-process.ts";

let directory: string;
/** A file makes the start skip its sample. */
let clip: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-refuses-"));
  clip = await makeClip(directory, "clip.mp4", { seconds: 1 });
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function refusal(args: readonly string[]) {
  const sluice = new SluiceProcess(args);
  const code = await sluice.exited;
  return { code, events: sluice.events };
}

/** What a version with one more migration does. */
async function migrateByLaterVersion({ endpoint, credentials }: ReadyEvent): Promise<void> {
  const lambda = new LambdaClient({ endpoint, credentials, region: credentials.region });
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  lambda.destroy();
  const environment = Functions.map((it) => it.Environment?.Variables ?? {}).find(
    (variables) => variables.DATABASE_CLUSTER_ARN,
  );
  vi.stubEnv("AWS_ENDPOINT_URL", endpoint);
  vi.stubEnv("AWS_REGION", credentials.region);
  vi.stubEnv("AWS_ACCESS_KEY_ID", credentials.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", credentials.secretAccessKey);
  const location = databaseLocation(z.object(databaseEnvironment).parse(environment));
  const later = { id: "9999-from-the-future", sql: "SELECT 1" };
  await migrate(openDatabase(location), [...migrations, later]);
  vi.unstubAllEnvs();
}

const oneError = (code: string, part: string) => ({
  code: 1,
  events: [{ event: "error", code, message: expect.stringContaining(part) }],
});

describe("a start that cannot be", () => {
  test("a port in use is named", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const { port } = other.address() as AddressInfo;

    const outcome = await refusal(["--port", String(port), "--data-dir", join(directory, "port")]);
    other.close();

    expect(outcome).toEqual(oneError("port-in-use", String(port)));
  });

  test("a data directory that cannot be is named", async () => {
    const file = join(directory, "file");
    await writeFile(file, "");

    const outcome = await refusal(["--port", "0", "--data-dir", join(file, "below")]);

    expect(outcome).toEqual(oneError("data-dir-unwritable", file));
  });

  test("--fresh does not empty a directory that is not ours", async () => {
    const precious = join(directory, "precious");
    await import("node:fs/promises").then(({ mkdir }) => mkdir(precious));
    await writeFile(join(precious, "thesis.txt"), "years of work");
    await chmod(precious, 0o755);

    const outcome = await refusal(["--port", "0", "--fresh", "--data-dir", precious]);

    expect(outcome).toEqual(oneError("data-dir-foreign", precious));
  });

  test("a second start on one data directory is refused and names the first; after kill -9 it is free", async () => {
    const args = ["--port", "0", "--data-dir", join(directory, "shared")];
    const first = new SluiceProcess([...args, clip]);
    onTestFinished(() => void first.stop());
    await first.ready();

    const second = await refusal(args);
    await first.stop("SIGKILL");
    const third = new SluiceProcess(args);
    onTestFinished(() => void third.stop());
    await third.ready();

    expect(second).toEqual(oneError("data-dir-in-use", `process ${first.pid}`));
    expect(await third.stop()).toBe(0);
  });

  test("what a newer version left is refused, whichever part of it is newer", async () => {
    const dataDir = join(directory, "newer");
    const args = ["--port", "0", "--data-dir", dataDir];
    const first = new SluiceProcess([...args, clip]);
    onTestFinished(() => void first.stop());
    await migrateByLaterVersion(await first.ready());
    await first.stop();

    const schema = await refusal(args);
    const versionFile = join(dataDir, "postgres", "data", "PG_VERSION");
    await writeFile(versionFile, "99\n");
    const postgres = await refusal(args);
    const state = new DatabaseSync(join(dataDir, "state.sqlite"));
    state.exec("PRAGMA user_version = 9999");
    state.close();
    const control = await refusal(args);

    expect(schema).toEqual(oneError("migration-failed", "9999-from-the-future"));
    expect(postgres).toEqual(oneError("postgres-version", "PostgreSQL 99"));
    expect(control).toEqual(oneError("data-dir-newer", "newer version"));
  });

  test("an unknown flag is named", async () => {
    expect(await refusal(["--frsh"])).toEqual(oneError("invalid-arguments", "--frsh"));
  });
});
