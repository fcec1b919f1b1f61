import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  S3Client,
} from "@aws-sdk/client-s3";
import { ensureAssembly, ensureWeb } from "@sluice/cli/embedded/assembly.ts";
import {
  openPlatform,
  type Platform,
  type PlatformOptions,
} from "@sluice/cli/embedded/platform.ts";
import { RawApi } from "./api.ts";

const root = dirname(dirname(import.meta.dirname));

/** Sluice in the process of the test, over a directory of its own. */
export interface TestPlatform extends AsyncDisposable {
  readonly directory: string;
  readonly addresses: Platform["addresses"];
  readonly api: RawApi;
  readonly s3: S3Client;
  /** Names below the video's own folder, with the SHA-256 of their content. */
  made(videoId: string): Promise<Record<string, string>>;
}

export async function openTestPlatform(
  options: Pick<PlatformOptions, "faults"> = {},
): Promise<TestPlatform> {
  const directory = await mkdtemp(join(tmpdir(), "sluice-platform-"));
  const { addresses, close } = await openPlatform({
    dataDir: join(directory, "data"),
    port: 0,
    databaseUrl: undefined,
    assemblyDir: await ensureAssembly(root, () => {}),
    webDir: await ensureWeb(root, () => {}),
    onStep: () => {},
    onNotice: () => {},
    ...options,
  });
  const s3 = new S3Client({
    endpoint: addresses.endpoint,
    region: addresses.credentials.region,
    credentials: { ...addresses.credentials },
    forcePathStyle: true,
  });
  return {
    ...{ directory, addresses, s3 },
    api: new RawApi(addresses),
    async made(videoId) {
      const { Buckets = [] } = await s3.send(new ListBucketsCommand({}));
      const Prefix = `videos/${videoId}/`;
      const hashes: Record<string, string> = {};
      for (const { Name: Bucket } of Buckets) {
        const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix }));
        for (const { Key = "" } of Contents) {
          const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
          const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
          hashes[Key.slice(Prefix.length)] = createHash("sha256").update(bytes).digest("hex");
        }
      }
      return hashes;
    },
    async [Symbol.asyncDispose]() {
      s3.destroy();
      await close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
