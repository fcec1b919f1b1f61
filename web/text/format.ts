/** The page is in English, so that numbers and dates are too. */
const locale = "en";

const byteUnits = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"];

function scaleBytes(bytes: number): { value: number; unit: string; digits: number } {
  let value = Math.max(0, bytes);
  let index = 0;
  // 999.5 would be rounded to "1,000 kB".
  while (value >= 999.5 && index < byteUnits.length - 1) {
    value /= 1000;
    index += 1;
  }
  return { value, unit: byteUnits[index] ?? "byte", digits: index > 1 && value < 100 ? 1 : 0 };
}

/** `1.4 GB`; decimal multiples, as files are sold and shown everywhere else. */
export function formatBytes(bytes: number): string {
  const { value, unit, digits } = scaleBytes(bytes);
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit,
    unitDisplay: unit === "byte" ? "long" : "short",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

/** `12.3 MB/s`. */
export function formatSpeed(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** `42 %` of a whole, rounded down, so that 100 % means all of it. */
export function formatPercent(done: number, total: number): string {
  return `${percent(done, total)}\u00a0%`;
}

export function percent(done: number, total: number): number {
  if (total <= 0) return 0;
  return Math.min(100, Math.max(0, Math.floor((done / total) * 100)));
}

/** `3 minutes left`: rounded the more, the longer it takes. */
export function formatTimeLeft(seconds: number): string {
  const [value, unit] =
    seconds < 55
      ? [Math.max(1, seconds < 10 ? Math.ceil(seconds) : Math.ceil(seconds / 5) * 5), "second"]
      : seconds < 55 * 60
        ? [Math.ceil(seconds / 60), "minute"]
        : [Math.ceil(seconds / 3600), "hour"];
  const text = new Intl.NumberFormat(locale, {
    style: "unit",
    unit: String(unit),
    unitDisplay: "long",
  }).format(Number(value));
  return `${text} left`;
}

/** `1:02:03`, `4:05`: as players show time. */
export function formatDuration(ms: number): string {
  const total = Math.max(0, Math.round(ms / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(total / 3600);
  const minutes = Math.floor(total / 60) % 60;
  const clock = `${hours > 0 ? two(minutes) : minutes}:${two(total % 60)}`;
  return hours > 0 ? `${hours}:${clock}` : clock;
}

/** `in 5 minutes`, `tomorrow`, `in 30 days`. */
export function formatUntil(at: Date, now: Date): string {
  const seconds = Math.max(0, (at.getTime() - now.getTime()) / 1000);
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (seconds < 60) return "in less than a minute";
  if (seconds < 3600) return relative.format(Math.round(seconds / 60), "minute");
  if (seconds < 86_400) return relative.format(Math.round(seconds / 3600), "hour");
  return relative.format(Math.round(seconds / 86_400), "day");
}

/** `just now`, `5 minutes ago`, `yesterday`, `3 Nov 2026`. */
export function formatWhen(at: Date, now: Date): string {
  const seconds = (at.getTime() - now.getTime()) / 1000;
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (seconds > -60) return "just now";
  if (seconds > -3600) return relative.format(Math.ceil(seconds / 60), "minute");
  if (seconds > -86_400) return relative.format(Math.ceil(seconds / 3600), "hour");
  if (seconds > -7 * 86_400) return relative.format(Math.ceil(seconds / 86_400), "day");
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium" }).format(at);
}
