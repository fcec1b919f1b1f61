import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import path from "node:path";
import { StringDecoder } from "node:string_decoder";
import type { CloudContext } from "../context.ts";

const ROTATE_BYTES = 10 * 1024 * 1024;
/** CloudWatch's limit for one event. */
const MAX_LINE_BYTES = 256 * 1024;
/** What `LogType: Tail` answers. */
const TAIL_BYTES = 4096;

/**
 * Everything that the environments of one function say: to `logs/NAME.log` in the data directory,
 * each line with its time and request id, and to the cloud's own log at debug. At 10 MB the file
 * becomes `NAME.log.1`.
 */
export class FunctionLog {
  readonly #context: CloudContext;
  readonly #functionName: string;
  readonly #file: string;
  #descriptor: number | undefined;
  #size = 0;

  constructor(context: CloudContext, functionName: string) {
    this.#context = context;
    this.#functionName = functionName;
    this.#file = path.join(context.dataDir, "logs", `${functionName}.log`);
  }

  /** The output of one environment. */
  stream(): EnvironmentLog {
    return new EnvironmentLog((requestId, line) => this.#write(requestId, line));
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #write(requestId: string, line: string): void {
    this.#context.log("debug", line, { function: this.#functionName, requestId });
    try {
      const descriptor = this.#open();
      const time = new Date(this.#context.clock.now()).toISOString();
      this.#size += writeSync(descriptor, `${time} ${requestId} ${line}\n`);
      if (this.#size > ROTATE_BYTES) {
        this.close();
        renameSync(this.#file, `${this.#file}.1`);
      }
    } catch (error) {
      // A full disk must not fail the function whose line it was.
      this.#context.log("warn", "cannot write a function's log", {
        function: this.#functionName,
        error: String(error),
      });
    }
  }

  #open(): number {
    if (this.#descriptor === undefined) {
      mkdirSync(path.dirname(this.#file), { recursive: true });
      this.#descriptor = openSync(this.#file, "a", 0o600);
      this.#size = fstatSync(this.#descriptor).size;
    }
    return this.#descriptor;
  }
}

/** Cuts the output of one environment into lines and keeps the tail of the current invocation. */
export class EnvironmentLog {
  readonly #write: (requestId: string, line: string) => void;
  readonly #decoders = { stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8") };
  readonly #partial = { stdout: "", stderr: "" };
  #requestId = "-";
  #tail = "";

  constructor(write: (requestId: string, line: string) => void) {
    this.#write = write;
  }

  begin(requestId: string): void {
    this.#requestId = requestId;
    this.#tail = "";
  }

  line(text: string): void {
    this.#tail = `${this.#tail}${text}\n`.slice(-TAIL_BYTES);
    this.#write(this.#requestId, text);
  }

  data(source: "stdout" | "stderr", chunk: Buffer): void {
    const lines = (this.#partial[source] + this.#decoders[source].write(chunk)).split("\n");
    const rest = lines.pop() ?? "";
    for (const line of lines) this.line(line.slice(0, MAX_LINE_BYTES));
    this.#partial[source] = rest;
    if (rest.length > MAX_LINE_BYTES) this.flush();
  }

  /** Writes a last line that has no end. */
  flush(): void {
    for (const source of ["stdout", "stderr"] as const) {
      if (this.#partial[source] !== "") this.line(this.#partial[source]);
      this.#partial[source] = "";
    }
  }

  /** The last 4 KB of the current invocation. */
  get tail(): Buffer {
    return Buffer.from(this.#tail).subarray(-TAIL_BYTES);
  }
}
