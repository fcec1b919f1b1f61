import { open } from "node:fs/promises";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

const blockBytes = 1024 ** 2;

/** A file that holds no film and does not compress, the same one for the same seed. */
export async function makeRandomFile(path: string, bytes: number, seed: number): Promise<void> {
  const generator = xoroshiro128plus(seed);
  const words = Int32Array.from({ length: blockBytes / 4 }, () => generator.next());
  const block = Buffer.from(words.buffer);
  const file = await open(path, "w");
  try {
    for (let written = 0; written < bytes; written += blockBytes) {
      // Every block differs from the others, or a cache below could store one for all.
      block.writeDoubleLE(written);
      await file.write(block, 0, Math.min(blockBytes, bytes - written), written);
    }
  } finally {
    await file.close();
  }
}
