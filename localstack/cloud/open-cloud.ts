import { StartError } from "./aws-error.ts";
import { type Clock, systemClock } from "./clock.ts";
import { watchClock } from "./clock-watch.ts";
import { readAssembly } from "./cloudformation/assembly.ts";
import { collectProviders } from "./cloudformation/provider-table.ts";
import { type ReconcileResult, reconcile } from "./cloudformation/reconcile.ts";
import type { CloudContext, Credentials, Log } from "./context.ts";
import { openEndpoint } from "./http/index.ts";
import { iamProviders } from "./iam/index.ts";
import { openSupervisor } from "./processes/supervisor.ts";
import type { ResourceProvider } from "./resource-provider.ts";
import type { AwsService } from "./service.ts";
import type { DeliveryFaults } from "./sqs/index.ts";
import { createStandardServices } from "./standard-services.ts";
import { localCredentials } from "./state/credentials.ts";
import { prepareDataDir } from "./state/data-dir.ts";
import { lockDataDir } from "./state/lock.ts";
import { openState } from "./state/state.ts";

export interface CloudOptions {
  /** Everything the cloud keeps is in here; made when it is not there. */
  readonly dataDir: string;
  /** Of the endpoint; 0 takes a free one. */
  readonly port?: number;
  readonly host?: string;
  readonly clock?: Clock;
  readonly log?: Log;
  /** A PostgreSQL server to use instead of the one that npm brings, as an administrator of it. */
  readonly databaseUrl?: string;
  /** Queues and topics deliver at least once and in no order: this makes both happen. */
  readonly faults?: DeliveryFaults;
  /** Services beyond the standard ones. */
  services?(context: CloudContext): readonly AwsService[];
  /** Resource types beyond those of the services. */
  // biome-ignore lint/suspicious/noExplicitAny: each provider has its own property type, checked by its schema
  readonly providers?: readonly ResourceProvider<any>[];
}

export interface DeployOptions {
  /** What `cdk synth` wrote. */
  readonly assemblyDir: string;
  /** By stack, then by parameter. */
  readonly parameters?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Which stacks; all when absent. */
  readonly stacks?: readonly string[];
}

export interface Cloud {
  /** For example `http://127.0.0.1:4566`. */
  readonly endpoint: string;
  readonly credentials: Credentials;
  readonly region: string;
  readonly accountId: string;
  readonly context: CloudContext;
  /**
   * Makes what stands equal to what an assembly says. Background work (pollers, timers) begins once
   * every stack of the assembly was deployed since the cloud was opened.
   *
   * @throws StartError one sentence that names stack, logical id and type
   */
  deploy(options: DeployOptions): Promise<ReconcileResult>;
  /** Ends pollers, then functions, then databases, then the endpoint; nothing is left running. */
  close(): Promise<void>;
}

const ACCOUNT_ID = "000000000000";
const REGION = "us-east-1";
const DEFAULT_PORT = 4566;

/**
 * Opens the cloud over a data directory: what was deployed there before is served again once `deploy`
 * has been called.
 *
 * @throws StartError `data-dir-unwritable`, `data-dir-in-use`, `data-dir-newer`, `port-in-use`
 */
export async function openCloud(options: CloudOptions): Promise<Cloud> {
  const opened = new AsyncDisposableStack();
  try {
    return await open(options, opened);
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

async function open(options: CloudOptions, opened: AsyncDisposableStack): Promise<Cloud> {
  const { clock = systemClock, log = () => {}, host = "127.0.0.1", port = DEFAULT_PORT } = options;
  const dataDir = prepareDataDir(options.dataDir);
  const lock = lockDataDir(dataDir);
  opened.defer(() => lock.release());
  const state = openState(dataDir);
  opened.defer(() => state.close());
  const supervisor = await openSupervisor(dataDir, log);
  opened.defer(() => supervisor.close());

  let address: string | undefined;
  const context: CloudContext = {
    accountId: ACCOUNT_ID,
    region: REGION,
    dataDir,
    database: state.database,
    transaction: state.transaction,
    clock,
    log,
    processes: supervisor,
    credentials: localCredentials(state),
    endpoint() {
      if (address === undefined) throw new Error("The endpoint does not listen yet.");
      return address;
    },
  };

  const standard = createStandardServices(context, options);
  const services = [...standard.services, ...(options.services?.(context) ?? [])];
  const endpoint = await openEndpoint({
    host,
    port,
    services,
    credentials: context.credentials,
    clock,
    log,
    region: REGION,
  });
  address = endpoint.url;
  opened.defer(() => endpoint.close());
  // Taken apart from the last to the first: see the order of the standard services.
  for (const service of services) opened.defer(() => service.stop());

  const clockWatch = watchClock({ state, clock, log }, services);
  opened.defer(() => clockWatch.stop());

  const providers = collectProviders([
    ...iamProviders(context),
    ...services.flatMap((service) => service.resourceProviders),
    ...(options.providers ?? []),
  ]);
  const deployed = new Set<string>();
  let isStarted = false;
  let isClosed = false;

  const deploy = async ({ assemblyDir, parameters = {}, stacks }: DeployOptions) => {
    if (isClosed) throw new StartError("cloud-closed", "The cloud is closed.");
    const assembly = readAssembly(assemblyDir);
    const result = await reconcile({
      context,
      assembly,
      parameters,
      ...(stacks && { stacks }),
      ...providers,
      readSecret: standard.readSecret,
    });
    for (const name of Object.keys(result.outputs)) deployed.add(name);
    if (!isStarted && assembly.stacks.every(({ name }) => deployed.has(name))) {
      isStarted = true;
      for (const service of services) await service.start();
    }
    return result;
  };

  // One at a time: two deployments that overlap would see each other's halves.
  let last: Promise<unknown> = Promise.resolve();
  return {
    endpoint: endpoint.url,
    credentials: context.credentials,
    region: REGION,
    accountId: ACCOUNT_ID,
    context,
    deploy(deployOptions) {
      const next = last.then(() => deploy(deployOptions));
      last = next.catch(() => {});
      return next;
    },
    async close() {
      isClosed = true;
      await last;
      await opened.disposeAsync();
    },
  };
}
