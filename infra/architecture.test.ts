import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { repositoryRoot } from "./paths.ts";
import { apps } from "./testing/synthesized.ts";
import { at, isObject } from "./testing/templates.ts";

const architecture = readFileSync(path.join(repositoryRoot, "docs/ARCHITECTURE.md"), "utf8");

/** The cells of a table of docs/ARCHITECTURE.md, found by its first column's heading. */
function table(heading: string): string[][] {
  const lines = architecture.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${heading} |`));
  if (start < 0)
    throw new Error(`docs/ARCHITECTURE.md has no table that begins with "${heading}".`);
  const end = lines.findIndex((line, index) => index > start && !line.startsWith("|"));
  return lines.slice(start + 2, end).map((line) =>
    line
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

const codeIn = (cell = "") => [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, code]) => code ?? []);

/** Exported by the CDK for other stacks; nobody else reads them. */
const isOwnOutput = (name: string) => !name.startsWith("ExportsOutput");

describe("docs/ARCHITECTURE.md, stacks", () => {
  const rows = table("stack").map(([stack = "", parameters, outputs]) => ({
    stack,
    parameters: codeIn(parameters),
    outputs: codeIn(outputs),
  }));

  it("names every stack, in the order of deployment", () => {
    expect(rows.map(({ stack }) => stack)).toEqual(apps.aws.stackNames);
    expect(apps.embedded.stackNames).toEqual(apps.aws.stackNames);
  });

  it.each(rows)("$stack has exactly these parameters and outputs", (row) => {
    for (const target of ["embedded", "aws"] as const) {
      // Act
      const template = apps[target].templates.byStack[row.stack];

      // Assess
      const parameters = Object.keys(template?.Parameters ?? {}).filter(
        // The CDK's own: which bootstrap stack there is.
        (name) => name !== "BootstrapVersion",
      );
      expect(parameters.sort()).toEqual(row.parameters.toSorted());
      const outputs = Object.keys(template?.Outputs ?? {}).filter(isOwnOutput);
      expect(outputs.sort()).toEqual(row.outputs.toSorted());
    }
  });

  it("lets every parameter say what it is, and forgets none by a default", () => {
    for (const target of ["embedded", "localstack", "aws"] as const) {
      for (const { Parameters } of Object.values(apps[target].templates.byStack)) {
        for (const [name, parameter] of Object.entries(Parameters)) {
          if (name === "BootstrapVersion") continue;
          expect(parameter.Description, name).toBeTruthy();
          expect(parameter, name).not.toHaveProperty("Default");
        }
      }
    }
  });

  it("has localstack do without database and edge, whose addresses are parameters instead", () => {
    // Act
    const { stackNames, templates } = apps.localstack;

    // Assess
    expect(stackNames).toEqual(["Sluice-Storage", "Sluice-App"]);
    const [, paragraph = ""] =
      /^Target `localstack` leaves([\s\S]*?)\. The key pair/m.exec(architecture) ?? [];
    const said = codeIn(paragraph).filter((name) => name !== "PlaybackPublicKey");
    const everywhere = rows.flatMap((row) => row.parameters);
    const taken = Object.values(templates.byStack).flatMap((each) => Object.keys(each.Parameters));
    expect(taken.filter((name) => !everywhere.includes(name)).sort()).toEqual(said.sort());
    expect(templates.all().filter(({ type }) => /CloudFront|RDS|EC2/.test(type))).toEqual([]);
  });
});

describe("docs/ARCHITECTURE.md, functions", () => {
  const shorthand: Readonly<Record<string, readonly string[]>> = {
    DB: ["DATABASE_CLUSTER_ARN", "DATABASE_SECRET_ARN", "DATABASE_NAME"],
    KEY: ["PLAYBACK_KEY_PAIR_ID", "PLAYBACK_PRIVATE_KEY_SECRET_ARN"],
  };
  const onEveryFunction = ["NODE_OPTIONS", "POWERTOOLS_SERVICE_NAME"];

  const rows = table("capability").map(
    ([capability = "", name, trigger = "", environment = ""]) => ({
      capability,
      name: codeIn(name)[0] ?? "",
      route: codeIn(trigger).find((code) => code.includes(" /api/")),
      layer: trigger.endsWith("layer"),
      // `X`? is given by some targets only.
      environment: [
        ...codeIn(environment.replaceAll(/`[^`]+`\?/g, "")),
        ...Object.entries(shorthand).flatMap(([short, names]) =>
          new RegExp(`\\b${short}\\b`).test(environment.replaceAll(/`[^`]+`/g, "")) ? names : [],
        ),
      ],
    }),
  );

  const functions = apps.aws.templates.all("AWS::Lambda::Function");
  const logicalName = (name: string) =>
    name.replaceAll(/(^|-)(.)/g, (_all, _dash, letter: string) => letter.toUpperCase());
  const found = (capability: string, name: string) => {
    const words = new Set([logicalName(capability), logicalName(name)]);
    return functions.find(({ id }) => id.slice(0, -8) === [...words].join(""));
  };

  it("names every function", () => {
    expect(rows).toHaveLength(functions.length);
    expect(rows.filter(({ capability, name }) => !found(capability, name))).toEqual([]);
  });

  it.each(rows)("$name has exactly this environment", ({ capability, name, environment }) => {
    // Act
    const variables = at(found(capability, name)?.properties.Environment, "Variables");

    // Assess
    const names = isObject(variables) ? Object.keys(variables) : [];
    expect(names.sort()).toEqual([...environment, ...onEveryFunction].sort());
  });

  it.each(rows.filter(({ layer }) => layer))("$name has ffmpeg", ({ capability, name }) => {
    expect(found(capability, name)?.properties.Layers).toHaveLength(1);
  });

  it("names every method of the API, and who answers it", () => {
    // Prepare
    const { templates } = apps.aws;
    const pathOf = (stack: string, resource: Parameters<typeof templates.follow>[1]): string => {
      const { properties } = templates.follow(stack, resource) ?? {};
      return properties?.PathPart
        ? `${pathOf(stack, properties.ParentId)}/${String(properties.PathPart)}`
        : "/api";
    };

    // Act
    const methods = templates.all("AWS::ApiGateway::Method").map(({ stack, properties }) => {
      const uri = at(properties.Integration, "Uri", "Fn::Join", 1);
      const handler = Array.isArray(uri)
        ? uri.map((part) => templates.follow(stack, part)).find((part) => part !== undefined)
        : undefined;
      return `${String(properties.HttpMethod)} ${pathOf(stack, properties.ResourceId)} ${handler?.id}`;
    });

    // Assess
    const documented = rows.flatMap(({ capability, name, route }) =>
      route ? [`${route} ${found(capability, name)?.id}`] : [],
    );
    expect(methods.sort()).toEqual(documented.sort());
  });
});
