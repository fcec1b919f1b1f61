import { availableParallelism } from "node:os";
import { z } from "zod";
import type { CloudContext, Credentials } from "../context.ts";
import type { AwsService, FunctionInvoker } from "../service.ts";
import type { SqsService } from "../sqs/index.ts";
import { AsyncInvocations } from "./async-invocations.ts";
import { CodeStore } from "./code-store.ts";
import { documents } from "./documents.ts";
import { invokeConfigProperties } from "./function-config.ts";
import { functionProvider } from "./function-resource.ts";
import { Functions } from "./functions.ts";
import { handleLambda } from "./http-api.ts";
import { hostConcurrency } from "./limits.ts";
import { Mappings } from "./mappings.ts";
import {
  aliasProvider,
  invokeConfigProvider,
  layerProvider,
  mappingProvider,
  permissionDocument,
  permissionProvider,
  versionProvider,
} from "./resources.ts";

export interface LambdaService extends AwsService, FunctionInvoker {
  /**
   * Invokes without waiting: durable once it resolves, tried three times.
   * @throws AwsError ResourceNotFoundException, RequestEntityTooLargeException
   */
  invokeAsync(functionArn: string, payload: Uint8Array): Promise<void>;
}

export interface LambdaOptions {
  readonly sqs: SqsService;
  /** Credentials for a function's role; the local ones by default. */
  readonly credentialsFor?: ((roleArn: string) => Credentials) | undefined;
  /** Environments of one function that run at once; work above it waits. Default: by memory and cores. */
  readonly hostConcurrency?: ((memoryMb: number) => number) | undefined;
  /** A warm environment without work ends after this long. Default 5 minutes. */
  readonly idleMs?: number | undefined;
  /** Running invocations may finish within this time at `stop`. Default 2 seconds. */
  readonly graceMs?: number | undefined;
}

/** AWS Lambda for Node.js functions, a process per execution environment. */
export function createLambdaService(context: CloudContext, options: LambdaOptions): LambdaService {
  const { sqs } = options;
  const { database } = context;
  const cores = availableParallelism();
  const functions = new Functions({
    context,
    credentialsFor: options.credentialsFor ?? (() => context.credentials),
    hostConcurrency: options.hostConcurrency ?? ((memoryMb) => hostConcurrency(memoryMb, cores)),
    idleMs: options.idleMs ?? 300_000,
  });
  const code = new CodeStore(context.dataDir);
  const layerDocument = z.strictObject({ arn: z.string(), directory: z.string() });
  const layers = documents(database, "layer", layerDocument);
  const permissions = documents(database, "permission", permissionDocument);
  const invokeConfigs = documents(database, "invoke-config", invokeConfigProperties);
  const mappings = new Mappings({ context, sqs, functions });
  const asyncInvocations = new AsyncInvocations({ context, functions, sqs, invokeConfigs });
  const mappingArn = (id: string) =>
    `arn:aws:lambda:${context.region}:${context.accountId}:event-source-mapping:${id}`;
  const api = { functions, mappings, asyncInvocations, mappingArn };

  return {
    signingName: "lambda",
    resourceProviders: [
      functionProvider({ context, functions, code, layers }),
      layerProvider(context, layers),
      permissionProvider(permissions),
      invokeConfigProvider(invokeConfigs),
      mappingProvider(context, mappings, mappingArn),
      versionProvider(functions),
      aliasProvider(functions),
    ],
    timedRows: [{ table: "lambda_async_invocations", columns: ["received_at", "due_at"] }],
    rearm: () => asyncInvocations.rearm(),
    handle: (exchange) => handleLambda(exchange, api),
    async start() {
      await code.keepOnly(functions.all().map((it) => it.codeDirectory));
      mappings.start();
      asyncInvocations.start();
    },
    async stop() {
      const polling = mappings.stop();
      const queued = asyncInvocations.stop();
      await functions.stop(options.graceMs ?? 2000);
      await Promise.all([polling, queued]);
    },
    async invoke(functionArn, payload) {
      const { failed, payload: answer, requestId } = await functions.invoke(functionArn, payload);
      return { payload: answer, requestId, ...(failed && { functionError: "Unhandled" }) };
    },
    async invokeAsync(functionArn, payload) {
      asyncInvocations.add(functionArn, Buffer.from(payload));
    },
  };
}
