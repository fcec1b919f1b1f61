import type { lookup } from "node:dns";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ReceiverError } from "../ports.ts";
import { TestReceiver } from "../testing/receiver.ts";
import { type HttpReceiverOptions, httpReceiver } from "./http-receiver.ts";

let server: TestReceiver;
beforeEach(async () => {
  server = await TestReceiver.listening();
});
afterEach(() => server[Symbol.asyncDispose]());

/** A resolver that says what it is told, and counts how often it is asked. */
const resolver = (...addresses: string[]) => {
  const asked: string[] = [];
  const answer = (
    hostname: string,
    _options: object,
    callback: (error: null, found: { address: string; family: number }[]) => void,
  ) => {
    asked.push(hostname);
    const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    setImmediate(() => callback(null, found));
  };
  return { asked, lookup: answer as unknown as typeof lookup };
};

const post = (
  url: string,
  options: Partial<HttpReceiverOptions> = {},
  signal = new AbortController().signal,
) =>
  httpReceiver({ policy: "local", timeoutMs: 5_000, ...options }).post(
    url,
    '{"type":"webhook.test"}',
    { "webhook-id": "1" },
    signal,
  );

describe("the receiver's answer", () => {
  it("is a status, to a request with body and headers as given", async () => {
    server.behaviour = (response) => response.writeHead(503, { "retry-after": "7" }).end("busy");
    expect(await post(`${server.url}/hook?a=1`)).toEqual({ status: 503, retryAfter: "7" });
    expect(server.received).toMatchObject([
      {
        path: "/hook?a=1",
        body: '{"type":"webhook.test"}',
        headers: { "content-type": "application/json", "webhook-id": "1" },
      },
    ]);
  });

  it("is not followed to where it points", async () => {
    server.behaviour = (response) =>
      response.writeHead(302, { location: `${server.url}/elsewhere` }).end();
    expect(await post(`${server.url}/hook`)).toMatchObject({ status: 302 });
    expect(server.at("/elsewhere")).toEqual([]);
  });

  it("is good although its body never ends", async () => {
    const closed = Promise.withResolvers<void>();
    server.behaviour = (response) => {
      response.writeHead(200).on("close", closed.resolve);
      const more = () => response.write(Buffer.alloc(64 * 1024), () => setImmediate(more));
      more();
    };
    expect(await post(`${server.url}/hook`)).toMatchObject({ status: 200 });
    // Read up to the cap, and then no more.
    await closed.promise;
  });

  it("does not come in time", async () => {
    server.behaviour = () => {};
    await expect(post(`${server.url}/hook`, { timeoutMs: 50 })).rejects.toThrow(
      new ReceiverError("No answer came in time."),
    );
  });

  it("is not waited for when the function has to end", async () => {
    const stop = new AbortController();
    server.behaviour = () => stop.abort();
    await expect(post(`${server.url}/hook`, {}, stop.signal)).rejects.toThrow(ReceiverError);
  });

  it("does not come from a port where nobody listens", async () => {
    await server.goAway();
    await expect(post(`${server.url}/hook`)).rejects.toThrow(
      new ReceiverError("The connection was refused."),
    );
  });

  it("does not come when the connection breaks", async () => {
    server.behaviour = (response) => response.socket?.destroy();
    await expect(post(`${server.url}/hook`)).rejects.toThrow(
      new ReceiverError("The connection was closed before an answer came."),
    );
  });

  it("is no HTTP", async () => {
    server.behaviour = (response) => response.socket?.end("hello\r\n\r\n");
    await expect(post(`${server.url}/hook`)).rejects.toThrow(ReceiverError);
  });
});

describe("an address that strangers chose", () => {
  const elsewhere = "leads to a private, local or reserved network";

  it.each(["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "::ffff:127.0.0.1"])(
    "does not lead to %s by a name",
    async (address) => {
      const { lookup, asked } = resolver(address);
      const { port } = new URL(server.url);
      const sent = post(`https://innocent.example:${port}/`, { policy: "public", lookup });
      await expect(sent).rejects.toThrow(elsewhere);
      expect(asked).toEqual(["innocent.example"]);
      expect(server.received).toEqual([]);
    },
  );

  it("does not lead to a public address when its name has a private one too", async () => {
    const { lookup } = resolver("8.8.8.8", "127.0.0.1");
    const sent = post("https://innocent.example/", { policy: "public", lookup });
    await expect(sent).rejects.toThrow(elsewhere);
  });

  it.each(["https://127.0.0.1", "https://[::1]", "https://0x7f000001", "https://169.254.169.254"])(
    "is judged without a resolver: %s",
    async (origin) => {
      const { port } = new URL(server.url);
      await expect(post(`${origin}:${port}/`, { policy: "public" })).rejects.toThrow(elsewhere);
      expect(server.received).toEqual([]);
    },
  );

  it("is reached over https only", async () => {
    await expect(post(`${server.url}/`, { policy: "public" })).rejects.toThrow("not https");
    expect(server.received).toEqual([]);
  });

  it("is connected to where its name was found to lead, with one look-up", async () => {
    const { lookup, asked } = resolver("127.0.0.1");
    const { port } = new URL(server.url);
    expect(await post(`http://receiver.example:${port}/hook`, { lookup })).toMatchObject({
      status: 204,
    });
    expect(asked).toEqual(["receiver.example"]);
    expect(server.received[0]?.headers.host).toBe(`receiver.example:${port}`);
  });
});
