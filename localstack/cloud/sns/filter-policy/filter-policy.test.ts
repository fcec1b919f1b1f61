import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MessageAttributes } from "../message.ts";
import { attributeLookup, bodyLookup } from "./lookup.ts";
import { matches } from "./match.ts";
import { FilterPolicyError, parseFilterPolicy } from "./parse.ts";

const takesAttributes = (policy: unknown, attributes: MessageAttributes) =>
  matches(
    parseFilterPolicy(JSON.stringify(policy), "MessageAttributes"),
    attributeLookup(attributes),
  );

const takesBody = (policy: unknown, body: unknown) => {
  const lookup = bodyLookup(JSON.stringify(body));
  const parsed = parseFilterPolicy(JSON.stringify(policy), "MessageBody");
  return lookup !== undefined && matches(parsed, lookup);
};

const string = (StringValue: string) => ({ DataType: "String", StringValue });
const number = (StringValue: string) => ({ DataType: "Number", StringValue });
const list = (...values: unknown[]) => ({
  DataType: "String.Array",
  StringValue: JSON.stringify(values),
});

/** Most cases are those of https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html and its neighbours. */
describe("a policy over attributes", () => {
  it.each([
    [["rugby", "tennis"], string("rugby"), true],
    [["rugby", "tennis"], list("tennis", "chess"), true],
    [["rugby", "tennis"], string("baseball"), false],
    [["rugby"], string("Rugby"), false],
    [[{ "anything-but": ["rugby", "tennis"] }], string("baseball"), true],
    [[{ "anything-but": ["rugby", "tennis"] }], string("rugby"), false],
    [[{ "anything-but": ["rugby", "tennis"] }], list("rugby", "baseball"), true],
    [[{ "anything-but": ["rugby", "tennis"] }], list("rugby"), false],
    [[{ "anything-but": [100, 500] }], number("101"), true],
    [[{ "anything-but": [100, 500] }], number("100.0"), false],
    [[{ "anything-but": { prefix: "order-" } }], string("data-entry"), true],
    [[{ "anything-but": { prefix: "order-" } }], string("order-cancelled"), false],
    [[{ "equals-ignore-case": "tennis" }], string("TENNIS"), true],
    [[{ prefix: "bas" }], string("baseball"), true],
    [[{ prefix: "bas" }], string("rugby"), false],
    [[{ suffix: "ball" }], string("baseball"), true],
    [[{ suffix: "ball" }], string("rugby"), false],
    [[{ cidr: "10.0.0.0/24" }], string("10.0.0.255"), true],
    [[{ cidr: "10.0.0.0/24" }], string("10.1.1.0"), false],
    [[{ cidr: "2001:db8::/32" }], string("2001:db8:1::1"), true],
    [[{ cidr: "10.0.0.0/24" }], string("no address"), false],
    [[{ numeric: ["=", 301.5] }], number("301.50"), true],
    [[{ numeric: ["=", 301.5] }], string("301.5"), false],
    [[{ numeric: [">", 0, "<=", 150] }], number("150"), true],
    [[{ numeric: [">", 0, "<=", 150] }], number("0"), false],
    [[{ numeric: [">", 0, "<=", 150] }], list(7, "a"), true],
    [[{ exists: true }], string("any"), true],
    [[{ exists: false }], string("any"), false],
    [[true, null], list(true), true],
    [[null], list(null), true],
    [[{ "anything-but": "x" }], list(), false],
    [[{ exists: true }], { DataType: "Binary", BinaryValue: "AQI=" }, false],
    [["rugby"], { DataType: "String.Array", StringValue: "no JSON" }, false],
  ])("%j over %j: %s", (conditions, attribute, taken) => {
    expect(takesAttributes({ sport: conditions }, { sport: attribute })).toBe(taken);
  });

  it("takes a message that lacks the key only by exists: false", () => {
    for (const condition of ["a", { "anything-but": "a" }, { exists: true }, null]) {
      expect(takesAttributes({ sport: [condition] }, {})).toBe(false);
    }
    expect(takesAttributes({ sport: [{ exists: false }] }, {})).toBe(true);
    expect(takesAttributes({ toString: [{ exists: true }] }, {})).toBe(false);
  });

  it("wants every key, and of alternatives any", () => {
    const policy = { source: ["cloud"], $or: [{ metric: ["cpu"] }, { space: ["used", "free"] }] };
    const takes = (attributes: Record<string, string>) =>
      takesAttributes(
        policy,
        Object.fromEntries(Object.entries(attributes).map(([key, it]) => [key, string(it)])),
      );
    expect(takes({ source: "cloud", metric: "cpu" })).toBe(true);
    expect(takes({ source: "cloud", space: "free" })).toBe(true);
    expect(takes({ source: "cloud" })).toBe(false);
    expect(takes({ metric: "cpu" })).toBe(false);
  });

  it("takes everything when it is empty", () => {
    expect(takesAttributes({}, {})).toBe(true);
  });
});

describe("a policy over the body", () => {
  it("looks into objects, and into lists for any element", () => {
    const body = { film: { title: "M", tags: ["noir", "1931"], cast: [{ name: "Lorre" }] } };
    expect(takesBody({ film: { title: ["M"] } }, body)).toBe(true);
    expect(takesBody({ film: { tags: ["noir"] } }, body)).toBe(true);
    expect(takesBody({ film: { cast: { name: [{ prefix: "Lo" }] } } }, body)).toBe(true);
    expect(takesBody({ film: { title: ["N"] } }, body)).toBe(false);
    expect(takesBody({ film: { year: [{ exists: false }] } }, body)).toBe(true);
    expect(takesBody({ title: ["M"] }, body)).toBe(false);
  });

  it.each([["text"], [[{ a: 1 }]], [7], [null]])("takes no body that is no object: %j", (body) => {
    expect(takesBody({ a: [{ exists: false }] }, body)).toBe(false);
  });

  it("survives lists that nest deeply", () => {
    const lookup = bodyLookup(`{"a":${"[".repeat(100_000)}1${"]".repeat(100_000)}}`);
    expect(lookup?.(["a"])).toEqual([1]);
  });
});

