import { readFileSync } from "node:fs";
import vm from "node:vm";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainMediaAddressesFile } from "../constructs/plain-media-addresses.ts";

const code = readFileSync(plainMediaAddressesFile, "utf8");
const handler = vm.runInNewContext(`${code}; handler`);
const segment = "/videos/0198c5f2-7a3b/4f2a9c/720p/000000.m4s";

/** What the function answers to a request: `undefined` when it lets it pass, unchanged. */
function answerTo(uri: string, query: string | undefined) {
  const request = { method: "GET", uri, querystring: {}, rawQueryString: () => query };
  const answer = handler({ version: "1.0", request });
  return answer === request ? undefined : answer;
}

const signature = "Policy=eyJTdGF0-_~&Signature=Ab9_-~~&Key-Pair-Id=K2JCJMDEHXQW5F";

describe("media addresses that pass", () => {
  it.each([
    ["a segment by cookies", segment, undefined],
    ["a question mark with nothing behind it", segment, ""],
    ["a poster", "/videos/1/ab/poster.jpg", signature],
    ["a signature as URLSearchParams writes it", segment, signature.replaceAll("~", "%7E")],
    [
      "a canned policy",
      segment,
      "Expires=1767225600&Signature=A&Key-Pair-Id=K&Hash-Algorithm=SHA256",
    ],
  ])("%s", (_what, uri, query) => {
    expect(answerTo(uri, query)).toBeUndefined();
  });
});

describe("media addresses that are refused", () => {
  it.each([
    ["a parameter", "x=/videos/1/"],
    ["a parameter beside a signature", `${signature}&x=1`],
    ["a parameter without a value", "x"],
    ["a path as a parameter", "/videos/1/"],
    ["a parameter without a name", "=/videos/1/"],
    ["nothing between ampersands", "&"],
    ["a name in other letters", "policy=A"],
    ["a name that only begins alike", "Policy2=A"],
    ["a name in percent code", "%50olicy=A"],
    ["a name of every object", "constructor=A"],
    ["a signing parameter twice", `${signature}&Policy=A`],
    ["a signing parameter without a value", "Policy"],
    ["a path in a signing parameter", "Policy=/videos/1/"],
    ["a path in percent code in a signing parameter", "Policy=%2Fvideos%2F1%2F"],
    ["a second question mark", `${signature}?/videos/1/`],
    ["a line break", `${signature}\n`],
  ])("for %s", (_what, query) => {
    // Act
    const answer = answerTo(segment, query);

    // Assess
    expect(answer).toMatchObject({
      statusCode: 403,
      headers: { "cache-control": { value: "no-store" } },
    });
    expect(answer.body.length).toBeLessThan(80);
  });

  it.each([
    ["dots", "/videos/1/../2/a.m4s"],
    ["a dot", "/videos/1/./a.m4s"],
    ["dots in percent code", "/videos/1/%2e%2e/2/a.m4s"],
    ["an empty name", "/videos//1/a.m4s"],
    ["a semicolon", "/videos/2/a.m4s;/videos/1/"],
    ["a trailing slash", "/videos/1/"],
  ])("for a path with %s", (_what, uri) => {
    expect(answerTo(uri, undefined)).toMatchObject({ statusCode: 403 });
  });

  it("whatever the query is, as soon as it holds a path", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        expect(answerTo(segment, `${before}/videos/1/${after}`)).toBeDefined();
      }),
    );
  });
});

it("fits CloudFront's quota of 10 KB", () => {
  expect(Buffer.byteLength(code)).toBeLessThan(10 * 1024);
});
