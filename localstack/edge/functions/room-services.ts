import { createHash, createHmac } from "node:crypto";
import { z } from "zod";

/** The key value store that a function is associated with. */
export interface StoreReader {
  read(key: string): string | undefined;
  summary(): {
    readonly createdAt: number;
    readonly modifiedAt: number;
    readonly itemCount: number;
  };
}

/**
 * What a room asks of this process: text in, text out, and never an error, whose prototype would be
 * an object of this process.
 */
export type RoomService = (request: string) => string | undefined;

/** Bytes are texts of characters up to U+00FF, which both sides can make and read. */
const piece = z.strictObject({ encoding: z.enum(["utf8", "latin1"]), data: z.string() });
const hashRequest = z.strictObject({
  /** "Crypto: createHash(algorithm), createHmac(algorithm, secret key)". */
  algorithm: z.enum(["md5", "sha1", "sha256"]),
  key: piece.optional(),
  pieces: z.array(piece),
  encoding: z.enum(["hex", "base64", "base64url", "latin1"]),
});
const bytesOf = ({ encoding, data }: z.infer<typeof piece>) => Buffer.from(data, encoding);

/** Undefined for what the module `crypto` does not know. */
export const hashForRoom: RoomService = (request) => {
  const { data } = hashRequest.safeParse(JSON.parse(request));
  if (!data) return undefined;
  const hash = data.key
    ? createHmac(data.algorithm, bytesOf(data.key))
    : createHash(data.algorithm);
  for (const each of data.pieces) hash.update(bytesOf(each));
  return hash.digest().toString(data.encoding);
};

const storeRequest = z.discriminatedUnion("ask", [
  z.strictObject({ ask: z.literal("value"), key: z.string() }),
  z.strictObject({ ask: z.literal("summary") }),
]);

/** The value of a key, undefined when there is none; or what is known of the store, as JSON. */
export const storeForRoom =
  (store: StoreReader): RoomService =>
  (request) => {
    const { data } = storeRequest.safeParse(JSON.parse(request));
    if (!data) return undefined;
    if (data.ask === "value") return store.read(data.key);
    try {
      return JSON.stringify(store.summary());
    } catch {
      return undefined;
    }
  };
