import type { Dispatch } from "@sluice/contracts";
import type { VideoStatus } from "../../transcode/ports.ts";
import { rememberAbortedMs } from "../domain/patience.ts";
import type { Patience, SweepStore } from "../ports.ts";
import type { SweepHarness, TaskRow, UploadRow } from "./sweep-store-contract.ts";

interface Row {
  readonly videoId: string;
  readonly status: VideoStatus;
  readonly dispatch: Dispatch;
  readonly since: Date;
  readonly upload: UploadRow | undefined;
  readonly tasks: readonly TaskRow[];
  readonly isCleaned: boolean;
  sweptAt?: Date;
  sweeps: number;
}

const maxDoublings = 7;

/** Tables as a map, whose moments tests choose. */
export const memorySweepStore = (): SweepHarness => {
  const rows = new Map<string, Row>();

  const take = (fits: (row: Row) => boolean, now: Date, limit: number): Row[] => {
    const found = [...rows.values()]
      .filter(fits)
      .sort((a, b) => (a.sweptAt ?? a.since).getTime() - (b.sweptAt ?? b.since).getTime())
      .slice(0, limit);
    for (const row of found) {
      row.sweptAt = now;
      row.sweeps += 1;
    }
    return found;
  };
  const age = ({ now }: Patience, moment: Date | undefined) =>
    moment === undefined ? Number.POSITIVE_INFINITY : now.getTime() - moment.getTime();

  const store: SweepStore = {
    async takeStuck(status, patience, limit) {
      const { now, waitMs } = patience;
      const fits = (row: Row) =>
        row.status === status &&
        age(patience, row.since) > waitMs &&
        age(patience, row.sweptAt) > waitMs * 2 ** Math.min(row.sweeps, maxDoublings) &&
        !(status === "failed" && row.isCleaned) &&
        !(
          status === "deleting" &&
          row.upload?.state === "aborted" &&
          age(patience, row.since) <= rememberAbortedMs
        );
      return take(fits, now, limit).map(({ videoId, sweeps }) => ({
        ...{ videoId, sweeps, fileName: "film.mp4", correlationId: "correlation" },
      }));
    },

    async takeSilent(patience, limit) {
      const isSilent = ({ dispatchedAt, seenAt }: TaskRow) =>
        dispatchedAt === undefined ||
        Math.min(age(patience, dispatchedAt), age(patience, seenAt)) > patience.waitMs;
      const fits = ({ status, since, sweptAt, tasks }: Row) => {
        const unfinished = tasks.filter(({ finished }) => !finished);
        return (
          status === "transcoding" &&
          age(patience, since) > patience.waitMs &&
          age(patience, sweptAt) > patience.waitMs &&
          (unfinished.length === 0 || unfinished.some(isSilent))
        );
      };
      return take(fits, patience.now, limit).map(({ videoId, dispatch, since }) => ({
        ...{ videoId, dispatch, since },
      }));
    },

    async signsOf(video) {
      const tasks = rows.get(video.videoId)?.tasks ?? [];
      const signs = tasks.flatMap(({ dispatchedAt, seenAt }) =>
        [dispatchedAt, seenAt].filter((moment) => moment !== undefined),
      );
      return {
        ...video,
        lastSign: signs.toSorted((a, b) => b.getTime() - a.getTime())[0],
        unfinished: tasks
          .filter(({ finished }) => !finished)
          .map(({ kind, finished: _, ...task }) => ({ ...task, spec: { kind } })),
      };
    },

    async takeIdle(patience, limit) {
      const fits = ({ status, upload, sweptAt }: Row) =>
        upload?.state === "open" &&
        status !== "deleting" &&
        age(patience, sweptAt) > patience.waitMs &&
        age(patience, upload.activeAt) >
          (upload.completedParts === undefined ? patience.staleMs : patience.waitMs);
      return take(fits, patience.now, limit).flatMap(({ videoId, upload }) =>
        upload ? [{ videoId, ...withoutState(upload) }] : [],
      );
    },
  };

  return {
    store,
    async add({ videoId, status, dispatch = "pull", since, isCleaned = false, ...rest }) {
      rows.set(videoId, {
        ...{ videoId, status, dispatch, since, isCleaned },
        upload: rest.upload,
        tasks: rest.tasks ?? [],
        sweeps: 0,
      });
    },
  };
};

const withoutState = ({ state: _, ...upload }: UploadRow) => upload;
