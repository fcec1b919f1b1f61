import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  globSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { LayerVersion } from "aws-cdk-lib/aws-lambda";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { assembleEmbedded, assembleStatic } from "../../layers/ffmpeg/assemble.mjs";
import { layerDirectory, layerFault, sha256, staticBuilds } from "../../layers/ffmpeg/layer.mjs";
import { layerCode } from "./ffmpeg-layer.ts";

let scratch = "";
let dist = "";
beforeEach(() => {
  scratch = mkdtempSync(path.join(tmpdir(), "sluice-layer-"));
  dist = path.join(scratch, "dist");
});
afterEach(() => rmSync(scratch, { recursive: true, force: true }));

function executable(file: string, content: string | Buffer = "#!/bin/sh\necho here\n"): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
  chmodSync(file, 0o755);
  return file;
}

describe("the embedded layer", () => {
  it("links the machine's binaries, and says so again without changing anything", () => {
    // Prepare
    const ffmpeg = executable(path.join(scratch, "ffmpeg"));
    const ffprobe = executable(path.join(scratch, "ffprobe"));

    // Act
    const directory = assembleEmbedded(ffmpeg, ffprobe, dist);
    const before = lstatSync(path.join(directory, "bin/ffmpeg")).ino;
    assembleEmbedded(ffmpeg, ffprobe, dist);

    // Assess
    expect(readlinkSync(path.join(directory, "bin/ffprobe"))).toBe(ffprobe);
    expect(lstatSync(path.join(directory, "bin/ffmpeg")).ino).toBe(before);
    expect(layerDirectory("embedded", dist)).toBe(directory);
    expect(layerFault("embedded", dist)).toBeUndefined();
  });

  it("follows a binary that moved", () => {
    // Prepare
    const old = executable(path.join(scratch, "old"));
    const fresh = executable(path.join(scratch, "new"));
    assembleEmbedded(old, old, dist);

    // Act
    const directory = assembleEmbedded(fresh, fresh, dist);

    // Assess
    expect(readlinkSync(path.join(directory, "bin/ffmpeg"))).toBe(fresh);
  });

  it("refuses a binary that is not there", () => {
    expect(() => assembleEmbedded("/nowhere/ffmpeg", "/nowhere/ffprobe", dist)).toThrow("ENOENT");
  });

  it("is a link that runs after the CDK has staged it too", () => {
    // Prepare
    const binary = executable(path.join(scratch, "ffmpeg"));
    const directory = assembleEmbedded(binary, binary, dist);
    const app = new App({ outdir: path.join(scratch, "cdk.out") });
    const stack = new Stack(app, "Stack");

    // Act
    new LayerVersion(stack, "Layer", { code: layerCode(directory) });
    const staged = path.dirname(app.synth().getStackByName("Stack").templateFullPath);

    // Assess
    const [link = ""] = globSync("asset.*/bin/ffmpeg", { cwd: staged });
    expect(lstatSync(path.join(staged, link)).isSymbolicLink()).toBe(true);
    const printed = execFileSync(path.join(staged, link));
    expect(printed.toString().trim()).toBe("here");
  });
});

describe("the static layer", () => {
  /** 64 bytes that begin as an ELF file for that architecture does. */
  function elf(machine: number): Buffer {
    const header = Buffer.alloc(64);
    header.writeUInt32BE(0x7f454c46, 0);
    header.writeUInt16LE(machine, 18);
    return header;
  }

  /** An archive laid out as the published ones are, and builds that pin it. */
  function published(machine = staticBuilds["linux-arm64"].elfMachine) {
    const root = path.join(scratch, "ffmpeg-9.9-arm64-static");
    executable(path.join(root, "ffmpeg"), elf(machine));
    executable(path.join(root, "ffprobe"), elf(machine));
    executable(path.join(root, "model/vmaf.json"), "{}");
    const archive = path.join(scratch, "published.tar.xz");
    execFileSync("tar", ["-cJf", archive, "-C", scratch, path.basename(root)]);
    const builds = {
      ...staticBuilds,
      "linux-arm64": { ...staticBuilds["linux-arm64"], sha256: sha256(archive) },
    };
    const download = async (_url: string, file: string) => copyFileSync(archive, file);
    return { builds, download };
  }

  it("holds the two binaries of the pinned archive, and may be deployed", async () => {
    // Prepare
    const { builds, download } = published();

    // Act
    const directory = await assembleStatic("linux-arm64", { dist, download, builds });

    // Assess
    expect(layerDirectory("linux-arm64", dist)).toBe(directory);
    expect(layerFault("linux-arm64", dist, builds)).toBeUndefined();
    expect(lstatSync(path.join(directory, "bin/ffprobe")).mode & 0o111).not.toBe(0);
  });

  it("looks for an archive that has moved, and keeps nothing of one with other bytes", async () => {
    // Prepare
    const asked: string[] = [];
    const download = async (url: string, file: string) => {
      asked.push(url);
      if (asked.length === 1) throw new Error("HTTP 404");
      writeFileSync(file, "something else");
    };

    // Act
    const assembling = assembleStatic("linux-x64", { dist, download });

    // Assess
    await expect(assembling).rejects.toThrow(/HTTP 404.*sha256 is [0-9a-f]{64}, expected abda8d77/);
    expect(asked).toEqual(staticBuilds["linux-x64"].urls);
    expect(layerFault("linux-x64", dist)).toMatch(/has no ffmpeg: run `node layers/);
  });

  it("is refused while nobody has assembled it, yet the app can be synthesized", () => {
    expect(path.basename(layerDirectory("linux-arm64", dist))).toBe("not-assembled");
    expect(layerFault("linux-arm64", dist)).toContain("has no ffmpeg");
  });

  it("is refused when its binaries are this machine's", () => {
    // Prepare
    const bin = path.join(dist, "linux-arm64/bin");
    mkdirSync(bin, { recursive: true });
    symlinkSync(process.execPath, path.join(bin, "ffmpeg"));
    symlinkSync(process.execPath, path.join(bin, "ffprobe"));

    // Act and assess
    expect(layerFault("linux-arm64", dist)).toContain("was not made from the pinned build");

    const { sha256: archive } = staticBuilds["linux-arm64"];
    writeFileSync(path.join(dist, "linux-arm64/layer.json"), JSON.stringify({ archive }));
    expect(layerFault("linux-arm64", dist)).toContain("is a link to this machine's");
  });

  it.each([
    ["is not built for it", elf(staticBuilds["linux-x64"].elfMachine)],
    ["is not the one that was assembled", elf(staticBuilds["linux-arm64"].elfMachine)],
    ["is not built for it", Buffer.from("#!/bin/sh\n# not a program of any architecture\n")],
  ])("is refused when a binary %s", async (reason, content) => {
    // Prepare
    const { builds, download } = published();
    const directory = await assembleStatic("linux-arm64", { dist, download, builds });

    // Act
    executable(path.join(directory, "bin/ffprobe"), Buffer.concat([content, Buffer.from("x")]));

    // Assess
    expect(layerFault("linux-arm64", dist, builds)).toContain(reason);
  });
});
