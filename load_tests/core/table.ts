import Table from "cli-table3";
import type { Row } from "./row.ts";

/** Rows as people read them: three digits that count, a mark where there is a target. */
export function formatTable(rows: readonly Row[]): string {
  const table = new Table({
    head: ["what", "ours", "baseline", "ratio", "spread", "runs", "target"],
    style: { head: [], border: [] },
    colAligns: ["left", "right", "right", "right", "right", "right", "right"],
    colWidths: [46],
    wordWrap: true,
  });
  for (const row of rows) {
    table.push([
      row.what,
      `${digits(row.ours)} ${row.unit}`,
      row.baseline === null
        ? "–"
        : `${digits(row.baseline.value)} ${row.unit}\n${row.baseline.name}`,
      row.ratio === null ? "–" : digits(row.ratio),
      `${digits(row.spread[0])} … ${digits(row.spread[1])}`,
      row.runs,
      row.target === null ? "–" : `${digits(row.target)} ${row.met ? "met" : "MISSED"}`,
    ]);
  }
  return table.toString();
}

/** `1234.5` → `1235`, `12.345` → `12.3`, `0.01234` → `0.0123`. */
export function digits(value: number): string {
  if (value === 0) return "0";
  const whole = Math.floor(Math.log10(Math.abs(value))) + 1;
  return value
    .toFixed(Math.max(0, Math.min(6, 3 - whole)))
    .replace(/(\.\d*?)0+$/, "$1")
    .replace(/\.$/, "");
}