describe("a policy that is not valid", () => {
  const keys = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`key${index}`, ["a"]]));
  const values = (count: number) => Array.from({ length: count }, (_, index) => `v${index}`);

  it.each([
    ["no JSON", "{", /failed to parse JSON/],
    ["a list", "[]", /not a JSON object/],
    ["six keys", JSON.stringify(keys(6)), /more than 5 keys/],
    ["a value that is no list", '{"a":"b"}', /"a" must be an object or an array/],
    ["an empty list", '{"a":[]}', /Empty arrays/],
    ["nested keys", '{"a":{"b":["c"]}}', /does not support nested/],
    ["a list in a list", '{"a":[["b"]]}', /Match value must be/],
    ["two operators", '{"a":[{"prefix":"b","suffix":"c"}]}', /Only one key/],
    ["an unknown operator", '{"a":[{"wildcard":"*"}]}', /Unrecognized match type wildcard/],
    ["a prefix of a number", '{"a":[{"prefix":1}]}', /prefix match pattern must be a string/],
    ["exists: yes", '{"a":[{"exists":"yes"}]}', /must be either true or false/],
    ["anything-but suffix", '{"a":[{"anything-but":{"suffix":"b"}}]}', /Unsupported anything-but/],
    ["numeric without terms", '{"a":[{"numeric":[]}]}', /Invalid member in numeric match/],
    ["numeric by !=", '{"a":[{"numeric":["!=",1]}]}', /Unrecognized numeric range operator/],
    ["numeric of a text", '{"a":[{"numeric":["=","1"]}]}', /Value of equals must be numeric/],
    ["a range upside down", '{"a":[{"numeric":[">",2,"<",1]}]}', /Bottom must be less than top/],
    ["a range of upper bounds", '{"a":[{"numeric":["<",2,"<",3]}]}', /Too many elements/],
    ["a range of three", '{"a":[{"numeric":[">",1,"<",3,"<",4]}]}', /Too many terms/],
    ["a network without bits", '{"a":[{"cidr":"10.0.0.0"}]}', /one .* required/],
    ["a network of 33 bits", '{"a":[{"cidr":"10.0.0.0/33"}]}', /32 or fewer/],
    ["a network of no address", '{"a":[{"cidr":"host/8"}]}', /Nonstandard IP address/],
    ["151 values", JSON.stringify({ a: values(151) }), /too complex/],
    ["13 by 12 values", JSON.stringify({ a: values(13), b: values(12) }), /too complex/],
    ["256 KiB and more", JSON.stringify({ a: ["x".repeat(262_144)] }), /longer than 262144 bytes/],
  ])("is refused: %s", (_title, text, reason) => {
    expect(() => parseFilterPolicy(text, "MessageAttributes")).toThrow(reason);
    expect(() => parseFilterPolicy(text, "MessageAttributes")).toThrow(FilterPolicyError);
  });

  it("counts values by the depth of their keys", () => {
    const nested = (count: number) => JSON.stringify({ a: { b: { c: values(count) } } });
    expect(() => parseFilterPolicy(nested(50), "MessageBody")).not.toThrow();
    expect(() => parseFilterPolicy(nested(51), "MessageBody")).toThrow(/too complex/);
  });
});

describe("any policy and any message", () => {
  const words = fc.string({ minLength: 1, maxLength: 6 });

  it("is read or refused in words, and never fails otherwise", () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 6 }),
        fc.constantFrom("MessageBody", "MessageAttributes"),
        (text, scope) => {
          try {
            parseFilterPolicy(text, scope as "MessageBody");
          } catch (error) {
            expect(error).toBeInstanceOf(FilterPolicyError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it("takes a message by its own values, whatever they are", () => {
    fc.assert(
      fc.property(fc.dictionary(words, words, { minKeys: 1, maxKeys: 5 }), (message) => {
        const policy = Object.fromEntries(Object.entries(message).map(([key, it]) => [key, [it]]));
        expect(takesBody(policy, message)).toBe(true);
      }),
    );
  });

  it("anything-but takes exactly what the values do not", () => {
    fc.assert(
      fc.property(words, fc.array(words, { minLength: 1, maxLength: 5 }), (value, values) => {
        const attributes = { key: string(value) };
        const denied = takesAttributes({ key: [{ "anything-but": values }] }, attributes);
        expect(denied).toBe(!takesAttributes({ key: values }, attributes));
      }),
    );
  });

  it("a range takes exactly the numbers within it", () => {
    const numbers = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(numbers, numbers, numbers, (a, b, value) => {
        fc.pre(a !== b);
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const taken = takesAttributes(
          { key: [{ numeric: [">=", low, "<", high] }] },
          { key: number(String(value)) },
        );
        expect(taken).toBe(low <= value && value < high);
      }),
    );
  });

  it("alternatives take what any of them takes", () => {
    const policy = fc.dictionary(
      fc.constantFrom("a", "b", "c"),
      fc.array(fc.constantFrom("x", "y"), { minLength: 1, maxLength: 2 }),
      { minKeys: 1, maxKeys: 2 },
    );
    const message = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.constantFrom("x", "y", "z"));
    fc.assert(
      fc.property(policy, policy, message, (one, other, body) => {
        expect(takesBody({ $or: [one, other] }, body)).toBe(
          takesBody(one, body) || takesBody(other, body),
        );
      }),
    );
  });
});
