// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of Fn::Sub
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { StartError } from "../aws-error.ts";
import type { ResourceProvider } from "../resource-provider.ts";
import { createTestContext, type TestContext } from "../testing.ts";
import type { Assembly } from "./assembly.ts";
import { inertProviders } from "./inert-types.ts";
import { reconcile } from "./reconcile.ts";
import { parseTemplate } from "./template.ts";

const boxSchema = z.strictObject({
  Name: z.string().optional(),
  Size: z.number().optional(),
  Port: z.number().optional(),
  Rules: z.array(z.strictObject({ Prefix: z.string(), Days: z.number().optional() })).optional(),
});

/** A type that writes down what was asked of it. */
function boxes(calls: string[]): ResourceProvider<z.infer<typeof boxSchema>> {
  return {
    type: "Test::Box",
    schema: boxSchema,
    inert: ["Tags", "Rules.Note"],
    async put(properties, context) {
      const name = properties.Name ?? context.generatedName();
      calls.push(`put ${context.logicalId} ${properties.Name ?? ""}`.trim());
      if (properties.Size === 13) throw new Error("unlucky");
      const physicalId = properties.Port ? `http://host:${properties.Port}/${name}` : name;
      return { physicalId, attributes: { Arn: `arn:${name}` } };
    },
    async delete(physicalId, context) {
      calls.push(`delete ${context.logicalId} ${physicalId}`);
    },
  };
}

type Resources = Record<string, object>;

function assemblyOf(...stacks: [name: string, template: object][]): Assembly {
  return {
    stacks: stacks.map(([name, template]) => ({
      name,
      dependsOn: [],
      template: parseTemplate(name, template),
      parameters: {},
      assets: new Map([["abc.zip", "/assets/abc"]]),
    })),
  };
}

const box = (properties: object = {}, rest: object = {}) => ({
  Type: "Test::Box",
  Properties: properties,
  ...rest,
});

