import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { chunkSegments, makePlan, type Plan } from "../domain/plan.ts";
import { type Product, segmentsOf } from "../domain/segmenter.ts";
import { encoderInput } from "../testing/encoder-input.ts";
import { bars, execute, makeSource, remux } from "../testing/synthetic-sources.ts";
import { createFfmpegEncoder } from "./ffmpeg-encoder.ts";
import { guardedInput } from "./ffmpeg-limits.ts";
import { createFfprobeProber } from "./ffprobe-prober.ts";
import { openLoopbackSource } from "./loopback-source-proxy.ts";

const { signal } = new AbortController();
const probe = (bytes: Uint8Array) =>
  createFfprobeProber({ read: async (_, first, end) => bytes.subarray(first, end) }).probe(
    "video",
    { bytes: bytes.length, etag: "etag" },
    signal,
  );
const planOf = async (bytes: Uint8Array) => makePlan(await probe(bytes));

const gaps = "select='not(between(t,3,8))*not(eq(mod(n,7),3))'";
const vfr = [...bars({ seconds: 14, rate: "30", audio: false }), "-vf", gaps, "-fps_mode", "vfr"];
const interlaced = [
  ...bars({ seconds: 14, rate: "50", audio: false, video: ["-flags", "+ilme+ildct"] }),
  ...["-vf", "tinterlace=4,fieldorder=tff"],
];

describe("the frames that chunks give their encoders", () => {
  it.each([
    ["a film with gaps", vfr, "film.mp4"],
    ["an interlaced film", interlaced, "film.mp4"],
    ["a transport stream", bars({ seconds: 14 }), "film.ts"],
    [
      "sparse keyframes and B-frames",
      bars({ seconds: 14, video: ["-g", "170", "-bf", "3"] }),
      "film.mkv",
    ],
  ])("are those of one full pass: %s", async (_, args, name) => {
    // Prepare
    const bytes = await makeSource(args, name);
    const plan = { ...(await planOf(bytes)), chunks: [0, 2, 3] };

    // Act
    const chunks = [];
    for (const chunk of plan.chunks.keys())
      chunks.push(...(await encoderInput(plan, chunk, bytes)));

    // Assess
    const whole = await encoderInput({ ...plan, chunks: [0] }, 0, bytes);
    expect(chunks).toEqual(whole);
    expect(Math.abs(whole.length - plan.timeline.totalFrames)).toBeLessThanOrEqual(1);
  });
});

describe("an encoded chunk", () => {
  const encode = async (plan: Plan, chunk: number, bytes: Uint8Array) => {
    const encoder = createFfmpegEncoder(() => async (first, end) => bytes.subarray(first, end));
    const input = { url: "memory:film", bytes: bytes.length };
    const run = await encoder.encodeChunk(plan, chunk, input, signal);
    const segments = chunkSegments(plan, chunk);
    const products = run.outputs.map(async ({ track, stream }) => {
      const made: Product[] = [];
      for await (const product of segmentsOf(plan.timeline, track, segments, stream))
        made.push(product);
      return made;
    });
    const all = (await Promise.all(products)).flat();
    await run.done;
    return all.map((product) => [
      product.track,
      product.kind === "init" ? "init" : product.number,
      createHash("sha256").update(product.bytes).digest("hex"),
    ]);
  };

  it("is the same bytes each time, with one init segment for all chunks", async () => {
    const bytes = await makeSource(bars({ seconds: 9 }));
    const plan = { ...(await planOf(bytes)), chunks: [0, 3] };
    const [first, again, second] = [
      await encode(plan, 0, bytes),
      await encode(plan, 0, bytes),
      await encode(plan, 1, bytes),
    ];
    expect(again).toEqual(first);
    const inits = (made: typeof first) => made.filter(([, kind]) => kind === "init");
    expect(inits(first)).toHaveLength(plan.renditions.length);
    expect(inits(second)).toEqual(inits(first));
    expect(second.length).toBe(2 * plan.renditions.length);
  });
});

