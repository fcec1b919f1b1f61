import { httpHandler } from "../../platform/http/http-handler.ts";
import { createLogger } from "../../platform/logging.ts";
import { uploadPortsFromEnvironment } from "../adapters/upload-ports.ts";
import { abortUpload } from "../domain/abort-upload.ts";
import { uploadPath } from "../upload-path.ts";

const ports = uploadPortsFromEnvironment();

/** `DELETE /api/uploads/{uploadId}` */
export const handler = httpHandler(
  { logger: createLogger("abort-upload"), params: uploadPath },
  async ({ owner, params }) => {
    await abortUpload(ports, { owner, ...params });
    return { status: 204 };
  },
);
