import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openTarget, originOf } from "./target.ts";

let directory: string;
let server: Server;
let url: string;
let config: unknown;
let tokens: string[];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "sluice-target-"));
  server = createServer((request, response) => {
    if (request.url === "/config.json") return response.end(JSON.stringify(config));
    tokens.push(request.headers.authorization ?? "");
    const isTaken = request.headers.authorization === "Bearer new";
    response.writeHead(isTaken ? 200 : 401, { "content-type": "application/json" });
    response.end(JSON.stringify({ videos: [] }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await rm(directory, { recursive: true });
});
beforeEach(() => {
  config = { api: "/api", identity: { kind: "local", token: "old" } };
  tokens = [];
});

const oidc = {
  api: "/api",
  identity: { kind: "oidc", issuer: "https://issuer.example", clientId: "page" },
};
const open = (changes: Partial<Parameters<typeof openTarget>[0]> = {}) =>
  openTarget({ url, tokenFile: undefined, environment: { XDG_STATE_HOME: directory }, ...changes });

describe("a Sluice", () => {
  test("is found by the address of any of its pages", async () => {
    const target = await open({ url: `${url}/#/videos/1` });
    expect(target).toMatchObject({ web: url, apiUrl: `${url}/api` });
  });

  test("keeps its unfinished uploads apart from those of others", async () => {
    const target = await open();
    expect(target.resumeDir.startsWith(directory)).toBe(true);
    expect(target.resumeDir).toContain(encodeURIComponent(`${url}/api`));
  });

  test("of this machine gives a token, and a newer one when that is refused", async () => {
    const { api } = await open();
    config = { api: "/api", identity: { kind: "local", token: "new" } };
    await api.listVideos();
    expect(tokens).toEqual(["Bearer old", "Bearer new"]);
  });

  test("with sign-in wants a token, and says where it may be", async () => {
    config = oidc;
    await expect(open()).rejects.toMatchObject({ code: "token-missing" });
    await expect(open()).rejects.toThrow("SLUICE_TOKEN");
  });

  test("with sign-in takes the token of the environment", async () => {
    config = oidc;
    const { api } = await open({ environment: { SLUICE_TOKEN: " new\n" } });
    await api.listVideos();
    expect(tokens).toEqual(["Bearer new"]);
  });

  test("reads a token file again when its token is refused", async () => {
    config = oidc;
    const tokenFile = join(directory, "token");
    await writeFile(tokenFile, "old\n");
    const { api } = await open({ tokenFile });
    await writeFile(tokenFile, "new\n");
    await api.listVideos();
    expect(tokens).toEqual(["Bearer old", "Bearer new"]);
  });

  test.each(["two tokens", "line\nbreak", "ünïcode"])(
    "never shows what is no token: %j",
    async (secret) => {
      const error = await open({ environment: { SLUICE_TOKEN: secret } }).catch((thrown) => thrown);
      expect(error).toMatchObject({ code: "token-missing" });
      expect(error.message).not.toContain(secret);
    },
  );

  test("that is none is told apart from nothing at all", async () => {
    config = { hello: "world" };
    await expect(open()).rejects.toMatchObject({ code: "not-sluice" });
    await expect(open({ url: "http://127.0.0.1:1" })).rejects.toMatchObject({
      code: "not-running",
    });
    await expect(open({ url: "http://127.0.0.1:1" })).rejects.toThrow("npm start");
  });

  test("whose configuration sends the token elsewhere in clear is refused", async () => {
    config = { ...oidc, api: "http://elsewhere.example/api" };
    await expect(open()).rejects.toMatchObject({ code: "invalid-arguments" });
  });
});

describe("an address", () => {
  test.each([
    ["http://localhost:8080/", "http://localhost:8080"],
    ["http://[::1]:8080/x", "http://[::1]:8080"],
    ["https://videos.example.com/#/videos/1", "https://videos.example.com"],
  ])("%s has the origin %s", (address, origin) => {
    expect(originOf(address, "--url")).toBe(origin);
  });

  test.each([
    "videos.example.com",
    "ftp://127.0.0.1/",
    "http://videos.example.com/",
    "http://127.0.0.1.example.com/",
    "https://user:secret@videos.example.com/",
    "",
  ])("%j is refused", (address) => {
    expect(() => originOf(address, "--url")).toThrow(
      expect.objectContaining({ code: "invalid-arguments" }),
    );
  });
});
