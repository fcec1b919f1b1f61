import { stripVTControlCharacters } from "node:util";
import cliTruncate from "cli-truncate";
import stringWidth from "string-width";

/** Names and titles come from elsewhere: what would steer the terminal is shown as `�`. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/[\p{Cc}\p{Bidi_Control}]/gu, "�");
}

/** As many columns wide as asked for, cut with `…` where it must be. */
export function fit(text: string, width: number, keep: "start" | "end" = "start"): string {
  const cut = cliTruncate(text, width, { position: keep === "start" ? "end" : "start" });
  return cut + " ".repeat(Math.max(0, width - stringWidth(cut)));
}

export function formatBytes(bytes: number): string {
  for (const [unit, size] of [
    ["TB", 1e12],
    ["GB", 1e9],
    ["MB", 1e6],
  ] as const) {
    if (bytes >= size) return `${(bytes / size).toFixed(1)} ${unit}`;
  }
  return `${Math.round(bytes / 1e3)} kB`;
}

export function formatSeconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** `1:02:03`, `4:05`. */
export function formatLength(ms: number): string {
  const whole = Math.round(ms / 1000);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const [hours = 0, minutes = 0, seconds = 0] = parts;
  const last = String(seconds).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${last}` : `${minutes}:${last}`;
}
