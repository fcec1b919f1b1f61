import { createHash } from "node:crypto";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { z } from "zod";
import { readEnvironment } from "../../platform/environment.ts";
import type { RunTaskPorts } from "../domain/run-task.ts";
import { createFfmpegEncoder } from "./ffmpeg-encoder.ts";
import { createFfprobeMetadataReader } from "./ffprobe-metadata-reader.ts";
import { lambdaTaskOffice } from "./lambda-task-office.ts";
import { linkRangeReader, linkTransfer } from "./link-transfer.ts";

export const transcodePortsFromEnvironment = (): RunTaskPorts => {
  const environment = readEnvironment({
    LEASE_FUNCTION: z.string().min(1),
    COMMIT_FUNCTION: z.string().min(1),
  });
  return {
    office: lambdaTaskOffice(new LambdaClient({}), {
      lease: environment.LEASE_FUNCTION,
      commit: environment.COMMIT_FUNCTION,
    }),
    transfer: linkTransfer,
    encoder: createFfmpegEncoder(linkRangeReader),
    metadata: createFfprobeMetadataReader(linkRangeReader),
    now: Date.now,
    digest: (algorithm, bytes) => createHash(algorithm).update(bytes).digest("hex"),
  };
};
