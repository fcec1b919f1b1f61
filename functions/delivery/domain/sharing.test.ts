import { createHmac, randomUUID } from "node:crypto";
import {
  createLinkRequestSchema,
  linkLimits,
  playbackLinkSchema,
  publicVideoSchema,
  updateVideoRequestSchema,
} from "@sluice/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { linkSigner } from "../../platform/signing/link-signer.ts";
import type { Revocation, VideoState } from "../ports.ts";
import { describeLinkStore } from "../testing/link-store-contract.ts";
import { memoryLinkStore } from "../testing/memory-link-store.ts";
import { createLink, listLinks } from "./playback-links.ts";
import {
  getPublicVideo,
  publicTokenExpiry,
  publicTokensEnd,
  setVisibility,
} from "./public-link.ts";
import { revokeAllLinks, revokeLink } from "./revoke-links.ts";

const memory = memoryLinkStore();
describeLinkStore("memory", () => memory);

const now = new Date("2026-01-01T10:20:30.400Z");
const ready: VideoState = { status: "ready", frontier: 3, planHash: "hash" };
const owner = "owner-1";

/** Everything there is, over memory; the edge's list may be made to fail. */
async function sharing(video: VideoState | undefined = ready) {
  const store = memoryLinkStore();
  const videoId = await store.addVideo(owner);
  const known = new Map<string, Date>();
  const edge = { isDown: false };
  const list = {
    async add(revocations: readonly Revocation[]) {
      if (edge.isDown) throw new Error("down");
      for (const { linkId, expiresAt } of revocations) known.set(linkId, expiresAt);
    },
    async remove(linkIds: readonly string[]) {
      if (edge.isDown) throw new Error("down");
      for (const linkId of linkIds) known.delete(linkId);
    },
  };
  const ports = {
    ...store,
    list,
    signer: linkSigner(async () => "key"),
    videos: {
      find: async (who: string, id: string) =>
        who === owner && id === videoId ? video : undefined,
    },
  };
  return { ports, videoId, known, edge };
}

describe("making a link", () => {
  it("answers an address that says video, link and end, signed", async () => {
    const { ports, videoId } = await sharing();

    const link = await createLink(ports, {
      ...{ owner, videoId, now, expiresInSeconds: 3600, label: "for Ada" },
    });

    expect(playbackLinkSchema.parse(link)).toEqual(link);
    expect(link).toMatchObject({ label: "for Ada", expiresAt: "2026-01-01T11:20:30.000Z" });
    const claims = `${videoId}.${link.linkId}.1767266430`;
    const signature = createHmac("sha256", "key").update(claims).digest("base64url");
    expect(link.playlist).toBe(`/play/${claims}.${signature}/hash/master.m3u8`);
    expect(await listLinks(ports, { owner, videoId, now })).toEqual([link]);
  });

  it.each<[string, string, VideoState | undefined]>([
    ["for what others own", "not-found", undefined],
    ["before the first segment", "not-playable", { ...ready, frontier: 0 }],
    ["for a video that failed", "not-playable", { ...ready, status: "failed" }],
  ])("is refused %s: %s", async (_what, code, video) => {
    const { ports, videoId } = await sharing(video);
    const { videos } = ports;
    const find = video ? videos.find : async () => undefined;

    const making = createLink(
      { ...ports, videos: { find } },
      { owner, videoId, now, expiresInSeconds: 60 },
    );

    await expect(making).rejects.toMatchObject({ code });
  });

  it("is refused when the video has too many, until one is revoked", async () => {
    const { ports, videoId } = await sharing();
    const make = () => createLink(ports, { owner, videoId, now, expiresInSeconds: 60 });
    const made = [];
    for (let index = 0; index < linkLimits.maxLinks; index += 1) made.push(await make());

    await expect(make()).rejects.toMatchObject({ code: "too-many-links" });
    await revokeLink(ports, { owner, videoId, linkId: made[0]?.linkId ?? "", now });
    expect(await make()).toBeDefined();
  });

  it("records nothing where nothing can be signed", async () => {
    const { ports, videoId } = await sharing();
    const signer = { folder: () => Promise.reject(new Error("no key")) };

    await expect(
      createLink({ ...ports, signer }, { owner, videoId, now, expiresInSeconds: 60 }),
    ).rejects.toThrow("no key");
    expect(await listLinks(ports, { owner, videoId, now })).toEqual([]);
  });
});

