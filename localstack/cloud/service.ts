import type { IncomingMessage, ServerResponse } from "node:http";
import type { ResourceProvider } from "./resource-provider.ts";

/** Who signed a request. */
export type Identity =
  | { readonly kind: "anonymous" }
  | { readonly kind: "signed"; readonly accessKeyId: string };

/** One request on the endpoint, after routing and signature check. */
export interface AwsExchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly requestId: string;
  readonly identity: Identity;
  /** The whole body, hash checked against the signature; services with small bodies use this. */
  body(maxBytes: number): Promise<Buffer>;
}

/** One AWS service: its resource types, its API, its background work. */
export interface AwsService {
  /** The name in the SigV4 credential scope: `s3`, `sqs`, `lambda`, `rds-data`, `secretsmanager`, `execute-api`. */
  readonly signingName: string;
  // biome-ignore lint/suspicious/noExplicitAny: each provider has its own property type, checked by its schema
  readonly resourceProviders: readonly ResourceProvider<any>[];
  handle(exchange: AwsExchange): Promise<void>;
  /** Called once when every resource stands: pollers, lifecycle, timers begin. */
  start(): Promise<void>;
  /** Ends background work and every child process; resolves when nothing is left running. */
  stop(): Promise<void>;
}

/** What API Gateway, event source mappings and the API itself need of Lambda. */
export interface FunctionInvoker {
  /**
   * Invokes synchronously.
   * @throws AwsError ResourceNotFoundException, TooManyRequestsException, RequestEntityTooLargeException
   */
  invoke(functionArn: string, payload: Uint8Array): Promise<InvocationResult>;
}

export interface InvocationResult {
  readonly payload: Buffer;
  /** `Unhandled` or `Handled` when the function failed (AWS: header X-Amz-Function-Error). */
  readonly functionError?: string;
  readonly requestId: string;
}

/** What S3 notifications need of SQS. */
export interface QueueSender {
  /** @throws AwsError AWS.SimpleQueueService.NonExistentQueue */
  sendMessage(queueArn: string, body: string): Promise<void>;
}
