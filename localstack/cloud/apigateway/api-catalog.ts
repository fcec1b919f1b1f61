import type {
  Authorizer,
  GatewayResponse,
  GatewayResponseType,
  Method,
  RestApi,
  Stage,
} from "./definitions.ts";
import type { ResourceNode } from "./routing.ts";
import type { DefinitionStore, Stored } from "./store.ts";

/** One API as requests meet it. */
export interface Api {
  readonly id: string;
  readonly definition: RestApi;
  readonly nodes: readonly ResourceNode<Method>[];
  readonly stages: ReadonlyMap<string, Stage>;
  readonly authorizers: ReadonlyMap<string, Authorizer>;
  readonly gatewayResponses: ReadonlyMap<GatewayResponseType, GatewayResponse>;
}

/** The root's id, which templates name by `Fn::GetAtt RootResourceId`. */
export const rootResourceId = (apiId: string): string => `${apiId}root`;

/** All APIs, put together from what is stored, again after each change. */
export class ApiCatalog {
  readonly #store: DefinitionStore;
  #apis = new Map<string, Api>();
  #revision = -1;

  constructor(store: DefinitionStore) {
    this.#store = store;
  }

  find(apiId: string): Api | undefined {
    if (this.#revision !== this.#store.revision) {
      this.#revision = this.#store.revision;
      this.#apis = assemble(this.#store);
    }
    return this.#apis.get(apiId);
  }
}

function assemble(store: DefinitionStore): Map<string, Api> {
  const methods = store.list("Method");
  const resources = store.list("Resource");
  const stages = store.list("Stage");
  const authorizers = store.list("Authorizer");
  const responses = store.list("GatewayResponse");
  return new Map(
    store.list("RestApi").map(({ id, definition }) => {
      const of = <T extends { readonly definition: { readonly RestApiId: string } }>(all: T[]) =>
        all.filter((each) => each.definition.RestApiId === id);
      return [
        id,
        {
          id,
          definition,
          nodes: nodesOf(id, of(resources), of(methods)),
          stages: new Map(of(stages).map((each) => [each.definition.StageName, each.definition])),
          authorizers: new Map(of(authorizers).map((each) => [each.id, each.definition])),
          gatewayResponses: new Map(
            of(responses).map((each) => [each.definition.ResponseType, each.definition]),
          ),
        },
      ];
    }),
  );
}

function nodesOf(
  apiId: string,
  resources: readonly Stored<"Resource">[],
  methods: readonly Stored<"Method">[],
): ResourceNode<Method>[] {
  const byId = new Map(resources.map(({ id, definition }) => [id, definition]));
  const pathOf = (id: string): string => {
    const definition = byId.get(id);
    return definition ? `${pathOf(definition.ParentId)}/${definition.PathPart}` : "";
  };
  return [rootResourceId(apiId), ...byId.keys()].map((id) => ({
    id,
    path: pathOf(id) || "/",
    methods: new Map(
      methods
        .filter(({ definition }) => definition.ResourceId === id)
        .map(({ definition }) => [definition.HttpMethod, definition]),
    ),
  }));
}
