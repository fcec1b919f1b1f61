import { Duration } from "aws-cdk-lib";
import { Construct } from "constructs";
import type { Target } from "../targets.ts";
import { allowDatabase, type DatabaseAccess } from "./database-access.ts";
import { ServiceFunction } from "./service-function.ts";

export interface PlatformFunctionsProps {
  readonly target: Target;
  readonly database: DatabaseAccess;
  /** The OIDC issuer whose tokens are taken. */
  readonly tokens: { readonly issuer: string; readonly audience: string; readonly jwksUrl: string };
}

/** What every capability stands on: the schema and who is asking. */
export class PlatformFunctions extends Construct {
  readonly migrate: ServiceFunction;
  readonly authorizer: ServiceFunction;

  constructor(scope: Construct, id: string, props: PlatformFunctionsProps) {
    super(scope, id);
    const common = { target: props.target, capability: "platform" };
    this.migrate = new ServiceFunction(this, "Migrate", {
      ...common,
      name: "migrate",
      description: "Brings the schema up to date; invoked by the deploy command",
      timeout: Duration.minutes(5),
      memoryMiB: 512,
    });
    allowDatabase(props.database, this.migrate);
    this.authorizer = new ServiceFunction(this, "Authorizer", {
      ...common,
      name: "authorizer",
      description: "Checks tokens for the API",
      // API Gateway gives an authorizer 10 s.
      timeout: Duration.seconds(10),
      memoryMiB: 512,
      environment: {
        TOKEN_ISSUER: props.tokens.issuer,
        TOKEN_AUDIENCE: props.tokens.audience,
        TOKEN_JWKS_URL: props.tokens.jwksUrl,
      },
    });
  }
}