describe("reconciling", () => {
  let context: TestContext;
  let calls: string[];
  beforeEach(async () => {
    context = await createTestContext();
    calls = [];
  });
  afterEach(() => context.dispose());

  const run = (assembly: Assembly, parameters: Record<string, Record<string, string>> = {}) =>
    reconcile({
      context,
      assembly,
      parameters,
      providers: new Map<string, ResourceProvider>(
        [boxes(calls), ...inertProviders].map((provider) => [
          provider.type,
          provider as ResourceProvider,
        ]),
      ),
      inertTypes: new Set(inertProviders.map((provider) => provider.type)),
      readSecret: ({ secretId }) => `secret of ${secretId}`,
    });
  const runResources = (Resources: Resources) => run(assemblyOf(["S", { Resources }]));

  it("puts each resource after those it refers to, and answers the outputs", async () => {
    // Act
    const { outputs } = await run(
      assemblyOf([
        "S",
        {
          Parameters: { Prefix: { Type: "String" } },
          Resources: {
            Second: box({ Name: { "Fn::Sub": "${Prefix}-${First}" } }),
            First: box({ Name: "one" }),
          },
          Outputs: { Arn: { Value: { "Fn::GetAtt": ["Second", "Arn"] } } },
        },
      ]),
      { S: { Prefix: "two" } },
    );

    // Assess
    expect(calls).toEqual(["put First one", "put Second two-one"]);
    expect(outputs).toEqual({ S: { Arn: "arn:two-one" } });
  });

  it("hands exports from stack to stack", async () => {
    const { outputs } = await run(
      assemblyOf(
        [
          "A",
          {
            Resources: { Box: box({ Name: "a" }) },
            Outputs: { Out: { Value: { Ref: "Box" }, Export: { Name: "A:Box" } } },
          },
        ],
        [
          "B",
          {
            Resources: { Box: box({ Name: { "Fn::ImportValue": "A:Box" } }) },
            Outputs: { Out: { Value: { Ref: "Box" } } },
          },
        ],
      ),
    );

    expect(outputs.B).toEqual({ Out: "a" });
  });

  it("answers the same when done again, and deletes nothing", async () => {
    const assembly = assemblyOf([
      "S",
      { Resources: { Box: box() }, Outputs: { Name: { Value: { Ref: "Box" } } } },
    ]);
    const first = await run(assembly);
    const second = await run(assembly);

    expect(second.outputs).toEqual(first.outputs);
    expect(calls).toEqual(["put Box", "put Box"]);
  });

  it("deletes what left the template, last made first", async () => {
    await runResources({
      A: box({ Name: "a" }),
      B: box({ Name: { "Fn::Sub": "${A}b" } }),
      C: box(),
    });
    calls.length = 0;

    await runResources({ C: box() });

    expect(calls).toEqual(["put C", "delete B ab", "delete A a"]);
  });

  it("deletes what was replaced, after the replacement stands", async () => {
    await runResources({ A: box({ Name: "old" }) });
    calls.length = 0;

    await runResources({ A: box({ Name: "new" }) });

    expect(calls).toEqual(["put A new", "delete A old"]);
  });

  it("knows a resource by its ARN when its address changes", async () => {
    await runResources({ A: box({ Name: "a", Port: 1 }), B: box({ Name: "b", Port: 1 }) });
    calls.length = 0;

    await runResources({ A: box({ Name: "a", Port: 2 }), C: box({ Name: "b", Port: 2 }) });

    expect(calls).toEqual(["put A a", "put C b"]);
  });

  it("does not delete what another logical id took over", async () => {
    await runResources({ Old: box({ Name: "kept" }) });
    calls.length = 0;

    await runResources({ New: box({ Name: "kept" }) });

    expect(calls).toEqual(["put New kept"]);
  });

  it("keeps what is to be retained", async () => {
    const retain = { DeletionPolicy: "Retain", UpdateReplacePolicy: "Retain" };
    await runResources({ A: box({ Name: "a" }, retain), B: box({ Name: "b" }, retain) });
    calls.length = 0;

    await runResources({ B: box({ Name: "c" }, retain) });

    expect(calls).toEqual(["put B c"]);
  });

  it("finishes a deletion that was interrupted", async () => {
    await runResources({ A: box({ Name: "a" }), B: box() });
    await expect(runResources({ B: box({ Size: 13 }) })).rejects.toThrow("unlucky");
    calls.length = 0;

    await runResources({ B: box() });

    expect(calls).toEqual(["put B", "delete A a"]);
  });

  it("leaves out what a condition leaves out", async () => {
    const assembly = (production: string) =>
      assemblyOf([
        "S",
        {
          Conditions: { Production: { "Fn::Equals": [production, "yes"] } },
          Resources: {
            A: box({ Name: "a" }, { Condition: "Production" }),
            B: box(
              {
                Name: {
                  "Fn::Join": ["-", ["of", { "Fn::If": ["Production", { Ref: "A" }, "none"] }]],
                },
              },
              { DependsOn: "A" },
            ),
          },
          Outputs: { Out: { Condition: "Production", Value: { Ref: "A" } } },
        },
      ]);
    await run(assembly("yes"));

    const { outputs } = await run(assembly("no"));

    expect(calls).toEqual([
      "put A a",
      "put B of-a",
      "put B of-none",
      "delete B of-a",
      "delete A a",
    ]);
    expect(outputs).toEqual({ S: {} });
  });

  it("names what has no effect here, and honours the rest", async () => {
    const { inert } = await runResources({
      Log: { Type: "AWS::Logs::LogGroup" },
      Box: box({ Tags: [{ Key: "a" }], Rules: [{ Prefix: "x", Note: "inert" }] }),
      Plain: box(),
    });

    expect(inert).toEqual([
      { stackName: "S", logicalId: "Log", type: "AWS::Logs::LogGroup" },
      {
        stackName: "S",
        logicalId: "Box",
        type: "Test::Box",
        properties: ["Tags", "Rules.Note"],
      },
    ]);
  });

  it("lets inert types be named", async () => {
    const { outputs } = await run(
      assemblyOf([
        "S",
        {
          Resources: {
            Vpc: { Type: "AWS::EC2::VPC", Properties: { CidrBlock: "10.1.0.0/16" } },
            Group: { Type: "AWS::EC2::SecurityGroup", Properties: { VpcId: { Ref: "Vpc" } } },
          },
          Outputs: {
            Block: { Value: { "Fn::GetAtt": ["Vpc", "CidrBlock"] } },
            Group: { Value: { "Fn::GetAtt": ["Group", "GroupId"] } },
          },
        },
      ]),
    );

    expect(outputs.S).toEqual({ Block: "10.1.0.0/16", Group: expect.stringMatching(/^sg-0/) });
  });

  it.each<[string, Resources, string[]]>([
    [
      "an unknown type",
      { Thing: { Type: "AWS::Nobody::Knows" } },
      ["Stack S: Thing is of type AWS::Nobody::Knows", "Test::Box"],
    ],
    [
      "an unknown property",
      { Thing: box({ Sise: 3 }) },
      ["Stack S: Thing (Test::Box)", "property Sise is not known", "Name, Port, Rules, Size, Tags"],
    ],
    [
      "an unknown property inside another",
      { Thing: box({ Rules: [{ Prefix: "a" }, { Prefix: "a", Dais: 3 }] }) },
      ["property Rules.1.Dais is not known", "Days, Note, Prefix"],
    ],
    ["a wrong value", { Thing: box({ Size: "s3cret" }) }, ["property Size is not accepted"]],
    ["a wrong reference", { Thing: box({ Name: { Ref: "Nobody" } }) }, ["Ref Nobody"]],
    [
      "an attribute that is not there",
      { A: box(), Thing: box({ Name: { "Fn::GetAtt": ["A", "Nope"] } }) },
      ["A has no attribute Nope. It has: Arn."],
    ],
    ["a failure", { Thing: box({ Size: 13 }) }, ["Stack S: Thing (Test::Box): unlucky"]],
    ["a circle", { A: box({ Name: { Ref: "B" } }), B: box({ Name: { Ref: "A" } }) }, ["A → B → A"]],
  ])("says in one sentence: %s", async (_, resources, parts) => {
    const error = await runResources(resources).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(StartError);
    for (const part of parts) expect(String(error)).toContain(part);
    expect(String(error)).not.toContain("s3cret");
  });

  it("touches nothing when a type is unknown further on", async () => {
    const act = runResources({ A: box(), Z: { Type: "AWS::Nobody::Knows" } });

    await expect(act).rejects.toThrow("AWS::Nobody::Knows");
    expect(calls).toEqual([]);
  });

  it("refuses parameters for a stack that is not there", async () => {
    const act = run(assemblyOf(["S", { Resources: {} }]), { T: {} });

    await expect(act).rejects.toThrow("no stack T. It has: S.");
  });

  it("resolves secrets into properties only on the way to the provider", async () => {
    await runResources({ A: box({ Name: "{{resolve:secretsmanager:db:SecretString:user}}" }) });

    expect(calls).toEqual(["put A secret of db"]);
  });
});