describe("revoking a link", () => {
  const makeOne = async () => {
    const all = await sharing();
    const { ports, videoId } = all;
    const link = await createLink(ports, { owner, videoId, now, expiresInSeconds: 3600 });
    const revoke = (at = now) =>
      revokeLink(ports, { owner, videoId, linkId: link.linkId, now: at });
    return { ...all, link, revoke };
  };

  it("tells the edge until when it must refuse, and may be repeated", async () => {
    const { known, link, revoke, ports, videoId } = await makeOne();

    await revoke();
    await revoke();

    expect([...known]).toEqual([[link.linkId, new Date(link.expiresAt)]]);
    expect(await listLinks(ports, { owner, videoId, now })).toEqual([]);
  });

  it("is finished by a repeat when the edge could not be told, and stays in sight until then", async () => {
    const { edge, known, link, revoke, ports, videoId } = await makeOne();
    edge.isDown = true;
    await expect(revoke()).rejects.toThrow("down");
    expect(await listLinks(ports, { owner, videoId, now })).toHaveLength(1);

    edge.isDown = false;
    await revoke();

    expect([...known.keys()]).toEqual([link.linkId]);
  });

  it("is finished by whoever revokes next, too", async () => {
    const { edge, known, link, revoke, ports, videoId } = await makeOne();
    edge.isDown = true;
    await expect(revoke()).rejects.toThrow("down");
    edge.isDown = false;

    const other = await createLink(ports, { owner, videoId, now, expiresInSeconds: 60 });
    await revokeLink(ports, { owner, videoId, linkId: other.linkId, now });

    expect([...known.keys()].sort()).toEqual([link.linkId, other.linkId].sort());
  });

  it("is forgotten everywhere once the link would have expired, by whoever revokes next", async () => {
    const { known, link, revoke, ports, videoId } = await makeOne();
    await revoke();
    const muchLater = new Date(now.getTime() + 3 * 3_600_000);

    const next = await createLink(ports, {
      ...{ owner, videoId, now: muchLater, expiresInSeconds: 60 },
    });
    await revokeLink(ports, { owner, videoId, linkId: next.linkId, now: muchLater });

    expect([...known.keys()]).toEqual([next.linkId]);
    await expect(revoke(muchLater)).rejects.toMatchObject({ code: "not-found" });
    expect(link.linkId).not.toBe(next.linkId);
  });

  it("succeeds though the tidying after it fails", async () => {
    const { known, revoke, ports, videoId } = await makeOne();
    await revoke();
    const muchLater = new Date(now.getTime() + 3 * 3_600_000);
    const next = await createLink(ports, {
      ...{ owner, videoId, now: muchLater, expiresInSeconds: 60 },
    });
    const list = { ...ports.list, remove: () => Promise.reject(new Error("down")) };

    await revokeLink({ ...ports, list }, { owner, videoId, linkId: next.linkId, now: muchLater });

    expect(known.has(next.linkId)).toBe(true);
  });

  it("finds no link of others, of another video, or none at all", async () => {
    const { ports, link, videoId } = await makeOne();
    const refused = { code: "not-found" };
    const { linkId } = link;

    await expect(revokeLink(ports, { owner: "o2", videoId, linkId, now })).rejects.toMatchObject(
      refused,
    );
    await expect(
      revokeLink(ports, { owner, videoId, linkId: randomUUID(), now }),
    ).rejects.toMatchObject(refused);
  });

  it("of a video that is being deleted ends all of them, more than a batch", async () => {
    const { ports, videoId, known } = await makeOne();
    for (let index = 0; index < 70; index += 1) {
      await createLink(ports, { owner, videoId, now, expiresInSeconds: 60 });
    }
    await ports.publications.publish(owner, videoId, randomUUID());

    await revokeAllLinks(ports, videoId, now);

    expect(known.size).toBe(72);
    expect(await ports.publications.find(videoId)).toBeUndefined();
  });
});

