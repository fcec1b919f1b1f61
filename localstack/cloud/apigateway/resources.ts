import { createHash } from "node:crypto";
import type { z } from "zod";
import type { ResourceContext, ResourceProvider, ResourceState } from "../resource-provider.ts";
import { rootResourceId } from "./api-catalog.ts";
import * as definitions from "./definitions.ts";
import type { Definition, DefinitionStore, Kind } from "./store.ts";

/** The resource types of REST APIs. What has no entry here (usage plans, domains, …) stops the start. */
export function apiGatewayProviders(store: DefinitionStore): readonly ResourceProvider[] {
  const provider = <K extends Kind>(kind: ProviderOf<K>): ResourceProvider<Definition<K>> => ({
    type: `AWS::ApiGateway::${kind.kind}`,
    schema: kind.schema,
    inert: kind.inert,
    async put(properties, context) {
      const state = kind.state(stableId(context, kind.kind), properties);
      store.save(context, kind.kind, state.physicalId, properties);
      return state;
    },
    delete: async (physicalId, context) => store.remove(context, physicalId),
  });

  return [
    provider({
      kind: "RestApi",
      schema: definitions.restApi,
      inert: [
        "ApiKeySourceType",
        "Description",
        "EndpointConfiguration",
        "FailOnWarnings",
        "MinimumCompressionSize",
        "Tags",
      ],
      state: (id) => ({
        physicalId: id,
        attributes: { RestApiId: id, RootResourceId: rootResourceId(id) },
      }),
    }),
    provider({
      kind: "Resource",
      schema: definitions.resource,
      inert: [],
      state: (id) => ({ physicalId: id, attributes: { ResourceId: id } }),
    }),
    provider({
      kind: "Method",
      schema: definitions.method,
      inert: [
        "Integration.CacheKeyParameters",
        "Integration.CacheNamespace",
        "Integration.ConnectionType",
        "Integration.Credentials",
        "Integration.PassthroughBehavior",
        "MethodResponses",
        "OperationName",
        "RequestModels",
        "RequestParameters",
      ],
      state: (id) => ({ physicalId: id, attributes: {} }),
    }),
    provider({
      kind: "Authorizer",
      schema: definitions.authorizer,
      inert: ["AuthType", "AuthorizerCredentials"],
      state: (id) => ({ physicalId: id, attributes: { AuthorizerId: id } }),
    }),
    provider({
      kind: "Deployment",
      schema: definitions.deployment,
      inert: ["Description"],
      state: (id) => ({ physicalId: id, attributes: { DeploymentId: id } }),
    }),
    provider({
      kind: "Stage",
      schema: definitions.stage,
      inert: [
        "AccessLogSetting",
        "Description",
        "MethodSettings.CacheDataEncrypted",
        "MethodSettings.CacheTtlInSeconds",
        "MethodSettings.DataTraceEnabled",
        "MethodSettings.LoggingLevel",
        "MethodSettings.MetricsEnabled",
        "Tags",
        "TracingEnabled",
      ],
      state: (_, { StageName }) => ({ physicalId: StageName, attributes: {} }),
    }),
    provider({
      kind: "GatewayResponse",
      schema: definitions.gatewayResponse,
      inert: [],
      state: (id) => ({ physicalId: id, attributes: { Id: id } }),
    }),
    account,
  ] as readonly ResourceProvider[];
}

interface ProviderOf<K extends Kind> {
  readonly kind: K;
  readonly schema: z.ZodType<Definition<K>>;
  readonly inert: readonly string[];
  state(id: string, properties: Definition<K>): ResourceState;
}

/** The account's role for logs: there are no logs of executions here. */
const account: ResourceProvider<Record<string, never>> = {
  type: "AWS::ApiGateway::Account",
  schema: definitions.account,
  inert: ["CloudWatchRoleArn"],
  put: async (_, context) => {
    const id = stableId(context, "Account");
    return { physicalId: id, attributes: { Id: id } };
  },
  delete: async () => {},
};

/** Ten characters as API Gateway makes them. From the names, so that an address outlives everything. */
function stableId(context: ResourceContext, kind: string): string {
  const seed = `${kind}/${context.accountId}/${context.stackName}/${context.logicalId}`;
  const hash = BigInt(`0x${createHash("sha256").update(seed).digest("hex")}`);
  return hash.toString(36).slice(0, 10);
}
