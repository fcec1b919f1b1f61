import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { linkRangeReader, linkTransfer } from "./link-transfer.ts";

const { signal } = new AbortController();

/** A store that answers as it is told, and counts how often it was asked. */
const serve = async (listener: RequestListener) => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.headers.range ?? request.headers["content-length"]}`);
    request.resume();
    request.once("end", () => listener(request, response));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/object` };
};

describe("reading by a link", () => {
  it("asks for the range and answers its bytes, in however many pieces they come", async () => {
    const { asked, url } = await serve((_, response) => {
      response.writeHead(206);
      response.write("ab");
      response.end("cd");
    });
    expect(Buffer.from(await linkRangeReader(url)(4, 8, signal)).toString()).toBe("abcd");
    expect(asked).toEqual(["GET bytes=4-7"]);
  });

  it.each([
    ["that says so", { "content-length": "5" }],
    ["that does not say so", {}],
  ])("takes no more than it asked for, from an answer %s", async (_, headers) => {
    const { url } = await serve((_request, response) =>
      response.writeHead(206, headers).end("abcde"),
    );
    await expect(linkRangeReader(url)(0, 4, signal)).rejects.toThrow("too long");
  });

  it("tries again when the connection is cut in the middle", async () => {
    let times = 0;
    const { asked, url } = await serve((_, response) => {
      times += 1;
      response.writeHead(206, { "content-length": "4" });
      if (times > 1) response.end("abcd");
      else response.write("ab", () => response.destroy());
    });
    expect(Buffer.from(await linkRangeReader(url)(0, 4, signal)).toString()).toBe("abcd");
    expect(asked).toHaveLength(2);
  });

  it("gives up at once when it is refused, without naming the link", async () => {
    const { asked, url } = await serve((_, response) => response.writeHead(403).end("no"));
    await expect(linkRangeReader(url)(0, 4, signal)).rejects.toThrow(
      /^The download answered 403\.$/,
    );
    expect(asked).toHaveLength(1);
  });
});

describe("writing by a link", () => {
  const put = (url: string) =>
    linkTransfer.put({ url, headers: { "if-none-match": "*" } }, new Uint8Array(3), signal);

  it.each([200, 412])("is done when the store answers %i", async (status) => {
    const { asked, url } = await serve((_, response) => response.writeHead(status).end());
    await put(url);
    expect(asked).toEqual(["PUT 3"]);
  });

  it("tries again while the store is in trouble", async () => {
    let times = 0;
    const { asked, url } = await serve((_, response) => {
      times += 1;
      response.writeHead(times === 1 ? 503 : 200).end();
    });
    await put(url);
    expect(asked).toHaveLength(2);
  });
});
