import { z } from "zod";

/**
 * An id in a path. PostgreSQL takes a UUID in either case (RFC 9562, section 4) and S3's keys do
 * not, so it is lower case from here on.
 */
export const pathId = z.uuid().toLowerCase();
