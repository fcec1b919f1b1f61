import { Buffer } from "node:buffer";
import { z } from "zod";
import { InvalidRequestError } from "../../platform/errors.ts";
import type { PagePosition } from "../ports.ts";

/** Milliseconds since the epoch within what a JavaScript date holds, and the id of the last video. */
const contentSchema = z.tuple([z.int().min(0).max(8.64e15), z.uuid()]);

/** Where the next page begins, as text that callers only pass back. */
export const writeCursor = ({ createdAt, videoId }: PagePosition): string =>
  Buffer.from(JSON.stringify([createdAt.getTime(), videoId])).toString("base64url");

/** @throws InvalidRequestError when we did not write it */
export const readCursor = (cursor: string): PagePosition => {
  const content = contentSchema.safeParse(jsonOf(Buffer.from(cursor, "base64url").toString()));
  if (!content.success) {
    throw new InvalidRequestError("The cursor is not one of ours. Begin at the first page.", [
      { path: "cursor", message: "Pass nextCursor as it was answered." },
    ]);
  }
  const [createdAt, videoId] = content.data;
  return { createdAt: new Date(createdAt), videoId };
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
