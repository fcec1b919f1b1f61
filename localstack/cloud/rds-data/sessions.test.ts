import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { ManualClock } from "../clock.ts";
import { Sessions } from "./sessions.ts";

test("a connection that fails while everything closes fails once, and nothing else does", async () => {
  // Prepare: a server that hangs up on everybody, as one does that is being stopped.
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const login = { user: "u", password: "p", database: "d" };
  const sessions = new Sessions({ host: "127.0.0.1", port, ...login }, new ManualClock());
  const stray: unknown[] = [];
  const note = (reason: unknown) => void stray.push(reason);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));

  // Act
  const opening = sessions.open(login, "statement");
  const closing = sessions.close();

  // Assess
  await expect(opening).rejects.toThrow();
  await closing;
  await new Promise(setImmediate);
  expect(stray).toEqual([]);
});
