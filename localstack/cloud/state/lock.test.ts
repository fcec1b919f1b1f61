import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StartError } from "../aws-error.ts";
import { lockDataDir } from "./lock.ts";

describe("the lock on a data directory", () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), "cloud-lock-"));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it("refuses a second holder and names the first", () => {
    // Prepare
    const lock = lockDataDir(dataDir);

    // Act
    const second = () => lockDataDir(dataDir);

    // Assess
    expect(second).toThrow(StartError);
    expect(second).toThrow(`process ${process.pid}`);
    lock.release();
  });

  it("can be taken again after release", () => {
    // Prepare
    lockDataDir(dataDir).release();

    // Act
    const again = lockDataDir(dataDir);

    // Assess
    again.release();
  });

  it("is held against another process, and free once that process is killed", async () => {
    // Prepare
    const module = new URL("./lock.ts", import.meta.url).href;
    const holder = spawn(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `const { lockDataDir } = await import(${JSON.stringify(module)});
         globalThis.lock = lockDataDir(process.argv[1]);
         console.log("held");
         setInterval(() => {}, 1e6);`,
        dataDir,
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    await once(holder.stdout, "data");
    expect(() => lockDataDir(dataDir)).toThrow(`process ${holder.pid}`);

    // Act
    holder.kill("SIGKILL");
    await once(holder, "exit");

    // Assess
    lockDataDir(dataDir).release();
  });
});
