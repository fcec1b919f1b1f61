import { MultiBar, type SingleBar } from "cli-progress";
import { fit, printable } from "./text.ts";

/** Lines for a person on standard output, and below them one progress bar a file. */
export class Terminal {
  readonly #isInteractive = process.stdout.isTTY === true;
  readonly #bars = new Map<string, SingleBar>();
  readonly #lastLine = new Map<string, string>();
  #multi: MultiBar | undefined;

  line(text: string): void {
    // Beside bars the terminal does not wrap (DECAWM); an address must not lose its end.
    if (this.#multi) this.#multi.log(`\x1b[?7h${text}\x1b[?7l\n`);
    else process.stdout.write(`${text}\n`);
  }

  /**
   * Moves the bar of a file; where there is no terminal, prints a line at every tenth.
   * @param share 0 to 1; undefined while nobody knows the whole
   */
  progress(file: string, share: number | undefined, state: string): void {
    const percent = Math.min(100, Math.floor((share ?? 0) * 100));
    if (!this.#isInteractive) {
      const tenth = share === undefined ? "" : ` ${Math.floor(percent / 10) * 10}%`;
      const line = `${printable(file)}: ${state.split(",")[0]}${tenth}`;
      if (this.#lastLine.get(file) !== line) this.line(line);
      this.#lastLine.set(file, line);
      return;
    }
    const columns = process.stdout.columns ?? 80;
    const isNarrow = columns < 100;
    this.#multi ??= new MultiBar({
      format: "  {file}  {bar} {share}  {state}",
      hideCursor: true,
      barsize: isNarrow ? 12 : 24,
      barCompleteChar: "█",
      barIncompleteChar: "░",
      linewrap: false,
      // A line above moves every bar, also those that have not changed.
      forceRedraw: true,
    });
    const payload = {
      file: fit(printable(file), isNarrow ? 20 : 24, "end"),
      share: share === undefined ? "    " : `${String(percent).padStart(3)}%`,
      state,
    };
    const bar = this.#bars.get(file) ?? this.#addBar(file, payload);
    bar?.update(percent, payload);
  }

  /** The file needs no bar any more. */
  forget(file: string): void {
    const bar = this.#bars.get(file);
    if (bar) this.#multi?.remove(bar);
    this.#bars.delete(file);
    this.#lastLine.delete(file);
    if (this.#bars.size === 0) this.close();
  }

  close(): void {
    this.#multi?.stop();
    this.#multi = undefined;
    this.#bars.clear();
  }

  /** More bars than rows cannot be redrawn: the others wait until there is room. */
  #addBar(file: string, payload: object): SingleBar | undefined {
    if (this.#bars.size >= Math.max(1, (process.stdout.rows ?? 24) - 4)) return undefined;
    const bar = this.#multi?.create(100, 0, payload);
    if (bar) this.#bars.set(file, bar);
    return bar;
  }
}
