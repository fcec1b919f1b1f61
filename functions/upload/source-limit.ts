import { z } from "zod";
import { readEnvironment } from "../platform/environment.ts";
import { largestFile } from "./domain/parts.ts";

/** Bytes that one source may have. */
export const maxBytesFromEnvironment = (): number =>
  readEnvironment({ MAX_SOURCE_BYTES: z.coerce.number().int().min(1).max(largestFile) })
    .MAX_SOURCE_BYTES;
