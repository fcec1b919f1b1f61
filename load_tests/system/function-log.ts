import { closeSync, existsSync, openSync, readdirSync, readSync, statSync } from "node:fs";
import { join } from "node:path";

/** One line that Lambda itself writes about an invocation. */
export interface InvocationMark {
  readonly kind: "START" | "END";
  readonly timeMs: number;
}

/** `TIME REQUEST-ID START RequestId: …`; functions' own lines have other words there. */
export function parseMarks(text: string): InvocationMark[] {
  return text.split("\n").flatMap((line) => {
    const [time = "", , kind, word] = line.split(" ");
    return (kind === "START" || kind === "END") && word === "RequestId:"
      ? [{ kind, timeMs: Date.parse(time) }]
      : [];
  });
}

/**
 * Follows the log of the function whose name contains `part`, from where it ends now.
 * @returns gives what has come since it was last called
 */
export function followFunctionLog(dataDir: string, part: string): () => InvocationMark[] {
  let rest = "";
  let position = fileOf(dataDir, part)?.size ?? 0;
  return () => {
    const found = fileOf(dataDir, part);
    if (!found || found.size <= position) return [];
    const lines = (rest + readFrom(found.path, position, found.size)).split("\n");
    position = found.size;
    rest = lines.pop() ?? "";
    return parseMarks(lines.join("\n"));
  };
}

function fileOf(dataDir: string, part: string) {
  const directory = join(dataDir, "logs");
  if (!existsSync(directory)) return undefined;
  const name = readdirSync(directory).find(
    (candidate) => candidate.includes(part) && candidate.endsWith(".log"),
  );
  if (name === undefined) return undefined;
  const path = join(directory, name);
  return { path, size: statSync(path).size };
}

function readFrom(path: string, start: number, end: number): string {
  const buffer = Buffer.alloc(end - start);
  const descriptor = openSync(path, "r");
  try {
    return buffer.toString("utf8", 0, readSync(descriptor, buffer, 0, buffer.length, start));
  } finally {
    closeSync(descriptor);
  }
}
