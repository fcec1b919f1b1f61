import { expect, test } from "vitest";
import { interleave } from "./interleave.ts";

test("every arm runs once a round, and each round begins with another", async () => {
  const order: string[] = [];
  const arm = (name: string) => async (round: number) => {
    order.push(name);
    return `${name}${round}`;
  };

  const results = await interleave({ a: arm("a"), b: arm("b"), c: arm("c") }, 4);

  expect(order.join("")).toBe("abc" + "bca" + "cab" + "abc");
  expect(results.get("b")).toEqual(["b0", "b1", "b2", "b3"]);
});

test("runs never overlap", async () => {
  let running = 0;
  const arm = async () => {
    running += 1;
    await new Promise(setImmediate);
    running -= 1;
    return running;
  };

  const results = await interleave({ a: arm, b: arm }, 2);

  expect([...results.values()].flat()).toEqual([0, 0, 0, 0]);
});
