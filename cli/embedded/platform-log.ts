import { join } from "node:path";
import type { InertFinding, Log } from "@sluice/cloud";
import pino from "pino";

/** What the cloud and the edge tell: JSON lines in the data directory, beside the functions' own logs. */
export function openPlatformLog(dataDir: string): Log {
  const logger = pino(
    { level: "info", base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: join(dataDir, "logs", "sluice.log"), mkdir: true, sync: true }),
  );
  return (level, message, fields = {}) => logger[level](fields, message);
}

/** One sentence that names every resource type without effect on this machine, or undefined. */
export function describeInert(findings: readonly InertFinding[]): string | undefined {
  const types = new Set(
    findings.filter(({ properties }) => properties === undefined).map(({ type }) => type),
  );
  const properties = findings.reduce((sum, finding) => sum + (finding.properties?.length ?? 0), 0);
  if (types.size === 0 && properties === 0) return undefined;
  return `Without effect on this machine: ${[...types].sort().join(", ")}; and ${properties} properties, listed in logs/sluice.log.`;
}
