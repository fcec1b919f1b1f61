import type { NewUpload, UploadRecord, UploadStore } from "../ports.ts";

type Row = UploadRecord & Pick<NewUpload, "owner" | "idempotencyKey">;

export const memoryUploadStore = (): UploadStore => {
  const rows = new Map<string, Row>();
  const change = (uploadId: string, fields: Partial<UploadRecord>) => {
    const row = rows.get(uploadId);
    if (row) rows.set(uploadId, { ...row, ...fields });
  };

  return {
    async create(upload) {
      const earlier = [...rows.values()].find(
        (row) => row.owner === upload.owner && row.idempotencyKey === upload.idempotencyKey,
      );
      if (earlier) return earlier;
      const { uploadId, videoId, owner, size, partSize } = upload;
      const { idempotencyKey, requestHash } = upload;
      const row: Row = {
        ...{ uploadId, videoId, owner, size, partSize, idempotencyKey, requestHash },
        state: "open",
        storageId: undefined,
        completedParts: undefined,
        activeAt: new Date(),
      };
      rows.set(uploadId, row);
      return row;
    },
    async find(owner, uploadId) {
      const row = rows.get(uploadId);
      return row?.owner === owner ? row : undefined;
    },
    async attachStorage(uploadId, storageId) {
      if (rows.get(uploadId)?.state !== "open") return undefined;
      if (rows.get(uploadId)?.storageId === undefined) change(uploadId, { storageId });
      return rows.get(uploadId)?.storageId;
    },
    async touch(uploadId) {
      change(uploadId, { activeAt: new Date() });
    },
    async intendCompletion(uploadId, completedParts) {
      if (rows.get(uploadId)?.state === "open") change(uploadId, { completedParts });
    },
    async markCompleted(uploadId, completedParts, size) {
      if (rows.get(uploadId)?.state === "open") {
        change(uploadId, { completedParts, size, state: "completed" });
      }
    },
    async markAborted(uploadId) {
      if (rows.get(uploadId)?.state === "open") change(uploadId, { state: "aborted" });
    },
  };
};
