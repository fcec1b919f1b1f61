/** The start command in a process of its own; benches and faults drive it the same way. */
export * from "@sluice/load-tests/system/sluice-process.ts";
