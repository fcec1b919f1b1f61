import { Duration } from "aws-cdk-lib";
import {
  AuthorizationType,
  EndpointType,
  LambdaIntegration,
  RestApi,
  TokenAuthorizer,
} from "aws-cdk-lib/aws-apigateway";
import { Construct } from "constructs";
import { answerWithProblems } from "./problem-responses.ts";
import type { ServiceFunction } from "./service-function.ts";

export interface SluiceApiProps {
  readonly authorizer: ServiceFunction;
}

/** What anybody may ask without a token, and how often all of them together, in requests a second. */
const openRoutes = {
  "/public/videos/{videoId}": { throttlingRateLimit: 200, throttlingBurstLimit: 400 },
  "/public/videos/{videoId}/master.m3u8": { throttlingRateLimit: 200, throttlingBurstLimit: 400 },
} as const;

/** The API. `route` is the way in, and always asks the authorizer; `openRoute` takes listed paths only. */
export class SluiceApi extends Construct {
  readonly restApi: RestApi;
  readonly #authorizer: TokenAuthorizer;

  constructor(scope: Construct, id: string, props: SluiceApiProps) {
    super(scope, id);
    this.restApi = new RestApi(this, "RestApi", {
      restApiName: "sluice",
      description: "Uploads and videos",
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: false,
      deployOptions: {
        // The edge sends /api/* here as it is, so the stage takes the place of a prefix.
        stageName: "api",
        // A tenth of the account's quota (10,000/s): a stampede here leaves the rest standing.
        throttlingRateLimit: 1000,
        throttlingBurstLimit: 2000,
        methodOptions: Object.fromEntries(
          Object.entries(openRoutes).map(([path, limits]) => [`${path}/GET`, limits]),
        ),
      },
    });
    // The stack's output ApiUrl says the same under a name that does not change.
    this.restApi.node.tryRemoveChild("Endpoint");
    this.#authorizer = new TokenAuthorizer(this, "Authorizer", {
      handler: props.authorizer,
      // The policy that comes back is good for every method, or the cache would mix them up.
      resultsCacheTtl: Duration.minutes(5),
      // Anything else is a 401 that starts no function. The scheme's case is free (RFC 9110, 11.1).
      validationRegex: "^[Bb][Ee][Aa][Rr][Ee][Rr] [\\w-]+\\.[\\w-]+\\.[\\w-]+$",
    });
    answerWithProblems(this.restApi);
  }

  /** @param path as in the address, below the stage: `/videos/{videoId}` */
  route(
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: `/${string}`,
    handler: ServiceFunction,
  ): void {
    this.restApi.root
      .resourceForPath(path)
      .addMethod(method, new LambdaIntegration(handler, { proxy: true, allowTestInvoke: false }), {
        authorizationType: AuthorizationType.CUSTOM,
        authorizer: this.#authorizer,
      });
  }

  /** A GET that anybody may make, within limits of its own. */
  openRoute(path: keyof typeof openRoutes, handler: ServiceFunction): void {
    this.restApi.root
      .resourceForPath(path)
      .addMethod("GET", new LambdaIntegration(handler, { proxy: true, allowTestInvoke: false }), {
        authorizationType: AuthorizationType.NONE,
      });
  }
}
