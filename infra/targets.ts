import { availableParallelism } from "node:os";
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { Architecture } from "aws-cdk-lib/aws-lambda";

export const targetNames = ["embedded", "localstack", "aws"] as const;
export type TargetName = (typeof targetNames)[number];

/** How tasks reach workers (docs/decisions/0008-push-beside-pull.md). */
export const dispatches = ["pull", "push"] as const;
export type Dispatch = (typeof dispatches)[number];

export type TaskKind = "transcode" | "audio" | "thumbnail" | "metadata";

/** Everything in which the targets differ. Nothing else in the app asks for the target's name. */
export interface Target {
  readonly name: TargetName;
  /** False: somebody else's database; the app stack takes its ARNs and its Data API's endpoint as parameters. */
  readonly hasDatabaseStack: boolean;
  /** False: CloudFront is not to be had; the edge runs beside it and brings its own key pair id. */
  readonly hasEdge: boolean;
  /** True: signing must name another S3 endpoint than the one functions use (parameter `PublicS3Endpoint`). */
  readonly hasPublicS3Endpoint: boolean;
  /** What happens to the buckets when their stack is deleted. */
  readonly bucketRemovalPolicy: RemovalPolicy;
  readonly databaseRemovalPolicy: RemovalPolicy;
  readonly databaseDeletionProtection: boolean;
  readonly databaseBackupRetention: Duration;
  readonly logRetentionDays: 7 | 90;
  readonly architecture: Architecture;
  /** Directory of `layers/ffmpeg/dist` that holds the binaries. */
  readonly ffmpegVariant: "embedded" | "linux-arm64" | "linux-x64";
  readonly transcodeMemoryMiB: number;
  /** Largest number of transcode functions at once (event source mapping, 2 to 1,000). */
  readonly transcodeConcurrency: number;
  /**
   * Largest number at once of the functions that a topic starts, by kind (reserved concurrency, which
   * no other function of the account can use).
   */
  readonly pushConcurrency: Readonly<Record<TaskKind, number>>;
  /** Likewise of plan and of package functions. */
  readonly lightConcurrency: number;
  /** Whom webhooks may reach: `local` adds receivers on this machine, by plain http. */
  readonly webhookReceivers: "public" | "local";
  /** How often the sweeper goes round. */
  readonly sweepEvery: Duration;
  /** An upload that nobody goes on with for so long is ended. */
  readonly staleUploadDays: number;
  /** Of videos whose upload does not say. */
  readonly defaultDispatch: Dispatch;
  readonly maxSourceBytes: number;
  readonly requiresHttps: boolean;
  /** Where the page may connect besides its own address (Content Security Policy, `connect-src`). */
  readonly pageConnectsTo: string;
  /** False: assets are read by path, no bootstrap stack exists whose version could be checked. */
  readonly hasBootstrapStack: boolean;
}

export interface Machine {
  readonly cpus: number;
  /** As `process.arch` says it. */
  readonly arch: string;
}

const gibibyte = 1024 ** 3;
const thisMachine: Machine = { cpus: availableParallelism(), arch: process.arch };

/**
 * The target of a synthesis; without a name it is the one that costs nothing and needs no account.
 * @throws Error when there is no such target; the message lists those there are
 */
export function targetNamed(name: unknown, machine: Machine = thisMachine): Target {
  switch (name ?? "embedded") {
    case "embedded":
      return embedded(machine);
    case "localstack":
      return localstack(machine);
    case "aws":
      return aws();
    default:
      throw new Error(
        `Unknown target ${JSON.stringify(name)}: use -c target=${targetNames.join(" or -c target=")}.`,
      );
  }
}

/**
 * A target whose videos are dispatched as asked for, for example by `cdk synth -c dispatch=push`.
 * @throws Error when there is no such way
 */
export function dispatchedBy(target: Target, dispatch: unknown): Target {
  if (dispatch === undefined) return target;
  const defaultDispatch = dispatches.find((each) => each === dispatch);
  if (defaultDispatch) return { ...target, defaultDispatch };
  throw new Error(
    `Unknown dispatch ${JSON.stringify(dispatch)}: use -c dispatch=${dispatches.join(" or -c dispatch=")}.`,
  );
}

