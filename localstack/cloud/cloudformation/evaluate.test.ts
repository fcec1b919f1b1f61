// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of Fn::Sub
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluate, evaluateCondition, NO_VALUE, type Scope } from "./evaluate.ts";
import type { Value } from "./template.ts";

const names: Record<string, Value | typeof NO_VALUE> = {
  Name: "films",
  List: ["a", "b"],
  "AWS::Region": "us-east-1",
  "AWS::NoValue": NO_VALUE,
};
const scope: Scope = {
  region: "us-east-1",
  ref: (name) => names[name] ?? `ref:${name}`,
  getAtt: (id, attribute) => `${id}/${attribute}`,
  condition: (name) => name === "Yes",
  mapping: (map, top, second) => `${map}-${top}-${second}`,
  importValue: (name) => `imported ${name}`,
};
const value = (input: Value) => evaluate(input, scope, "P");

describe("intrinsic functions", () => {
  it.each<[string, Value, Value]>([
    ["Ref", { Ref: "Name" }, "films"],
    ["GetAtt as a list", { "Fn::GetAtt": ["Queue", "Arn"] }, "Queue/Arn"],
    ["GetAtt as a string, with a dotted attribute", { "Fn::GetAtt": "S.Outputs.X" }, "S/Outputs.X"],
    ["Join", { "Fn::Join": ["-", ["a", { Ref: "Name" }, 3]] }, "a-films-3"],
    ["Join of a list parameter", { "Fn::Join": [",", { Ref: "List" }] }, "a,b"],
    ["Split", { "Fn::Split": [",", "a,b,"] }, ["a", "b", ""]],
    ["Select", { "Fn::Select": ["1", { "Fn::Split": ["/", "a/b"] }] }, "b"],
    [
      "Sub",
      { "Fn::Sub": "x-${Name}-${Queue.Arn}-${AWS::Region}-${!Kept}" },
      "x-films-Queue/Arn-us-east-1-${Kept}",
    ],
    ["Sub with variables", { "Fn::Sub": ["${A}${Name}", { A: { Ref: "Name" } }] }, "filmsfilms"],
    ["If, taken", { "Fn::If": ["Yes", "a", { "Fn::Bad": 1 }] }, "a"],
    ["If, not taken", { "Fn::If": ["No", { "Fn::Bad": 1 }, ["b"]] }, ["b"]],
    ["FindInMap", { "Fn::FindInMap": ["M", { Ref: "AWS::Region" }, "k"] }, "M-us-east-1-k"],
    ["ImportValue", { "Fn::ImportValue": { "Fn::Sub": "${Name}-x" } }, "imported films-x"],
    ["Base64", { "Fn::Base64": "é" }, "w6k="],
    ["GetAZs", { "Fn::Select": [0, { "Fn::GetAZs": "" }] }, "us-east-1a"],
    ["Cidr", { "Fn::Cidr": ["10.0.0.0/16", 2, "8"] }, ["10.0.0.0/24", "10.0.1.0/24"]],
    [
      "a key that only looks like a function",
      { Condition: { Bool: "true" } },
      { Condition: { Bool: "true" } },
    ],
  ])("evaluates %s", (_, input, expected) => {
    expect(value(input)).toEqual(expected);
  });

  it("takes properties and items away that are AWS::NoValue", () => {
    const none = { Ref: "AWS::NoValue" };

    const result = value({ A: none, B: [1, none, { "Fn::If": ["No", 2, none] }], C: { D: none } });

    expect(result).toEqual({ B: [1], C: {} });
    expect(value(none)).toBeUndefined();
  });

  it.each<[string, Value, string]>([
    ["an unknown function", { A: { "Fn::Transform": {} } }, "P.A: Fn::Transform is not known"],
    ["a list that is too short", { "Fn::Join": [","] }, "P.Fn::Join needs a list of 2"],
    ["an item that is not there", { "Fn::Select": [5, ["a"]] }, "has no item 5: the list has 1"],
    ["a negative index", { "Fn::Select": [-1, ["a"]] }, "has no item -1"],
    ["a list where a string belongs", { "Fn::Sub": "${List}" }, "P.Fn::Sub needs a string"],
    [
      "blocks that do not fit",
      { "Fn::Cidr": ["10.0.0.0/24", 2, 8] },
      "cannot take 2 subnets of /24",
    ],
    ["what is no block", { "Fn::Cidr": ["10.0.0.300/24", 2, 4] }, "needs an IPv4 block"],
  ])("refuses %s, and says where", (_, input, message) => {
    expect(() => value(input)).toThrow(message);
  });

  it("leaves alone what holds no function", () => {
    const plain = fc.letrec<{ value: Value }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        fc.string(),
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(
          fc
            .string()
            .filter((key) => key !== "Ref" && !key.startsWith("Fn::") && key !== "__proto__"),
          tie("value"),
          { maxKeys: 4 },
        ),
      ),
    })).value;

    fc.assert(
      fc.property(plain, (input) => {
        expect(value(input)).toEqual(input);
      }),
    );
  });

  it("Split undoes Join when no item holds the separator", () => {
    const item = fc.string().filter((text) => !text.includes("|"));

    fc.assert(
      fc.property(fc.array(item, { minLength: 1 }), (items) => {
        expect(value({ "Fn::Split": ["|", { "Fn::Join": ["|", items] }] })).toEqual(items);
      }),
    );
  });

  it("Sub equals Join of its parts", () => {
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9]{0,8}$/);
    const literal = fc.string().filter((text) => !/[${}]/.test(text));

    fc.assert(
      fc.property(fc.array(fc.tuple(literal, name)), (pairs) => {
        const sub = pairs.map(([text, ref]) => `${text}\${${ref}}`).join("");
        const join = pairs.flatMap(([text, ref]) => [text, { Ref: ref }]);
        fc.pre(!pairs.some(([, ref]) => ref === "List"));
        expect(value({ "Fn::Sub": sub })).toBe(value({ "Fn::Join": ["", join] }));
      }),
    );
  });
});

describe("conditions", () => {
  const condition = (input: Value) => evaluateCondition(input, scope, "C");
  const literal = (truth: boolean): Value => ({ "Fn::Equals": ["x", truth ? "x" : "y"] });

  it("obey the laws of logic", () => {
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), (a, b) => {
        const [left, right] = [literal(a), literal(b)];
        expect(condition({ "Fn::And": [left, right] })).toBe(a && b);
        expect(condition({ "Fn::Or": [left, right] })).toBe(a || b);
        expect(condition({ "Fn::Not": [{ "Fn::And": [left, right] }] })).toBe(
          condition({ "Fn::Or": [{ "Fn::Not": [left] }, { "Fn::Not": [right] }] }),
        );
      }),
    );
  });

  it("may name each other and compare references", () => {
    expect(condition({ Condition: "Yes" })).toBe(true);
    expect(condition({ "Fn::Equals": [{ Ref: "Name" }, "films"] })).toBe(true);
    expect(() => condition("true")).toThrow("C is not a condition");
  });
});
