import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { createTransactions } from "./transaction.ts";

function prepare() {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE item (name TEXT UNIQUE)");
  const insert = (name: string) => database.prepare("INSERT INTO item (name) VALUES (?)").run(name);
  const names = () =>
    database
      .prepare("SELECT name FROM item ORDER BY name")
      .all()
      .map((row) => row.name);
  return { database, insert, names, transaction: createTransactions(database) };
}

describe("a transaction", () => {
  it("keeps what it did and gives back the result", () => {
    const { insert, names, transaction } = prepare();

    const result = transaction(() => {
      insert("a");
      return 7;
    });

    expect(result).toBe(7);
    expect(names()).toEqual(["a"]);
  });

  it("takes everything back on a throw, inner transactions too", () => {
    const { insert, names, transaction } = prepare();

    const act = () =>
      transaction(() => {
        insert("a");
        transaction(() => insert("b"));
        throw new Error("no");
      });

    expect(act).toThrow("no");
    expect(names()).toEqual([]);
  });

  it("takes only the inner part back when the outer one catches", () => {
    const { insert, names, transaction } = prepare();

    transaction(() => {
      insert("a");
      try {
        transaction(() => {
          insert("b");
          insert("a");
        });
      } catch {}
      transaction(() => insert("c"));
    });

    expect(names()).toEqual(["a", "c"]);
  });

  it("can be used again after a failure", () => {
    const { insert, names, transaction } = prepare();
    expect(() =>
      transaction(() => insert(null as unknown as string) && insert("a") && fail()),
    ).toThrow();

    transaction(() => insert("b"));

    expect(names()).toEqual(["b"]);
  });

  it("refuses asynchronous work and takes it back", () => {
    const { insert, names, transaction } = prepare();

    const act = () => transaction(async () => insert("a"));

    expect(act).toThrow("synchronous");
    expect(names()).toEqual([]);
  });
});

function fail(): never {
  throw new Error("no");
}
