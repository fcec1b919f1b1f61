export { AwsError, StartError } from "./aws-error.ts";
export { type Clock, ManualClock, systemClock } from "./clock.ts";
export type { InertFinding, ReconcileResult } from "./cloudformation/reconcile.ts";
export type {
  CloudContext,
  Credentials,
  Log,
  ProcessSupervisor,
  SupervisedProcess,
} from "./context.ts";
export { type Cloud, type CloudOptions, type DeployOptions, openCloud } from "./open-cloud.ts";
export { findPostgresBinaries } from "./rds-data/postgres/binaries.ts";
export type { ResourceContext, ResourceProvider, ResourceState } from "./resource-provider.ts";
export type { AwsExchange, AwsService, Identity } from "./service.ts";
export type { DeliveryFaults } from "./sqs/index.ts";
