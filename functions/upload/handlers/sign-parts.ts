import { signPartsRequestSchema, signPartsResponseSchema } from "@sluice/contracts";
import { httpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { uploadPortsFromEnvironment } from "../adapters/upload-ports.ts";
import { signParts } from "../domain/sign-parts.ts";
import { maxBytesFromEnvironment } from "../source-limit.ts";
import { uploadPath } from "../upload-path.ts";

const ports = uploadPortsFromEnvironment();
const maxBytes = maxBytesFromEnvironment();

/** `POST /api/uploads/{uploadId}/parts/sign` */
export const handler = httpHandler(
  {
    logger: createLogger("sign-parts"),
    params: uploadPath,
    body: signPartsRequestSchema,
    answer: signPartsResponseSchema,
  },
  async ({ owner, params, body }) => ({
    status: 200,
    body: await signParts(ports, { owner, ...params, ...body, maxBytes, now: new Date() }),
  }),
);
