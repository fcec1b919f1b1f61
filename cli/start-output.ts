import { basename } from "node:path";
import type { JourneyEvent } from "./journey/video-journey.ts";
import { journeyLine, showJourney } from "./output/journey.ts";
import { Terminal } from "./output/terminal.ts";

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
    const line = journeyLine(event);
    if (line) this.#write(line);
  }
  error(code: string, message: string): void {
    this.#write({ event: "error", code, message });
  }
  close(): void {}

  #write(line: unknown): void {
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }
}

/** For a person: steps, addresses, one progress bar a file (plain lines where there is no terminal). */
export class TerminalOutput implements StartOutput {
  readonly #terminal = new Terminal();

  step(text: string): void {
    this.#terminal.line(text);
  }

  notice(text: string): void {
    this.#terminal.line(text);
  }

  ready({ web, api, endpoint, credentials }: Addresses): void {
    this.#terminal.line(
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
    showJourney(this.#terminal, basename(file), event);
  }

  error(_code: string, message: string): void {
    this.close();
    process.stderr.write(`${message}\n`);
  }

  close(): void {
    this.#terminal.close();
  }
}
