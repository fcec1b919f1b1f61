import { type Duration, RemovalPolicy, Size } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { type ILayerVersion, Runtime } from "aws-cdk-lib/aws-lambda";
import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { entryOf } from "../paths.ts";
import type { Target } from "../targets.ts";
import { bundledCode } from "./bundle.ts";

export interface ServiceFunctionProps {
  readonly target: Target;
  /** With `name` it gives the entry file: `functions/{capability}/handlers/{name}.ts`. */
  readonly capability: string;
  readonly name: string;
  readonly description: string;
  readonly timeout: Duration;
  readonly memoryMiB: number;
  /** Size of /tmp; Lambda gives 512 MiB unless told. */
  readonly temporaryStorageMiB?: number;
  readonly environment?: Readonly<Record<string, string>>;
  readonly layers?: readonly ILayerVersion[];
  /** Most that run at once, kept free for this function; without it the account's limit counts. */
  readonly reservedConcurrency?: number;
}

/** A function of ours: one bundle, a log group that ends, and a role that may nothing until told. */
export class ServiceFunction extends NodejsFunction {
  readonly #rights: PolicyDocument;

  constructor(scope: Construct, id: string, props: ServiceFunctionProps) {
    const logGroup = new LogGroup(scope, `${id}Logs`, {
      retention: props.target.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const rights = new PolicyDocument({
      statements: [
        new PolicyStatement({
          actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
          resources: [logGroup.logGroupArn],
        }),
      ],
    });
    super(scope, id, {
      description: props.description,
      code: bundledCode(entryOf(props.capability, props.name)),
      handler: "index.handler",
      runtime: Runtime.NODEJS_24_X,
      architecture: props.target.architecture,
      timeout: props.timeout,
      memorySize: props.memoryMiB,
      ...(props.temporaryStorageMiB && {
        ephemeralStorageSize: Size.mebibytes(props.temporaryStorageMiB),
      }),
      layers: [...(props.layers ?? [])],
      ...(props.reservedConcurrency !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrency,
      }),
      logGroup,
      role: new Role(scope, `${id}Role`, {
        description: props.description,
        assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
        // In the role itself, not a policy beside it: whoever sees the function may use its rights.
        inlinePolicies: { rights },
      }),
      environment: {
        NODE_OPTIONS: "--enable-source-maps",
        POWERTOOLS_SERVICE_NAME: props.capability,
        ...props.environment,
      },
    });
    this.#rights = rights;
  }

  allow(...statements: readonly PolicyStatement[]): void {
    this.#rights.addStatements(...statements);
  }
}
