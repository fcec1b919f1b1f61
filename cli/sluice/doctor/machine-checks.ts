import { execFile } from "node:child_process";
import { statfs } from "node:fs/promises";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { findPostgresBinaries } from "@sluice/cloud";
import { chromiumPath, onPath } from "../../../scripts/setup.mjs";
import { isExplained } from "../../errors.ts";
import { formatBytes } from "../../output/text.ts";
import { defaultPort } from "../../start-arguments.ts";
import type { Check } from "./check.ts";

const run = promisify(execFile);
const enoughBytes = 10e9;
const fewBytes = 1e9;

export function nodeCheck(): Check {
  return { name: "Node", status: "ok", message: `${process.versions.node}, ${process.execPath}` };
}

export function postgresCheck(): Check {
  const name = "PostgreSQL";
  try {
    return { name, status: "ok", message: `comes along, ${findPostgresBinaries().directory}` };
  } catch (error) {
    if (!isExplained(error)) throw error;
    return { name, status: "missing", message: error.message };
  }
}

export async function diskCheck(directory: string): Promise<Check> {
  const { bavail, bsize } = await statfs(directory);
  return judgeDisk(bavail * bsize, directory);
}

/** A video takes about twice its own size: the source, and what is made of it. */
export function judgeDisk(free: number, directory: string): Check {
  const name = "disk space";
  const message = `${formatBytes(free)} free for ${directory}`;
  if (free >= enoughBytes) return { name, status: "ok", message };
  const todo = "make room, or start with --data-dir on a larger disk";
  return { name, status: free < fewBytes ? "missing" : "optional", message, todo };
}

/** @param ours whether what listens there is the Sluice that this command talks to */
export async function portCheck(ours: boolean): Promise<Check> {
  const name = `ports ${defaultPort}, ${defaultPort + 1}`;
  if (ours) return { name, status: "ok", message: "Sluice listens there" };
  const taken: number[] = [];
  for (const port of [defaultPort, defaultPort + 1]) if (!(await isFree(port))) taken.push(port);
  return taken.length === 0
    ? { name, status: "ok", message: "free" }
    : {
        name,
        status: "optional",
        message: `another program listens on ${taken.join(" and ")}`,
        todo: "start Sluice with --port N",
      };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

export async function optionalChecks(): Promise<Check[]> {
  return [
    await optional(
      "Chromium",
      chromiumPath(),
      "the journeys of `npm test` play in it; else they decode with ffmpeg",
    ),
    await optional("Python", onPath("python3"), "boto3 and s3cmd are tested with it"),
    await optional("Docker", onPath("docker"), "LocalStack runs in it"),
  ];
}

async function optional(name: string, path: string | undefined, use: string): Promise<Check> {
  if (!path) return { name, status: "optional", message: `not on PATH; ${use}` };
  try {
    const { stdout, stderr } = await run(path, ["--version"], { timeout: 10_000 });
    const version = /\d+(\.\d+)+/.exec(stdout || stderr)?.[0] ?? "";
    return { name, status: "ok", message: `${version}, ${path}` };
  } catch {
    return { name, status: "optional", message: `${path} does not run; ${use}` };
  }
}
