import { styleText } from "node:util";
import { Terminal } from "../output/terminal.ts";

type Style = Parameters<typeof styleText>[0];

/** What verbs say: to a person on a terminal, or to a script as one JSON object a line. */
export class Output {
  readonly isJson: boolean;
  /** Lines and bars for a person; silent when a script reads. */
  readonly terminal = new Terminal();

  constructor(isJson: boolean) {
    this.isJson = isJson;
  }

  get columns(): number | undefined {
    return process.stdout.isTTY ? (process.stdout.columns ?? 80) : undefined;
  }

  /** Says the same twice, and prints what the reader wants. */
  say(json: object, text: string): void {
    if (this.isJson) this.json(json);
    else this.terminal.line(text);
  }

  json(line: object): void {
    process.stdout.write(`${JSON.stringify(line)}\n`);
  }

  /** Beside the answer: where to go on, what was left out. */
  notice(text: string): void {
    if (this.isJson) return;
    this.terminal.close();
    process.stderr.write(`${text}\n`);
  }

  error(code: string, message: string): void {
    this.terminal.close();
    if (this.isJson) this.json({ event: "error", code, message });
    else
      process.stderr.write(`${styleText("red", "error", { stream: process.stderr })} ${message}\n`);
  }

  /** Colours where there is a terminal that wants them (NO_COLOR, FORCE_COLOR). */
  paint(style: Style, text: string): string {
    return styleText(style, text, { stream: process.stdout });
  }
}

/**
 * A reader that has seen enough (`| head`) ends no work: what would be printed is dropped, and the
 * exit code tells how it went.
 */
export function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}
