import "@aws-sdk/signature-v4a";
import {
  CloudFrontKeyValueStoreClient,
  ListKeysCommand,
} from "@aws-sdk/client-cloudfront-keyvaluestore";
import { ManualClock } from "@sluice/cloud";
import { createTestContext, openEndpoint, type TestContext } from "@sluice/cloud/testing";
import { openEdge } from "@sluice/edge";
import { afterAll, beforeAll, expect, it } from "vitest";
import { keyValueRevocationList } from "./key-value-revocation-list.ts";

let context: TestContext;
let endpoint: Awaited<ReturnType<typeof openEndpoint>>;
let edge: Awaited<ReturnType<typeof openEdge>>;
let client: CloudFrontKeyValueStoreClient;
let KvsARN: string;

beforeAll(async () => {
  context = await createTestContext({ clock: new ManualClock(Date.now()) });
  edge = await openEdge({ port: 0 });
  const services = edge.services(context);
  const { credentials, clock, log, region } = context;
  endpoint = await openEndpoint({
    ...{ host: "127.0.0.1", port: 0, services, credentials, clock, log, region },
  });
  client = new CloudFrontKeyValueStoreClient({
    region,
    credentials: { ...credentials },
    endpointProvider: () => ({ url: new URL(endpoint.url) }),
  });
  const provider = services[0]?.resourceProviders[0];
  const made = await provider?.put({ Name: "links" }, {} as Parameters<typeof provider.put>[1]);
  KvsARN = made?.attributes.Arn ?? "";
});
afterAll(async () => {
  client.destroy();
  await endpoint.close();
  await edge.close();
  await context.dispose();
});

const end = new Date("2026-01-01T00:00:00.100Z");
const entries = async () => {
  const { Items = [] } = await client.send(new ListKeysCommand({ KvsARN, MaxResults: 50 }));
  return Items.map(({ Key, Value }) => `${Key}=${Value}`).sort();
};

it("keeps each revocation as an entry that says when it may go, however often", async () => {
  const list = keyValueRevocationList(client, KvsARN);

  await list.add([{ linkId: "a", expiresAt: end }]);
  await list.add([
    { linkId: "a", expiresAt: end },
    { linkId: "b", expiresAt: end },
  ]);

  expect(await entries()).toEqual(["revoked.a=1767225601", "revoked.b=1767225601"]);
  await list.remove(["a", "never there", "b"]);
  await list.remove(["a"]);
  expect(await entries()).toEqual([]);
});

it("loses nothing when several write at once", async () => {
  const list = keyValueRevocationList(client, KvsARN);
  const linkIds = ["1", "2", "3", "4"];

  await Promise.all(linkIds.map((linkId) => list.add([{ linkId, expiresAt: end }])));

  expect(await entries()).toHaveLength(4);
});
