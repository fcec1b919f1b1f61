import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchResource, type ResourceNode } from "./routing.ts";

const api = (paths: Readonly<Record<string, readonly string[]>>): ResourceNode<string>[] =>
  Object.entries(paths).map(([path, methods]) => ({
    id: path,
    path,
    methods: new Map(methods.map((method) => [method, `${method} ${path}`])),
  }));

describe("matchResource", () => {
  const nodes = api({
    "/": ["GET"],
    "/videos": ["GET", "POST"],
    "/videos/{videoId}": ["GET"],
    "/videos/latest": ["GET"],
    "/videos/{videoId}/playback": ["POST"],
    "/videos/{rest+}": ["ANY"],
    "/empty": [],
    "/{proxy+}": ["ANY"],
  });

  it.each([
    ["GET", "/", "GET /", {}],
    ["GET", "/videos", "GET /videos", {}],
    ["GET", "/videos/", "GET /videos", {}],
    ["GET", "/videos/latest", "GET /videos/latest", {}],
    ["GET", "/videos/a%2Fb%20c", "GET /videos/{videoId}", { videoId: "a/b c" }],
    ["POST", "/videos/7/playback", "POST /videos/{videoId}/playback", { videoId: "7" }],
    ["GET", "/videos/7/other/x", "ANY /videos/{rest+}", { rest: "7/other/x" }],
    ["GET", "/empty", "ANY /{proxy+}", { proxy: "empty" }],
    ["PATCH", "/a/b", "ANY /{proxy+}", { proxy: "a/b" }],
  ])("%s %s is %s", (method, path, expected, parameters) => {
    expect(matchResource(nodes, method, path)).toMatchObject({ method: expected, parameters });
  });

  it("finds the resource even if it does not take the method", () => {
    const match = matchResource(nodes, "DELETE", "/videos/7");
    expect(match?.node.path).toBe("/videos/{videoId}");
    expect(match?.method).toBeUndefined();
  });

  it("finds nothing where nothing is", () => {
    expect(matchResource(api({ "/a": ["GET"] }), "GET", "/b")).toBeUndefined();
    expect(matchResource(api({ "/a/{p+}": ["GET"] }), "GET", "/a")).toBeUndefined();
    expect(matchResource(api({ "/a/{p}/b": ["GET"] }), "GET", "/a//b")).toBeUndefined();
  });

  const part = fc.constantFrom("a", "b", "{p}");
  const patterns = fc.uniqueArray(
    fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join("/")}`),
    { maxLength: 12 },
  );
  const path = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 4 });

  it("a plain segment always wins over a parameter at the first place where they differ", () => {
    fc.assert(
      fc.property(patterns, path, (paths, segments) => {
        const found = matchResource(
          api(Object.fromEntries(paths.map((each) => [each, ["GET"]]))),
          "GET",
          `/${segments.join("/")}`,
        );
        const fits = (pattern: string) => {
          const parts = pattern.slice(1).split("/");
          return (
            parts.length === segments.length &&
            parts.every((each, index) => each === "{p}" || each === segments[index])
          );
        };
        // "{" sorts after every letter, so that the first in order is the most specific.
        const [expected] = paths.filter(fits).sort();
        expect(found?.node.path).toBe(expected);
      }),
    );
  });

  it("{name+} takes every path of one segment or more, whole", () => {
    fc.assert(
      fc.property(
        fc.array(fc.webSegment({ size: "small" }).filter(Boolean), { minLength: 1 }),
        (segments) => {
          const match = matchResource(api({ "/{p+}": ["ANY"] }), "GET", `/${segments.join("/")}`);
          expect(match?.parameters).toEqual({ p: segments.map(decodeURIComponent).join("/") });
        },
      ),
    );
  });
});
