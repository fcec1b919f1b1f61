import { describe, expect, test } from "vitest";
import { mayServeHost } from "./loopback-hosts.ts";

describe("which hosts an edge on loopback serves", () => {
  test.each([
    ["127.0.0.1:8080", true],
    ["localhost:8080", true],
    ["sluice.localhost", true],
    ["[::1]:8080", true],
    [undefined, true],
    ["evil.example", false],
    ["evil.example:8080", false],
    ["127.0.0.1.evil.example", false],
    ["localhost.evil.example", false],
    ["10.0.0.1", false],
  ])("%s: %s", (host, expected) => {
    expect(mayServeHost("127.0.0.1", host)).toBe(expected);
  });

  test("an edge that others reach serves any", () => {
    expect(mayServeHost("0.0.0.0", "video.example")).toBe(true);
  });
});
