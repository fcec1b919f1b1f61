import { memorySourceStorage } from "./memory-source-storage.ts";
import { memoryUploadStore } from "./memory-upload-store.ts";
import { describeSourceStorage } from "./source-storage-contract.ts";
import { describeUploadStore } from "./upload-store-contract.ts";

describeUploadStore("memory", memoryUploadStore);

const storage = memorySourceStorage();
describeSourceStorage("memory", () => ({
  storage,
  putPart: async ({ storageId }, partNumber, bytes) =>
    storage.putPart(storageId, partNumber, bytes),
}));
