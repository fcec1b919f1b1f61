import { apiBench } from "./api/api-bench.ts";
import type { Bench } from "./bench.ts";
import { pipelineBench } from "./pipeline/pipeline-bench.ts";
import { uploadBench } from "./upload/upload-bench.ts";

export const benches: Readonly<Record<string, Bench>> = {
  api: apiBench,
  pipeline: pipelineBench,
  upload: uploadBench,
};
