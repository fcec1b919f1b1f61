import { AwsError, type AwsExchange } from "@sluice/cloud";
import type { KeyChanges, KeyValueStores, StoreSummary } from "./key-value-stores.ts";
import {
  keySchema,
  listKeysSchema,
  parse,
  parseJson,
  putKeySchema,
  updateKeysSchema,
} from "./requests.ts";

/** 50 keys and values, their JSON escapes included. */
const maxBodyBytes = 1024 * 1024;

/** The API of the service `cloudfront-keyvaluestore`, version 2022-07-26 (REST and JSON). */
export async function handleKeyValueStores(
  exchange: AwsExchange,
  stores: KeyValueStores,
): Promise<void> {
  if (exchange.identity.kind === "anonymous") {
    throw new AwsError("AccessDeniedException", "The request carries no signature.", 403);
  }
  const { method = "" } = exchange.request;
  const [, root, arn = "", keys, ...key] = pathOf(exchange).split("/").map(decoded);
  if (root !== "key-value-stores" || arn === "") throw unknownOperation();
  if (keys === undefined && method === "GET") return describe(exchange, stores.describe(arn));
  if (keys !== "keys" || key.length > 1) throw unknownOperation();

  const change = (changes: KeyChanges) => {
    const etag = exchange.request.headers["if-match"];
    if (etag === undefined) throw new AwsError("ValidationException", "If-Match is missing.");
    const { itemCount, totalBytes, ...store } = stores.update(arn, etag, changes);
    answer(exchange, { ItemCount: itemCount, TotalSizeInBytes: totalBytes }, store.etag);
  };
  const [Key] = key;
  if (Key === undefined) {
    if (method === "GET") return list(exchange, stores, arn);
    if (method !== "POST") throw unknownOperation();
    const { Puts, Deletes } = parse(updateKeysSchema, await json(exchange));
    return change({
      puts: Puts.map((put) => ({ key: put.Key, value: put.Value })),
      deletes: Deletes.map((deletion) => deletion.Key),
    });
  }
  const name = parse(keySchema, Key);
  if (method === "GET") return get(exchange, stores, arn, name);
  if (method === "DELETE") return change({ puts: [], deletes: [name] });
  if (method !== "PUT") throw unknownOperation();
  const { Value } = parse(putKeySchema, await json(exchange));
  return change({ puts: [{ key: name, value: Value }], deletes: [] });
}

function describe(exchange: AwsExchange, store: StoreSummary): void {
  const body = {
    ItemCount: store.itemCount,
    TotalSizeInBytes: store.totalBytes,
    KvsARN: store.arn,
    // Seconds since the epoch, as REST and JSON has times unless told otherwise.
    Created: store.createdAt / 1000,
    LastModified: store.modifiedAt / 1000,
    Status: "READY",
  };
  answer(exchange, body, store.etag);
}

function get(exchange: AwsExchange, stores: KeyValueStores, arn: string, key: string): void {
  const { itemCount, totalBytes } = stores.describe(arn);
  const value = stores.read(arn, key);
  if (value === undefined) throw new AwsError("ResourceNotFoundException", `No key ${key}.`, 404);
  answer(exchange, { Key: key, Value: value, ItemCount: itemCount, TotalSizeInBytes: totalBytes });
}

function list(exchange: AwsExchange, stores: KeyValueStores, arn: string): void {
  const query = Object.fromEntries(exchange.url.searchParams);
  const { MaxResults, NextToken } = parse(listKeysSchema, query);
  const after =
    NextToken === undefined ? undefined : Buffer.from(NextToken, "base64url").toString();
  const found = stores.list(arn, after, MaxResults + 1);
  const page = found.slice(0, MaxResults);
  const last = found.length > MaxResults ? page.at(-1)?.[0] : undefined;
  answer(exchange, {
    Items: page.map(([Key, Value]) => ({ Key, Value })),
    ...(last !== undefined && { NextToken: Buffer.from(last).toString("base64url") }),
  });
}

function answer({ response }: AwsExchange, content: object, etag?: string): void {
  const body = JSON.stringify(content);
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(body),
    ...(etag !== undefined && { etag }),
  });
  response.end(body);
}

const json = async (exchange: AwsExchange) => parseJson(await exchange.body(maxBodyBytes));

/** As sent: the ARN and the key hold escaped slashes. */
const pathOf = ({ request }: AwsExchange) => (request.url ?? "").split("?", 1)[0] ?? "";

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new AwsError("ValidationException", "The address is not percent-encoded as it must be.");
  }
}

const unknownOperation = () =>
  new AwsError("UnknownOperationException", "There is no such operation on key value stores.", 404);
