import type { IncomingMessage, ServerResponse } from "node:http";
import type { SigningAlgorithm } from "./http/signature-claim.ts";
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
  /**
   * The whole body, hash checked against the signature; services with small bodies use this.
   * @throws AwsError RequestEntityTooLargeException (413) when it is longer than `maxBytes`
   */
  body(maxBytes: number): Promise<Buffer>;
  /** The body as it arrives, for services that must not hold it in memory. Either this or `body`. */
  stream(): AwsBodyStream;
}

/** A body on its way, freed of aws-chunked framing. */
export interface AwsBodyStream {
  /** Bytes to come, when the client says. */
  readonly length: number | undefined;
  /**
   * Throws an AwsError when the body is not what was signed, is cut short or stalls: whatever was
   * kept of it must then be thrown away.
   */
  readonly chunks: AsyncIterable<Buffer>;
  /** Trailing headers by lower-case name, complete once `chunks` has ended. */
  readonly trailers: ReadonlyMap<string, string>;
}

/** One AWS service: its resource types, its API, its background work. */
export interface AwsService {
  /** The name in the SigV4 credential scope: `s3`, `sqs`, `lambda`, `rds-data`, `secretsmanager`, `execute-api`, `sns`, `events`. */
  readonly signingName: string;
  /** How its requests are signed: AWS4-HMAC-SHA256 unless it says otherwise. */
  readonly signingAlgorithm?: SigningAlgorithm;
  // biome-ignore lint/suspicious/noExplicitAny: each provider has its own property type, checked by its schema
  readonly resourceProviders: readonly ResourceProvider<any>[];
  /** Sets headers that every answer carries, refusals of the signature too (S3: CORS). */
  prepare?(request: IncomingMessage, response: ServerResponse): void;
  handle(exchange: AwsExchange): Promise<void>;
  /**
   * Columns of its tables that hold times (epoch milliseconds) at which something falls due or is
   * measured from. They move with a clock that was set back.
   */
  readonly timedRows?: readonly { readonly table: string; readonly columns: readonly string[] }[];
  /** Looks again at what is due, after `timedRows` have moved. */
  rearm?(): void;
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
