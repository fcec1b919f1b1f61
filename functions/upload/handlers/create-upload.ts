import { randomUUID } from "node:crypto";
import { createUploadRequestSchema, dispatchSchema, uploadSchema } from "@sluice/contracts";
import { z } from "zod";
import { readEnvironment } from "../../platform/environment.ts";
import { httpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { uploadPortsFromEnvironment } from "../adapters/upload-ports.ts";
import { createUpload } from "../domain/create-upload.ts";
import { requireIdempotencyKey } from "../domain/idempotency-key.ts";
import { largestFile } from "../domain/parts.ts";

const ports = uploadPortsFromEnvironment();
const { MAX_SOURCE_BYTES: maxBytes, DEFAULT_DISPATCH: defaultDispatch } = readEnvironment({
  MAX_SOURCE_BYTES: z.coerce.number().int().min(1).max(largestFile),
  DEFAULT_DISPATCH: dispatchSchema,
});

/** `POST /api/uploads` */
export const handler = httpHandler(
  {
    logger: createLogger("create-upload"),
    headers: z.object({ "idempotency-key": z.string().optional() }),
    body: createUploadRequestSchema,
    answer: uploadSchema,
  },
  async ({ owner, correlationId, headers, body }) => {
    const idempotencyKey = requireIdempotencyKey(headers["idempotency-key"]);
    const { upload, created } = await createUpload(ports, {
      owner,
      correlationId,
      idempotencyKey,
      request: body,
      maxBytes,
      defaultDispatch,
      newId: randomUUID,
    });
    return { status: created ? 201 : 200, body: upload };
  },
);
