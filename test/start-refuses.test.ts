import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SluiceProcess } from "./support/sluice-process.ts";

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-refuses-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function refusal(args: readonly string[]) {
  const sluice = new SluiceProcess(args);
  const code = await sluice.exited;
  return { code, events: sluice.events };
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

  test("an unknown flag is named", async () => {
    expect(await refusal(["--frsh"])).toEqual(oneError("invalid-arguments", "--frsh"));
  });
});
