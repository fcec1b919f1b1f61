import path from "node:path";
import type { CloudContext, Credentials } from "../context.ts";
import type { FunctionConfig } from "./function-config.ts";

export interface EnvironmentPlace {
  readonly runtimeApi: string;
  /** Directory of this environment's own temporary files. */
  readonly temporary: string;
  readonly logStream: string;
}

/**
 * The whole environment of a function's process: what Lambda defines, what the template says and,
 * of the host's, only where its programs are. Layers stay where they are, since `/opt` cannot be
 * made without root; their `bin` and `lib` are found by the same variables as on AWS
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html).
 */
export function environmentVariables(
  config: FunctionConfig,
  context: Pick<CloudContext, "region" | "endpoint">,
  credentials: Credentials,
  place: EnvironmentPlace,
  hostPath: string,
): Record<string, string> {
  const inLayers = (folder: string) =>
    config.layers.map(({ directory }) => path.join(directory, folder));
  const nodeVersion = config.runtime.replace(/\.x$/, "").replace("nodejs", "node");
  const join = (parts: readonly string[]) => parts.filter(Boolean).join(path.delimiter);
  return {
    LANG: "en_US.UTF-8",
    TZ: "UTC",
    TMPDIR: place.temporary,
    AWS_ENDPOINT_URL: context.endpoint(),
    ...config.variables,
    PATH: join([...inLayers("bin"), config.variables.PATH ?? hostPath]),
    LD_LIBRARY_PATH: join([...inLayers("lib"), config.variables.LD_LIBRARY_PATH ?? ""]),
    NODE_PATH: join([
      ...inLayers(`nodejs/${nodeVersion}/node_modules`),
      ...inLayers("nodejs/node_modules"),
      config.variables.NODE_PATH ?? "",
    ]),
    _HANDLER: config.handler,
    LAMBDA_TASK_ROOT: config.codeDirectory,
    AWS_REGION: context.region,
    AWS_DEFAULT_REGION: context.region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_EXECUTION_ENV: `AWS_Lambda_${config.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: config.name,
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(config.memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${config.name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: place.logStream,
    AWS_LAMBDA_RUNTIME_API: place.runtimeApi,
  };
}

/** Memory for JavaScript objects: what the function has, less a tenth for buffers and code. */
export function nodeArguments(config: FunctionConfig): string[] {
  // A template that sets the heap by NODE_OPTIONS keeps its word.
  if (/max[-_]old[-_]space[-_]size/.test(config.variables.NODE_OPTIONS ?? "")) return [];
  return [`--max-old-space-size=${Math.floor(config.memoryMb * 0.9)}`];
}
