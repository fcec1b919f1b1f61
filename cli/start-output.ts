import { basename } from "node:path";
import type { Video } from "@sluice/contracts";
import { MultiBar, type SingleBar } from "cli-progress";
import type { JourneyEvent } from "./journey/video-journey.ts";

export interface Addresses {
  readonly web: string;
  readonly api: string;
  /** Serves the AWS SDKs. */
  readonly endpoint: string;
  readonly edges: readonly string[];
  readonly token: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly region: string;
  };
}

/** What `npm start` tells, to a person or to a script. */
export interface StartOutput {
  step(text: string): void;
  notice(text: string): void;
  ready(addresses: Addresses): void;
  journey(file: string, event: JourneyEvent): void;
  error(code: string, message: string): void;
  close(): void;
}

/** One JSON object a line on standard output (docs/ARCHITECTURE.md, "Interfaces that scripts rely on"). */
export class JsonOutput implements StartOutput {
  step(): void {}
  notice(text: string): void {
    process.stderr.write(`${text}\n`);
  }
  ready(addresses: Addresses): void {
    this.#write({ event: "ready", ...addresses });
  }
  journey(_file: string, event: JourneyEvent): void {
    if (event.kind === "upload-progress" || event.kind === "progress") return;
    const { kind, ...rest } = event;
    this.#write({ event: kind, ...rest });
  }
  error(code: string, message: string): void {
    this.#write({ event: "error", code, message });
  }
  close(): void {}

  #write(line: unknown): void {
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
}

const barFormat = "  {file}  {bar} {percentage} %  {state}";

/** For a person: steps, addresses, one progress bar a file (plain lines where there is no terminal). */
export class TerminalOutput implements StartOutput {
  readonly #interactive = process.stdout.isTTY === true;
  readonly #bars = new Map<string, SingleBar>();
  readonly #lastLine = new Map<string, string>();
  #multi: MultiBar | undefined;

  step(text: string): void {
    this.#line(text);
  }

  notice(text: string): void {
    this.#line(text);
  }

  ready({ web, api, endpoint, credentials }: Addresses): void {
    this.#line(
      [
        "",
        "Sluice is running.",
        "",
        `  Page      ${web}/`,
        `  API       ${api}`,
        `  AWS SDKs  ${endpoint}  (region ${credentials.region})`,
        "",
        "Press Ctrl-C to stop; the library is kept.",
        "",
      ].join("\n"),
    );
  }

  journey(file: string, event: JourneyEvent): void {
    const name = basename(file);
    switch (event.kind) {
      case "uploading":
        break;
      case "upload-progress": {
        const { bytes, totalBytes, bytesPerSecond, trouble } = event.snapshot;
        const speed = bytesPerSecond === undefined ? "" : `, ${formatBytes(bytesPerSecond)}/s`;
        const state = trouble ? trouble.message : `uploading${speed}`;
        this.#progress(name, totalBytes === 0 ? 0 : bytes / totalBytes, state);
        break;
      }
      case "progress":
        this.#progress(name, transcoded(event.video), describe(event.video));
        break;
      case "playable":
        this.#line(`${name} can be watched, after ${seconds(event.ms)}: ${event.watch}`);
        break;
      case "done":
        this.#progress(name, 1, "ready");
        this.#line(`${name} is ready, after ${seconds(event.ms)}: ${event.watch}`);
        break;
      case "failed":
        this.#progress(name, 0, "failed");
        this.#line(`${name} failed: ${event.message}`);
        break;
    }
  }

  error(_code: string, message: string): void {
    this.close();
    process.stderr.write(`${message}\n`);
  }

  close(): void {
    this.#multi?.stop();
    this.#multi = undefined;
    this.#bars.clear();
  }

  #line(text: string): void {
    if (this.#multi) this.#multi.log(`${text}\n`);
    else process.stdout.write(`${text}\n`);
  }

  #progress(file: string, share: number, state: string): void {
    const percent = Math.min(100, Math.floor(share * 100));
    if (!this.#interactive) {
      const line = `${file}: ${state.split(",")[0]} ${Math.floor(percent / 10) * 10}%`;
      if (this.#lastLine.get(file) !== line) this.#line(line);
      this.#lastLine.set(file, line);
      return;
    }
    this.#multi ??= new MultiBar({
      format: barFormat,
      hideCursor: true,
      barsize: 24,
      barCompleteChar: "█",
      barIncompleteChar: "░",
      linewrap: false,
      // A line above moves every bar, also those that have not changed.
      forceRedraw: true,
      autopadding: true,
    });
    const payload = { file: shortName(file), state };
    const bar = this.#bars.get(file) ?? this.#multi.create(100, 0, payload);
    this.#bars.set(file, bar);
    bar.update(percent, payload);
  }
}

/** As wide as every other, so that the bars stand below one another; the end tells files apart best. */
function shortName(file: string): string {
  const width = 24;
  return file.length <= width ? file.padEnd(width) : `…${file.slice(1 - width)}`;
}

function transcoded(video: Video): number {
  if (video.status === "ready") return 1;
  const total = video.renditions.reduce((sum, { segmentsTotal }) => sum + segmentsTotal, 0);
  const done = video.renditions.reduce((sum, { segmentsDone }) => sum + segmentsDone, 0);
  return total === 0 ? 0 : done / total;
}

function describe(video: Video): string {
  switch (video.status) {
    case "uploading":
    case "planning":
      return "planning";
    case "transcoding":
      return video.playable
        ? `transcoding, the first ${seconds(video.playableMs)} can be watched`
        : "transcoding";
    default:
      return video.status;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function formatBytes(bytes: number): string {
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : `${Math.round(bytes / 1e3)} kB`;
}