function embedded(machine: Machine): Target {
  return {
    name: "embedded",
    hasDatabaseStack: true,
    hasEdge: true,
    // Browser and functions see the same loopback address.
    hasPublicS3Endpoint: false,
    // --fresh means fresh: nothing may stay behind.
    bucketRemovalPolicy: RemovalPolicy.DESTROY,
    databaseRemovalPolicy: RemovalPolicy.DESTROY,
    databaseDeletionProtection: false,
    databaseBackupRetention: Duration.days(1),
    logRetentionDays: 7,
    architecture: architectureOf(machine),
    // The machine's own ffmpeg, by link.
    ffmpegVariant: "embedded",
    // A 4K chunk needs 2.1 GB. The host runs as many as it has processors at this size.
    transcodeMemoryMiB: 3538,
    // One ffmpeg a processor keeps them busy, since its encoders have one thread each: a third on two
    // could win 12 % at most (docs/decisions/0007-one-thread-per-encoder.md), and would slow the first
    // chunk down, for which viewers wait. 2 is the least an event source mapping takes.
    transcodeConcurrency: Math.max(2, machine.cpus),
    // As many encoders of pictures as by pull; all others take turns beside them.
    pushConcurrency: {
      transcode: Math.max(2, machine.cpus),
      audio: 1,
      thumbnail: 1,
      metadata: 1,
    },
    lightConcurrency: 2,
    // Whoever can ask has this machine already, and what is tried out here listens on loopback.
    webhookReceivers: "local",
    // Nobody pays for a look into a database that is awake anyway.
    sweepEvery: Duration.minutes(1),
    staleUploadDays: 7,
    defaultDispatch: "pull",
    // A disk, not S3: a mistaken size must not fill it.
    maxSourceBytes: 64 * gibibyte,
    // Loopback counts as a secure context; a certificate would only bring a warning.
    requiresHttps: false,
    // Parts go to the endpoint, whose port is not known before it listens.
    pageConnectsTo: "http://127.0.0.1:*",
    hasBootstrapStack: false,
  };
}

function localstack(machine: Machine): Target {
  return {
    ...embedded(machine),
    name: "localstack",
    // Aurora and CloudFront are not in its free edition.
    hasDatabaseStack: false,
    hasEdge: false,
    // The browser reaches it by another host name than its functions do.
    hasPublicS3Endpoint: true,
    // Its functions run in containers: binaries must bring all they need.
    ffmpegVariant: machine.arch === "arm64" ? "linux-arm64" : "linux-x64",
    // Loopback is the function's own container there, with nobody in it but its runtime.
    webhookReceivers: "public",
  };
}

function aws(): Target {
  return {
    name: "aws",
    hasDatabaseStack: true,
    hasEdge: true,
    hasPublicS3Endpoint: false,
    // Videos outlive mistakes: a deleted stack leaves buckets and a snapshot behind.
    bucketRemovalPolicy: RemovalPolicy.RETAIN,
    databaseRemovalPolicy: RemovalPolicy.SNAPSHOT,
    databaseDeletionProtection: true,
    databaseBackupRetention: Duration.days(14),
    logRetentionDays: 90,
    // Cheaper by the second, and one SIMD class everywhere: the same task gives the same bytes.
    architecture: Architecture.ARM_64,
    ffmpegVariant: "linux-arm64",
    // 2 vCPUs (1 at each 1,769 MB): encoders have one thread each, so that a chunk keeps 1.5 to 1.8
    // cores busy on two, and 1.9 (2160p) to 2.5 at most (docs/decisions/0007-one-thread-per-encoder.md).
    // A chunk of 120 CPU-seconds takes little more than a minute; a 2160p one needs 2.1 GB.
    transcodeMemoryMiB: 3538,
    // Many at once, yet far from the account's 1,000, so that the API always finds room.
    transcodeConcurrency: 50,
    // 80 of the account's 1,000, of which 100 must stay unreserved (AWS Lambda guide, "Reserved
    // concurrency"). One sound is made beside many chunks.
    pushConcurrency: { transcode: 50, audio: 10, thumbnail: 10, metadata: 10 },
    lightConcurrency: 10,
    // Anybody with an account chooses the address: nothing of ours may be behind it.
    webhookReceivers: "public",
    // Each look keeps Aurora awake for the minutes after which it pauses: more often, it never would.
    sweepEvery: Duration.minutes(15),
    // As the bucket's own rule, which counts from the beginning of the upload.
    staleUploadDays: 7,
    defaultDispatch: "pull",
    // 10,000 parts of at most 64 MiB stay below 625 GiB; nobody's film is larger than this.
    maxSourceBytes: 256 * gibibyte,
    requiresHttps: true,
    // Parts go to S3, and signing in to whatever hosts the issuer's discovery document names.
    pageConnectsTo: "https:",
    hasBootstrapStack: true,
  };
}

function architectureOf(machine: Machine): Architecture {
  return machine.arch === "arm64" ? Architecture.ARM_64 : Architecture.X86_64;
}
