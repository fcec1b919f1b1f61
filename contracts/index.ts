export * from "./config.ts";
export * from "./messages.ts";
export * from "./metadata.ts";
export * from "./problem.ts";
export * from "./sharing.ts";
export * from "./upload.ts";
export * from "./video.ts";
export * from "./webhook.ts";
