import { randomUUID } from "node:crypto";
import {
  createUploadRequestSchema,
  createUploadResponseSchema,
  dispatchSchema,
} from "@sluice/contracts";
import { z } from "zod";
import { readEnvironment } from "../../platform/environment.ts";
import { httpHandler } from "../../platform/http/http-handler.ts";
import { requireIdempotencyKey } from "../../platform/http/idempotency-key.ts";
import { createLogger } from "../../platform/logging.ts";
import { uploadPortsFromEnvironment } from "../adapters/upload-ports.ts";
import { createUpload } from "../domain/create-upload.ts";
import { maxBytesFromEnvironment } from "../source-limit.ts";

const ports = uploadPortsFromEnvironment();
const maxBytes = maxBytesFromEnvironment();
const { DEFAULT_DISPATCH: defaultDispatch } = readEnvironment({ DEFAULT_DISPATCH: dispatchSchema });

/** `POST /api/uploads` */
export const handler = httpHandler(
  {
    logger: createLogger("create-upload"),
    headers: z.object({ "idempotency-key": z.string().optional() }),
    body: createUploadRequestSchema,
    answer: createUploadResponseSchema,
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
