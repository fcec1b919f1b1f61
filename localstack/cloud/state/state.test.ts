import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StartError } from "../aws-error.ts";
import { localCredentials } from "./credentials.ts";
import { prepareDataDir } from "./data-dir.ts";
import { openState, SCHEMA_VERSION } from "./state.ts";

describe("the state of a data directory", () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(path.join(tmpdir(), "cloud-state-"));
  });
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  it("makes one pair of credentials and keeps it", () => {
    // Prepare
    const first = openState(dataDir);
    const made = localCredentials(first);
    first.close();

    // Act
    const second = openState(dataDir);
    const found = localCredentials(second);
    second.close();

    // Assess
    expect(found).toEqual(made);
    expect(found.accessKeyId).toMatch(/^LKIA[A-Z2-7]{16}$/);
    expect(found.secretAccessKey).toHaveLength(40);
  });

  it("is readable by its owner only", () => {
    // Act
    const state = openState(dataDir);
    localCredentials(state);

    // Assess
    for (const file of ["state.sqlite", "state.sqlite-wal"]) {
      expect(statSync(path.join(dataDir, file)).mode & 0o777).toBe(0o600);
    }
    state.close();
  });

  it("refuses a directory that a newer version made", () => {
    // Prepare
    const newer = new DatabaseSync(path.join(dataDir, "state.sqlite"));
    newer.exec(`PRAGMA user_version = ${SCHEMA_VERSION + 1}`);
    newer.close();

    // Act
    const open = () => openState(dataDir);

    // Assess
    expect(open).toThrow(StartError);
    expect(open).toThrow("newer version");
  });

  it("refuses a directory that cannot be one", () => {
    // Prepare
    const file = path.join(dataDir, "file");
    writeFileSync(file, "");

    // Act
    const prepare = () => prepareDataDir(path.join(file, "inside"));

    // Assess
    expect(prepare).toThrow(expect.objectContaining({ code: "data-dir-unwritable" }));
  });

  it("refuses a state file that cannot be opened", () => {
    // Prepare
    mkdirSync(path.join(dataDir, "state.sqlite"));

    // Act
    const open = () => openState(dataDir);

    // Assess
    expect(open).toThrow(expect.objectContaining({ code: "data-dir-unwritable" }));
  });
});
