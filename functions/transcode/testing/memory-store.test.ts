import { MemoryStore } from "./memory-store.ts";
import { describePipelineStore } from "./pipeline-store-contract.ts";

describePipelineStore("memory", () => {
  const store = new MemoryStore();
  return {
    store,
    addVideo: async (videoId, status) => store.addVideo(videoId, "film.mp4", status),
    removeVideo: async (videoId) => {
      store.rows.delete(videoId);
    },
    extras: async (videoId) => {
      const { hasPoster, hasStoryboard, metadata } = store.row(videoId);
      return { poster: hasPoster, storyboard: hasStoryboard, ...(metadata ? { metadata } : {}) };
    },
    told: async (videoId) => [...store.row(videoId).told],
    shown: async (videoId) => {
      const { durationMs, width, height } = store.row(videoId);
      return { durationMs, width, height };
    },
  };
});
