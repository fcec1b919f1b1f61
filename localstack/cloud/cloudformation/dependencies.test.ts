// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of Fn::Sub
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { orderByDependencies, orderResources } from "./dependencies.ts";
import { parseTemplate } from "./template.ts";

describe("the order of resources", () => {
  it("follows Ref, GetAtt, Sub and DependsOn, and else the template", () => {
    // Prepare
    const { Resources } = parseTemplate("S", {
      Resources: {
        A: { Type: "T", Properties: { P: [{ Ref: "D" }] } },
        B: { Type: "T", DependsOn: ["C"] },
        C: { Type: "T", Properties: { P: { "Fn::GetAtt": ["E", "Arn"] } } },
        D: { Type: "T", Properties: { P: { "Fn::Sub": ["${C.Arn}${Own}", { Own: "x" }] } } },
        E: { Type: "T", DependsOn: "F", Properties: { P: { Ref: "AWS::Region" } } },
        F: { Type: "T" },
      },
    });

    // Act
    const order = orderResources("S", Resources);

    // Assess
    expect(order).toEqual(["F", "E", "C", "D", "A", "B"]);
  });

  it("prints the way round a circle", () => {
    const { Resources } = parseTemplate("S", {
      Resources: {
        A: { Type: "T", DependsOn: "B" },
        B: { Type: "T", DependsOn: "C" },
        C: { Type: "T", DependsOn: "B" },
      },
    });

    expect(() => orderResources("S", Resources)).toThrow(
      "Stack S: resources depend on each other in a circle: B → C → B.",
    );
  });

  it("puts each after what it depends on, whatever the graph without circles", () => {
    const graphs = fc.integer({ min: 1, max: 12 }).chain((size) =>
      fc.tuple(
        fc.shuffledSubarray(
          Array.from({ length: size }, (_, index) => index),
          { minLength: size },
        ),
        fc.array(fc.tuple(fc.nat(size - 1), fc.nat(size - 1))),
      ),
    );

    fc.assert(
      fc.property(graphs, ([ids, edges]) => {
        const dependsOn = (id: string) =>
          edges.flatMap(([from, to]) => (from > to && String(from) === id ? [String(to)] : []));

        const order = orderByDependencies(ids.map(String), dependsOn, "circle");

        expect([...order].sort()).toEqual(ids.map(String).sort());
        for (const [from, to] of edges) {
          if (from > to)
            expect(order.indexOf(String(to))).toBeLessThan(order.indexOf(String(from)));
        }
      }),
    );
  });
});
