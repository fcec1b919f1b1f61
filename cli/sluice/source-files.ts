import { accessSync, constants, type Dirent, type Stats, statSync } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { CommandError } from "../errors.ts";

export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  /** As it is shown: relative to where the command was typed. */
  readonly shown: string;
}

/** By what their names end in; whether it is one decides the server, by the bytes. */
const mediaFile =
  /\.(3g2|3gp|aac|aif|aiff|avi|flac|flv|m2ts|m4a|m4v|mka|mkv|mov|mp3|mp4|mpeg|mpg|mts|mxf|oga|ogg|ogv|opus|ts|vob|wav|webm|wma|wmv)$/i;

/** MPEG-2 transport streams and TypeScript share two endings. */
const sharedEnding = /\.m?ts$/i;

/**
 * The files that the arguments mean: each file, and of each folder, however deep, the media files.
 * @throws CommandError file-unreadable, nothing-to-upload
 */
export async function sourceFiles(
  given: readonly string[],
  options: { readonly workingDirectory: string; readonly all: boolean },
): Promise<SourceFile[]> {
  const paths = new Set<string>();
  for (const argument of given) {
    const path = resolve(options.workingDirectory, argument);
    const stats = readable(path, argument);
    if (stats.isFile()) paths.add(path);
    else for (const file of await filesBelow(path, argument, options.all)) paths.add(file);
  }
  return [...paths].map((path) => {
    const near = relative(options.workingDirectory, path);
    return { path, shown: near.startsWith("..") ? path : near };
  });
}

function readable(path: string, given: string): Stats {
  try {
    const stats = statSync(path);
    if (!stats.isFile() && !stats.isDirectory()) {
      throw new CommandError(
        "file-unreadable",
        `"${given}" is neither a file nor a folder; what comes through a pipe is uploaded by \`-\`.`,
      );
    }
    accessSync(path, constants.R_OK);
    return stats;
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError("file-unreadable", `"${given}" ${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : "";
  if (code === "ENOENT" || code === "ENOTDIR") return "does not exist.";
  if (code === "EACCES" || code === "EPERM") return "may not be read by you.";
  return `cannot be read (${code}).`;
}

async function filesBelow(folder: string, given: string, all: boolean): Promise<string[]> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    throw new CommandError("file-unreadable", `Something in "${given}" ${reasonOf(error)}`);
  }
  const files: string[] = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name);
    // Links could lead in a circle, or out of the folder.
    if (entry.isFile() && (all || (await isMedia(path)))) files.push(path);
  }
  if (files.length === 0) {
    throw new CommandError(
      "nothing-to-upload",
      all
        ? `There are no files in "${given}".`
        : `There are no media files in "${given}"; --all takes every file.`,
    );
  }
  return files.sort();
}

async function isMedia(path: string): Promise<boolean> {
  if (!mediaFile.test(path)) return false;
  return !sharedEnding.test(path) || (await startsLikeTransportStream(path));
}

/** ISO/IEC 13818-1, 2.4.3.2: packets of 188 bytes, each beginning with 0x47; after 4 bytes in M2TS. */
async function startsLikeTransportStream(path: string): Promise<boolean> {
  const file = await open(path, "r");
  try {
    const { buffer } = await file.read(Buffer.alloc(197), 0, 197, 0);
    return (
      (buffer[0] === 0x47 && buffer[188] === 0x47) || (buffer[4] === 0x47 && buffer[196] === 0x47)
    );
  } finally {
    await file.close();
  }
}
