import { type Browser, chromium } from "playwright-core";

/** The system's Chromium, found by the set-up; undefined where there is none. */
export const chromiumPath = process.env.SLUICE_CHROMIUM;

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath ?? "chromium",
    args: [
      // Chromium has no sandbox as root, which is who runs it in containers.
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--autoplay-policy=no-user-gesture-required",
      "--disable-dev-shm-usage",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
}
