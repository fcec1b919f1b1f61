import { listPartsQuerySchema, listPartsResponseSchema } from "@sluice/contracts";
import { httpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { uploadPortsFromEnvironment } from "../adapters/upload-ports.ts";
import { listParts } from "../domain/list-parts.ts";
import { uploadPath } from "../upload-path.ts";

const ports = uploadPortsFromEnvironment();

/** `GET /api/uploads/{uploadId}/parts?after=N` */
export const handler = httpHandler(
  {
    logger: createLogger("list-parts"),
    params: uploadPath,
    query: listPartsQuerySchema,
    answer: listPartsResponseSchema,
  },
  async ({ owner, params, query }) => ({
    status: 200,
    body: await listParts(ports, { owner, ...params, ...query, now: new Date() }),
  }),
);
