import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { ServiceFunction, type ServiceFunctionProps } from "./service-function.ts";

export type ApiFunctionProps = Omit<ServiceFunctionProps, "timeout" | "memoryMiB">;

/** A function behind the API, which waits 29 s for an answer. */
export class ApiFunction extends ServiceFunction {
  constructor(scope: Construct, id: string, props: ApiFunctionProps) {
    super(scope, id, {
      ...props,
      // Less than API Gateway's 29 s, so that the log says which call was slow; enough for a
      // database that wakes (about 15 s).
      timeout: Duration.seconds(28),
      // These functions wait; memory buys the processor for the cold start.
      memoryMiB: 512,
    });
  }
}
