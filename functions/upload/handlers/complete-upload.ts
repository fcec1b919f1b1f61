import { completeUploadRequestSchema, completeUploadResponseSchema } from "@sluice/contracts";
import { httpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { uploadPortsFromEnvironment } from "../adapters/upload-ports.ts";
import { completeUpload } from "../domain/complete-upload.ts";
import { uploadPath } from "../upload-path.ts";

const ports = uploadPortsFromEnvironment();

/** `POST /api/uploads/{uploadId}/complete` */
export const handler = httpHandler(
  {
    logger: createLogger("complete-upload"),
    params: uploadPath,
    body: completeUploadRequestSchema,
    answer: completeUploadResponseSchema,
  },
  async ({ owner, params, body }) => ({
    status: 202,
    body: await completeUpload(ports, { owner, ...params, ...body }),
  }),
);
