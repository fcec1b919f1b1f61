import stringWidth from "string-width";
import { fit } from "../output/text.ts";

export interface Column {
  readonly title: string;
  readonly minWidth?: number;
  /** Gets what the others leave of the terminal's width, and is cut to it. */
  readonly takesRest?: boolean;
  readonly right?: boolean;
  readonly paint?: (cell: string) => string;
}

const gap = "  ";

/**
 * Rows below one another.
 * @param options.width columns of the terminal; without one nothing is cut
 * @param options.header paints the line of titles; without it there is none
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: {
    readonly width: number | undefined;
    readonly header: ((line: string) => string) | undefined;
  },
): string {
  const widths = columns.map(({ title, minWidth = 0 }, index) =>
    Math.max(minWidth, stringWidth(title), ...rows.map((row) => stringWidth(row[index] ?? ""))),
  );
  const rest = columns.findIndex(({ takesRest }) => takesRest);
  if (options.width !== undefined && rest >= 0) {
    const others = widths.reduce((sum, width, index) => sum + (index === rest ? 0 : width), 0);
    const left = options.width - others - gap.length * (columns.length - 1);
    widths[rest] = Math.max(10, Math.min(widths[rest] ?? 0, left));
  }
  const line = (cells: readonly string[], paint: boolean) =>
    columns
      .map((column, index) => {
        const width = widths[index] ?? 0;
        const cell = cells[index] ?? "";
        const padded = column.right
          ? " ".repeat(Math.max(0, width - stringWidth(cell))) + cell
          : fit(cell, width);
        return paint && column.paint ? column.paint(padded) : padded;
      })
      .join(gap)
      .trimEnd();
  const body = rows.map((row) => line(row, true));
  const titles = line(
    columns.map(({ title }) => title),
    false,
  );
  return [...(options.header ? [options.header(titles)] : []), ...body].join("\n");
}

/** Enough of an id to tell videos apart; every verb takes it. */
export function shortId(videoId: string): string {
  return videoId.slice(0, 8);
}
