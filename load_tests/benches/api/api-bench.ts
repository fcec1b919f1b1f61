import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { interleave } from "../../core/interleave.ts";
import { type Row, rowOf } from "../../core/row.ts";
import { type ChildServer, startChildServer } from "../../system/child-server.ts";
import { restApiId } from "../../system/control-state.ts";
import { endEnvironments, environmentsOf } from "../../system/function-environments.ts";
import { environmentOf } from "../../system/process-table.ts";
import { type RunningSluice, startSluice } from "../../system/running-sluice.ts";
import { inScope } from "../../system/scope.ts";
import { temporaryDirectory } from "../../system/temporary-directory.ts";
import type { Bench, Size } from "../bench.ts";
import { askOnce, type LoadResult, load, type Target } from "./load.ts";

const bareServer = join(import.meta.dirname, "bare-server.ts");
const functionName = "ListVideos";
const connections = 20;

const plans: Readonly<Record<Size, { rounds: number; seconds: number; coldStarts: number }>> = {
  quick: { rounds: 3, seconds: 3, coldStarts: 3 },
  default: { rounds: 5, seconds: 8, coldStarts: 7 },
  full: { rounds: 9, seconds: 20, coldStarts: 15 },
};
const warmUpSeconds = 3;

/** Two requests to one function. The second is refused by its schema, before it asks the database. */
const requests = [
  { what: "with the database", path: "/videos?limit=10", status: 200 },
  { what: "without the database", path: "/videos?limit=0", status: 400 },
] as const;

const baselineName = "the same handler behind node:http";

export const apiBench: Bench = {
  summary: "API Gateway and Lambda, with and without the database, beside a bare node:http server",
  steps: (size) => 1 + requests.length * 2 * (1 + plans[size].rounds + plans[size].coldStarts),
  run: (size, step) =>
    inScope(async (scope) => {
      step("starting Sluice");
      const directory = scope.use(await temporaryDirectory("bench-api"));
      const sluice = scope.use(await startSluice(join(directory.path, "data")));
      const setting = await prepare(sluice);
      const rows: Row[] = [];
      for (const request of requests) rows.push(...(await measure(request, size, setting, step)));
      return rows;
    }),
};

interface Setting {
  readonly sluice: RunningSluice;
  /** Of API Gateway itself, without the edge. */
  readonly gateway: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What the function's processes are started with. */
  readonly environment: Readonly<Record<string, string>>;
}

/** A library of ten videos that were announced and never sent, and a function that has run once. */
async function prepare(sluice: RunningSluice): Promise<Setting> {
  const { api, ready, dataDir } = sluice;
  for (let video = 1; video <= 10; video++) {
    await api.createUpload({ fileName: `film-${video}.mp4`, size: 1_000_000 }, randomUUID());
  }
  await api.listVideos({ limit: 10 });
  const [process] = environmentsOf(sluice, functionName);
  if (!process) throw new Error("The function that was just called has no process.");
  return {
    sluice,
    gateway: `${ready.endpoint}/restapis/${restApiId(dataDir)}/api/_user_request_`,
    headers: { authorization: `Bearer ${ready.token}` },
    environment: environmentOf(process.pid),
  };
}

async function measure(
  request: (typeof requests)[number],
  size: Size,
  setting: Setting,
  step: (text: string) => void,
): Promise<Row[]> {
  const { rounds, seconds, coldStarts } = plans[size];
  const ours: Target = {
    url: `${setting.gateway}${request.path}`,
    headers: setting.headers,
    status: request.status,
  };
  const say = (what: string) => (arm: string, round: number) =>
    step(`${request.what}: ${what} ${round + 1}, ${arm}`);

  const loads = await inScope(async (scope) => {
    const bare = scope.use(await startBare(setting));
    const arms = { gateway: ours, bare: { ...ours, url: `${bare.url}${request.path}` } };
    for (const [arm, target] of Object.entries(arms)) {
      say("warm-up")(arm, 0);
      await load(target, { connections, seconds: warmUpSeconds });
    }
    return interleave(
      {
        gateway: () => load(arms.gateway, { connections, seconds }),
        bare: () => load(arms.bare, { connections, seconds }),
      },
      rounds,
      say("round"),
    );
  });
  const starts = await interleave(
    {
      gateway: async () => {
        await endEnvironments(setting.sluice, functionName);
        return askOnce(ours);
      },
      bare: () =>
        inScope(async (scope) => {
          const began = performance.now();
          const bare = scope.use(await startBare(setting));
          await askOnce({ ...ours, url: `${bare.url}${request.path}` });
          return performance.now() - began;
        }),
    },
    coldStarts,
    say("cold start"),
  );

  const row = (what: string, unit: string, value: (result: LoadResult) => number) =>
    rowOf({
      what: `${what}, ${request.what}, ${connections} at once`,
      unit,
      ours: (loads.get("gateway") ?? []).map(value),
      baseline: { name: baselineName, values: (loads.get("bare") ?? []).map(value) },
    });
  return [
    row("requests", "1/s", ({ requestsASecond }) => requestsASecond),
    row("p50", "ms", ({ p50 }) => p50),
    row("p99", "ms", ({ p99 }) => p99),
    rowOf({
      what: `cold start, ${request.what}`,
      unit: "ms",
      ours: starts.get("gateway") ?? [],
      baseline: { name: "a bare server's start", values: starts.get("bare") ?? [] },
    }),
  ];
}

function startBare({ environment }: Setting): Promise<ChildServer> {
  const { AWS_LAMBDA_RUNTIME_API: _runtime, ...rest } = environment;
  return startChildServer(bareServer, [], {
    env: { ...rest, BARE_OWNER: "local-user" },
    ...(rest.LAMBDA_TASK_ROOT === undefined ? {} : { cwd: rest.LAMBDA_TASK_ROOT }),
  });
}
