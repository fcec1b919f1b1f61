import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { buildIfChanged, fingerprint } from "./build-cache.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-build-"));
  await mkdir(join(directory, "in"));
  await writeFile(join(directory, "in", "a.ts"), "1");
});
afterEach(() => rm(directory, { recursive: true }));

describe("fingerprint", () => {
  test("changes with content, a link's target and the extra words, not with tests", async () => {
    const inputs = [join(directory, "in")];
    const before = await fingerprint(inputs);

    await writeFile(join(directory, "in", "a.test.ts"), "changed");
    const withTest = await fingerprint(inputs);
    await symlink("/nowhere", join(directory, "in", "link"));
    const withLink = await fingerprint(inputs);
    await writeFile(join(directory, "in", "a.ts"), "2");
    const withContent = await fingerprint(inputs);
    const withExtra = await fingerprint(inputs, ["x"]);

    expect(withTest).toBe(before);
    expect(new Set([before, withLink, withContent, withExtra]).size).toBe(4);
  });
});

describe("buildIfChanged", () => {
  test("builds once for the same inputs and again for others", async () => {
    const out = join(directory, "out");
    const build = (text: string) => (to: string) =>
      mkdir(to).then(() => writeFile(join(to, "result"), text));

    const first = await buildIfChanged(out, "digest-1", build("one"));
    const second = await buildIfChanged(out, "digest-1", build("two"));
    const third = await buildIfChanged(out, "digest-2", build("three"));

    expect([first, second, third]).toEqual([true, false, true]);
    expect(await readFile(join(out, "result"), "utf8")).toBe("three");
  });

  test("a build that fails leaves what stood there", async () => {
    const out = join(directory, "out");
    await buildIfChanged(out, "digest-1", (to) =>
      mkdir(to).then(() => writeFile(join(to, "r"), "1")),
    );

    const failed = buildIfChanged(out, "digest-2", async () => {
      throw new Error("broken");
    });

    await expect(failed).rejects.toThrow("broken");
    expect(await readFile(join(out, "r"), "utf8")).toBe("1");
  });
});
