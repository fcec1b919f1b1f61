import type { Dispatch } from "@sluice/contracts";
import type { Source } from "../domain/source.ts";
import { createFakeEncoder, createFakeMetadataReader } from "./fake-encoder.ts";
import { createMemoryPipeline, type Fault } from "./memory-pipeline.ts";
import { sourceFacts } from "./source-facts.ts";

export const minute = sourceFacts({ endSeconds: 61 });
/** Three chunks: cheap enough to be made many times. */
export const short = sourceFacts({ endSeconds: 14 }, { audio: { streamIndex: 1, endSeconds: 14 } });
/** Any source's content: nothing decodes it. */
export const bytes = new Uint8Array(64).fill(7);

export const openFakePipeline = (
  options: {
    readonly source?: Source;
    readonly fault?: Fault;
    readonly frames?: number;
    readonly maxReceives?: number;
    readonly dispatch?: Dispatch;
  } = {},
) =>
  createMemoryPipeline({
    ...options,
    prober: () => ({ probe: async () => options.source ?? minute }),
    encoder: () =>
      createFakeEncoder({
        ...(options.frames === undefined ? {} : { frames: options.frames }),
        ...(options.fault ? { fault: options.fault } : {}),
      }),
    metadata: () => createFakeMetadataReader(options.fault),
  });
export type FakePipeline = ReturnType<typeof openFakePipeline>;
