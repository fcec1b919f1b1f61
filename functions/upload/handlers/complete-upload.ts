import { completeUploadRequestSchema, completeUploadResponseSchema } from "@sluice/contracts";
import { httpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { completionPortsFromEnvironment } from "../adapters/upload-ports.ts";
import { completeUpload } from "../domain/complete-upload.ts";
import { uploadPath } from "../upload-path.ts";

const logger = createLogger("complete-upload");
const ports = completionPortsFromEnvironment(logger);

/** `POST /api/uploads/{uploadId}/complete` */
export const handler = httpHandler(
  {
    logger,
    params: uploadPath,
    body: completeUploadRequestSchema,
    answer: completeUploadResponseSchema,
  },
  async ({ owner, params, body }) => ({
    status: 202,
    body: await completeUpload(ports, { owner, ...params, ...body }),
  }),
);