describe("a probe", () => {
  it("turns the picture as its display matrix says, and makes its pixels square", async () => {
    const args = bars({ seconds: 2, size: "720x576", audio: false });
    const flat = await makeSource([...args, "-vf", "setsar=64/45"]);
    const turned = await remux(flat, ["-metadata:s:v", "rotate=90"]);
    const { video } = await probe(turned);
    expect([video?.width, video?.height]).toEqual([576, 1_024]);
  });

  it("sees that a file was cut off, wherever its index is", async () => {
    const atEnd = await makeSource(bars({ seconds: 20 }));
    const atStart = await makeSource([...bars({ seconds: 20 }), "-movflags", "+faststart"]);
    const cut = (bytes: Uint8Array) => bytes.subarray(0, Math.floor(bytes.length * 0.6));
    await expect(probe(cut(atEnd))).rejects.toThrow(/its end is missing/);
    await expect(probe(cut(atStart))).rejects.toThrow(/only the first 1[12] s of 20 s are in it/);
  });

  it("finds the length of a recording that does not state it", async () => {
    const stated = await makeSource([...bars({ seconds: 6 }), "-live", "1"], "film.mkv");
    const { video } = await probe(stated);
    expect(video?.endSeconds).toBeCloseTo(6, 0);
  });

  it("reads a film whatever stands beside its picture and its sound", async () => {
    const film = await makeSource(
      [
        ...["-f", "lavfi", "-i", "testsrc2=s=160x90:r=25:d=2", "-f", "lavfi", "-i", "sine=d=2"],
        ...[
          "-f",
          "srt",
          "-i",
          "data:text/plain,1%0A00:00:00,000%20--%3E%2000:00:01,000%0AHello%0A",
        ],
        ...["-map", "0", "-map", "1", "-map", "2", "-c:s", "srt"],
      ],
      "film.mkv",
    );
    expect(await probe(film)).toMatchObject({ video: { width: 160 }, audio: { streamIndex: 1 } });
  });

  it("says of a file with neither picture nor sound that it has none", async () => {
    const words = await makeSource(
      [
        ...[
          "-f",
          "srt",
          "-i",
          "data:text/plain,1%0A00:00:00,000%20--%3E%2000:00:01,000%0AHello%0A",
        ],
        ...["-c:s", "mov_text"],
      ],
      "words.mp4",
    );
    await expect(probe(words)).rejects.toThrow("holds neither a moving picture nor sound");
  });

  it("never fetches what a playlist in disguise names", async () => {
    // Prepare
    let requests = 0;
    const trap = createServer((_, response) => {
      requests += 1;
      response.end();
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => trap.once("listening", resolve));
    const { port } = trap.address() as AddressInfo;
    const text = `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:${port}/a.ts\n`;
    const playlist = new TextEncoder().encode(text);
    const proxy = await openLoopbackSource({
      bytes: playlist.length,
      read: async (first, end) => playlist.subarray(first, end),
      signal,
    });

    // Act, past the look at the first bytes that would refuse it already
    try {
      const open = execute("ffprobe", ["-v", "error", ...guardedInput(proxy.url, "probe")]);
      await expect(open).rejects.toThrow(/not on whitelist|Invalid data|not in whitelist/i);
    } finally {
      await proxy.close();
      trap.close();
    }

    // Assess
    expect(requests).toBe(0);
  });
});

describe("the loopback proxy", () => {
  it("serves ranges of its one object at its secret path, and reads no byte twice", async () => {
    // Prepare
    const bytes = Uint8Array.from({ length: 3_500_000 }, (_, index) => index % 251);
    let reads = 0;
    const proxy = await openLoopbackSource({
      bytes: bytes.length,
      read: async (first, end) => {
        reads += end - first;
        return bytes.subarray(first, end);
      },
      signal,
    });
    const get = async (range?: string, url = proxy.url) => {
      const response = await fetch(url, range ? { headers: { range } } : {});
      return { status: response.status, body: new Uint8Array(await response.arrayBuffer()) };
    };

    // Act and assess
    try {
      expect(await get("bytes=1048570-1048585")).toEqual({
        status: 206,
        body: bytes.slice(1_048_570, 1_048_586),
      });
      expect(Buffer.compare((await get()).body, bytes)).toBe(0);
      expect((await get("bytes=3499990-")).body).toEqual(bytes.slice(3_499_990));
      expect((await get("bytes=9999999-")).status).toBe(416);
      expect((await get(undefined, new URL("/", proxy.url).href)).status).toBe(404);
      expect(reads).toBe(bytes.length);
      expect(proxy.bytesRead()).toBe(bytes.length);
    } finally {
      await proxy.close();
    }
  });

  it("keeps why a read failed, since its client only sees a cut connection", async () => {
    const proxy = await openLoopbackSource({
      bytes: 10,
      read: async () => {
        throw new Error("S3 is away");
      },
      signal,
    });
    try {
      await expect(fetch(proxy.url).then((response) => response.arrayBuffer())).rejects.toThrow();
      expect(proxy.failure()?.message).toBe("S3 is away");
    } finally {
      await proxy.close();
    }
  });
});
