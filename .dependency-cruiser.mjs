/**
 * The rules between rooms (docs/ARCHITECTURE.md, "Import rules").
 * scripts/import-rules.test.ts plants a violation of each and expects it to be found.
 * swc parses, because this tool cannot use TypeScript 7's compiler.
 */
const rooms = {
  contracts: "^contracts/",
  functions: "^functions/",
  infra: "^infra/",
  cloud: "^localstack/cloud/",
  edge: "^localstack/edge/",
  client: "^client/",
  cli: "^cli/",
  web: "^web/",
  load_tests: "^load_tests/",
  test: "^test/",
};

/** Which rooms a room may import from, besides itself. */
const mayImport = {
  contracts: [],
  functions: ["contracts"],
  infra: [],
  cloud: [],
  edge: ["cloud"],
  client: ["contracts"],
  cli: ["contracts", "client", "cloud", "edge", "web"],
  web: ["contracts", "client"],
  load_tests: ["contracts", "functions", "client", "cli"],
};

/** Tests, and what only tests import. */
const testCode = ["\\.test\\.tsx?$", "^functions/[^/]+/testing/"];

const between = Object.entries(mayImport).map(([room, allowed]) => ({
  name: `${room}-imports-only-${allowed.length > 0 ? allowed.join("-") : "itself"}`,
  severity: "error",
  from: { path: rooms[room], pathNot: testCode },
  to: {
    path: Object.entries(rooms)
      .filter(([other]) => other !== room && !allowed.includes(other))
      .map(([, path]) => path),
  },
}));

export default {
  forbidden: [
    ...between,
    {
      name: "domain-imports-inward-only",
      comment: "Domain code holds rules: no adapter, no handler, no SDK, no Node module.",
      severity: "error",
      from: { path: "^functions/[^/]+/domain/", pathNot: "\\.test\\.ts$" },
      to: {
        path: ["/adapters/", "/handlers/", "node_modules/@aws-sdk/", "node_modules/drizzle-orm/"],
      },
    },
    {
      name: "domain-has-no-node",
      severity: "error",
      from: { path: "^functions/[^/]+/domain/", pathNot: "\\.test\\.ts$" },
      to: { dependencyTypes: ["core"], pathNot: "^(node:)?(crypto|buffer)$" },
    },
    {
      name: "nothing-imports-a-handler",
      severity: "error",
      from: { pathNot: "\\.test\\.ts$" },
      to: { path: "^functions/[^/]+/handlers/" },
    },
    {
      name: "adapters-import-no-handler",
      severity: "error",
      from: { path: "/adapters/" },
      to: { path: "/handlers/" },
    },
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-unresolvable",
      comment:
        "aws-lambda is types alone (@types/aws-lambda); cloudfront is a module of CloudFront Functions.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^(aws-lambda|cloudfront)$" },
    },
    {
      name: "declared-dependencies-only",
      comment:
        "What ships may use what its room declares under dependencies, not tools of development.",
      severity: "error",
      from: {
        pathNot: [
          "\\.test\\.tsx?$",
          "(^|/)testing[./]",
          "-fixture\\.ts$",
          "^test/",
          "^web/build\\.ts$",
        ],
      },
      to: {
        dependencyTypes: ["npm-no-pkg", "npm-unknown", "npm-dev"],
        pathNot: "node_modules/@types/",
      },
    },
  ],
  options: {
    parser: "swc",
    doNotFollow: { path: "node_modules" },
    exclude: { path: "^(cdk\\.out|web/dist|layers/ffmpeg/dist)/" },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".mjs", ".js", ".json"],
    },
  },
};