describe("a public video", () => {
  const set = (
    { ports, videoId }: Awaited<ReturnType<typeof sharing>>,
    visibility: "public" | "private",
  ) => setVisibility(ports, { owner, videoId, visibility, now });

  it("is shown to anybody, with addresses that need no cookie", async () => {
    const all = await sharing();
    await set(all, "public");

    const shown = await getPublicVideo(all.ports, { videoId: all.videoId, now });

    expect(publicVideoSchema.parse(shown)).toEqual(shown);
    expect(shown.playlist).toMatch(/^\/play\/[^/]+\/hash\/master\.m3u8$/);
    expect(shown.posterUrl).toMatch(/^\/play\/[^/]+\/hash\/poster\.jpg$/);
    expect(JSON.stringify(shown)).not.toContain(owner);
  });

  it("that becomes private is found by nobody, and what was handed out is revoked", async () => {
    const all = await sharing();
    const { ports, videoId, known } = all;
    await set(all, "public");
    const [, , linkId = ""] =
      /^\/play\/([^.]+)\.([^.]+)\./.exec(
        (await getPublicVideo(ports, { videoId, now })).playlist ?? "",
      ) ?? [];

    await set(all, "private");

    await expect(getPublicVideo(ports, { videoId, now })).rejects.toMatchObject({
      code: "not-found",
    });
    expect([...known]).toEqual([[linkId, publicTokensEnd(now)]]);
  });

  it("that was private in between has another link, and the first stays revoked", async () => {
    const all = await sharing();
    const { ports, videoId, known } = all;
    const linkOf = async () =>
      (await getPublicVideo(ports, { videoId, now })).playlist?.split(".")[1] ?? "";
    await set(all, "public");
    const first = await linkOf();
    await set(all, "private");
    await set(all, "public");

    expect(await linkOf()).not.toBe(first);
    expect([...known.keys()]).toEqual([first]);
  });

  it("is revoked by a repeat when the edge could not be told", async () => {
    const all = await sharing();
    await set(all, "public");
    all.edge.isDown = true;
    await expect(set(all, "private")).rejects.toThrow("down");
    all.edge.isDown = false;

    await set(all, "private");

    expect(all.known.size).toBe(1);
  });

  it("is not to be made of what others own", async () => {
    const { ports, videoId } = await sharing();

    await expect(
      setVisibility(ports, { owner: "owner-2", videoId, visibility: "public", now }),
    ).rejects.toMatchObject({ code: "not-found" });
  });

  it("hands out tokens of one to two hours over a day, the same within an hour", () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }),
        (moment) => {
          const left = publicTokenExpiry(moment).getTime() - moment.getTime();
          expect(left).toBeGreaterThan(24 * 3_600_000);
          expect(left).toBeLessThanOrEqual(25 * 3_600_000);
          expect(publicTokensEnd(moment).getTime()).toBeGreaterThan(
            publicTokenExpiry(moment).getTime(),
          );
          const hour = new Date(Math.floor(moment.getTime() / 3_600_000) * 3_600_000);
          expect(publicTokenExpiry(hour)).toEqual(publicTokenExpiry(moment));
        },
      ),
    );
  });
});

describe("a request to share", () => {
  it.each([
    [createLinkRequestSchema, {}],
    [createLinkRequestSchema, { expiresInSeconds: 59 }],
    [createLinkRequestSchema, { expiresInSeconds: 366 * 86_400 + 1 }],
    [createLinkRequestSchema, { expiresInSeconds: 60.5 }],
    [createLinkRequestSchema, { expiresInSeconds: 60, label: "a\u0000b" }],
    [createLinkRequestSchema, { expiresInSeconds: 60, expires: 1 }],
    [updateVideoRequestSchema, {}],
    [updateVideoRequestSchema, { visibility: "unlisted" }],
    [updateVideoRequestSchema, { title: "  " }],
    [updateVideoRequestSchema, { owner: "me" }],
  ])("%# is refused", (schema, request) => {
    expect(schema.safeParse(request).success).toBe(false);
  });
});
