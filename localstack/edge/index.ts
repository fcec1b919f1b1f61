export { type Edge, type EdgeOptions, openEdge } from "./open-edge.ts";
export type { AwsConnection } from "./origin/origin-client.ts";
