import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { LinkStore, Publications, RevocationLedger } from "../ports.ts";

export interface LinkHarness {
  readonly links: LinkStore;
  readonly ledger: RevocationLedger;
  readonly publications: Publications;
  /** Records a video of `owner` that is ready; answers its id. */
  addVideo(owner: string): Promise<string>;
}

const now = new Date("2026-01-01T00:00:00Z");
const later = (hours: number) => new Date(now.getTime() + hours * 3_600_000);

/** What every store of links promises, whatever it is made of. */
export const describeLinkStore = (name: string, harness: () => LinkHarness) => {
  describe(`a link store of ${name}`, () => {
    const add = async (videoId: string, expiresAt = later(1), label?: string) => {
      const linkId = randomUUID();
      await harness().links.add({ videoId, linkId, label, expiresAt }, 100, now);
      return linkId;
    };
    const listed = async (videoId: string, at = now) =>
      (await harness().links.list(videoId, at)).map(({ linkId }) => linkId);
    const pendingOf = async (...linkIds: string[]) =>
      (await harness().ledger.pending(1000))
        .filter(({ linkId }) => linkIds.includes(linkId))
        .map(({ linkId }) => linkId);

    it("lists the links of a video that have not ended, newest first", async () => {
      // Prepare
      const videoId = await harness().addVideo("owner-1");
      const first = await add(videoId, later(1), "for Ada");
      const second = await add(videoId, later(2));
      await add(videoId, now);
      await add(await harness().addVideo("owner-1"));

      // Act, assess
      expect(await listed(videoId)).toEqual([second, first]);
      expect(await harness().links.list(videoId, later(0))).toEqual([
        expect.objectContaining({ linkId: second, label: undefined, expiresAt: later(2) }),
        expect.objectContaining({ linkId: first, label: "for Ada", expiresAt: later(1) }),
      ]);
      expect(await listed(videoId, later(1))).toEqual([second]);
    });

    it("adds no more than the limit of those that have not ended", async () => {
      const videoId = await harness().addVideo("owner-1");
      const link = () => ({ videoId, linkId: randomUUID(), label: undefined });

      await harness().links.add({ ...link(), expiresAt: now }, 1, now);
      expect(await harness().links.add({ ...link(), expiresAt: later(1) }, 1, now)).toBeDefined();
      expect(await harness().links.add({ ...link(), expiresAt: later(1) }, 1, now)).toBeUndefined();
    });

    it("keeps a revoked link in sight until the edge was told, and takes repeats", async () => {
      // Prepare
      const videoId = await harness().addVideo("owner-1");
      const linkId = await add(videoId);
      const { links, ledger } = harness();

      // Act, assess
      expect(await links.beginRevocation(randomUUID(), linkId, now)).toBe(false);
      expect(await pendingOf(linkId)).toEqual([]);
      expect(await links.beginRevocation(videoId, linkId, now)).toBe(true);
      expect(await pendingOf(linkId)).toEqual([linkId]);
      expect(await listed(videoId)).toEqual([linkId]);
      await ledger.finish([linkId]);
      expect(await pendingOf(linkId)).toEqual([]);
      expect(await listed(videoId)).toEqual([]);
      expect(await links.beginRevocation(videoId, linkId, now)).toBe(true);
      expect(await pendingOf(linkId)).toEqual([]);
      expect(await links.beginRevocation(videoId, linkId, later(1))).toBe(false);
    });

    it("marks every link of a video, the public one too, and none that has ended", async () => {
      // Prepare
      const { links, publications } = harness();
      const videoId = await harness().addVideo("owner-1");
      const [one, ended, open] = [await add(videoId), await add(videoId, now), randomUUID()];
      await publications.publish("owner-1", videoId, open);

      // Act
      await links.beginRevocationOfAll(videoId, now, later(26));
      await links.beginRevocationOfAll(videoId, now, later(26));

      // Assess
      expect((await pendingOf(one, ended, open)).sort()).toEqual([one, open].sort());
      expect(await publications.find(videoId)).toBeUndefined();
    });

    it("remembers what ended until it is told to forget it, and whether the edge knows", async () => {
      // Prepare
      const { links, ledger } = harness();
      const videoId = await harness().addVideo("owner-1");
      const long = new Date("1990-01-01T00:00:00Z");
      const [quiet, revoked] = [
        await add(videoId, long),
        await add(videoId, new Date(long.getTime() - 1)),
      ];
      await links.beginRevocation(videoId, revoked, new Date("1980-01-01T00:00:00Z"));
      await ledger.finish([revoked]);

      // Act
      const ended = await ledger.ended(new Date("1991-01-01T00:00:00Z"), 10);
      await ledger.forget([quiet, revoked]);

      // Assess
      expect(ended.toSorted((a, b) => Number(a.told) - Number(b.told))).toEqual([
        { linkId: quiet, told: false },
        { linkId: revoked, told: true },
      ]);
      expect(await ledger.ended(new Date("1991-01-01T00:00:00Z"), 10)).toEqual([]);
    });

    it("gives a public video one link, and another when it becomes public again", async () => {
      // Prepare
      const { publications } = harness();
      const videoId = await harness().addVideo("owner-1");
      const [first, second] = [randomUUID(), randomUUID()];

      // Act, assess
      expect(await publications.find(videoId)).toBeUndefined();
      expect(await publications.publish("owner-2", videoId, first)).toBe(false);
      expect(await publications.publish("owner-1", videoId, first)).toBe(true);
      expect(await publications.publish("owner-1", videoId, second)).toBe(true);
      expect(await publications.find(videoId)).toMatchObject({
        ...{ videoId, title: "Film", status: "ready", planHash: "hash", publicLinkId: first },
      });
      expect(await publications.withdraw("owner-2", videoId, later(26))).toBe(false);
      expect(await publications.withdraw("owner-1", videoId, later(26))).toBe(true);
      expect(await publications.withdraw("owner-1", videoId, later(26))).toBe(true);
      expect(await pendingOf(first)).toEqual([first]);
      expect(await publications.publish("owner-1", videoId, second)).toBe(true);
      expect(await publications.find(videoId)).toMatchObject({ publicLinkId: second });
    });
  });
};
