import { expect, test } from "vitest";
import { renewInMs } from "./playback.ts";

test("cookies are renewed while a fifth of their time is left", () => {
  const now = Date.UTC(2026, 0, 1);
  expect(renewInMs(new Date(now + 100_000).toISOString(), now)).toBe(80_000);
});

test("a server whose clock is behind does not make the page ask in a loop", () => {
  const now = Date.UTC(2026, 0, 1);
  expect(renewInMs(new Date(now - 1_000).toISOString(), now)).toBe(10_000);
});
