import { z } from "zod";

/**
 * What the template says about REST APIs, as CloudFormation spells it; stored and served in this form.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGateway.html
 */

const text = z.string().min(1);
/** CloudFormation takes booleans and numbers as strings too. */
const bool = z.union([z.boolean(), z.enum(["true", "false"]).transform((word) => word === "true")]);
const integer = z.coerce.number().int();
const httpMethod = z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "ANY"]);

/** A template that only fills in variables: VTL's directives are not run here. */
const plainTemplate = z
  .string()
  .refine(
    (template) => !/#(?:set|if|foreach|include|parse|macro|evaluate|define)\b/.test(template),
    {
      error: "templates with directives (#set, #if, …) are not supported: write variables alone",
    },
  );
const templates = z.record(text, plainTemplate).default({});

export const restApi = z.strictObject({
  Name: text,
  BinaryMediaTypes: z.array(text).default([]),
  DisableExecuteApiEndpoint: z
    .union([z.literal(false), z.literal("false")], { error: "there is no other endpoint here" })
    .optional(),
});
export type RestApi = z.infer<typeof restApi>;

export const resource = z.strictObject({
  RestApiId: text,
  ParentId: text,
  PathPart: z
    .string()
    .regex(/^(?:\{[\w.$-]+\+?\}|[\w.~:$!*'(),;=@%-]+)$/, "a plain segment, {name} or {name+}"),
});

const functionUri =
  /^arn:aws[\w-]*:apigateway:[\w-]+:lambda:path\/2015-03-31\/functions\/(arn:[^/{}$]+)\/invocations$/;

const lambdaIntegration = z.strictObject({
  Type: z.literal("AWS_PROXY"),
  IntegrationHttpMethod: z.literal("POST"),
  Uri: z
    .string()
    .regex(
      functionUri,
      "write arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/FUNCTION_ARN/invocations",
    ),
  /** "50 milliseconds to 29 seconds" */
  TimeoutInMillis: integer.min(50).max(29_000).default(29_000),
});

/** A header's value in single quotes. */
const literal = z.string().regex(/^'[^']*'$/, "write a literal in single quotes");
const mockIntegration = z.strictObject({
  Type: z.literal("MOCK"),
  RequestTemplates: templates,
  IntegrationResponses: z
    .array(
      z.strictObject({
        StatusCode: z.coerce.string().regex(/^[1-5]\d\d$/),
        SelectionPattern: z.string().optional(),
        ResponseParameters: z
          .record(z.string().regex(/^method\.response\.header\.[\w-]+$/), literal)
          .default({}),
        ResponseTemplates: templates,
      }),
    )
    .default([]),
});
export type MockIntegration = z.infer<typeof mockIntegration>;

export const method = z.strictObject({
  RestApiId: text,
  ResourceId: text,
  HttpMethod: httpMethod,
  AuthorizationType: z.enum(["NONE", "CUSTOM"]).default("NONE"),
  AuthorizerId: text.optional(),
  ApiKeyRequired: z
    .union([z.literal(false), z.literal("false")], { error: "API keys are not supported" })
    .optional(),
  Integration: z.discriminatedUnion("Type", [lambdaIntegration, mockIntegration]),
});
export type Method = z.infer<typeof method>;

/** The function that a proxy integration or an authorizer names. */
export function functionArnOf(uri: string): string {
  const arn = functionUri.exec(uri)?.[1];
  if (arn === undefined) throw new Error("the schema lets no other URI pass");
  return arn;
}

const headerSource = /^method\.request\.header\.[\w-]+$/;
const identitySource =
  /^(?:method\.request\.(?:header|querystring)\.[\w.-]+|stageVariables\.\w+|context\.[\w.]+)$/;

const authorizerBase = {
  RestApiId: text,
  Name: text,
  AuthorizerUri: z.string().regex(functionUri, "write the URI of a Lambda function"),
  AuthorizerResultTtlInSeconds: integer.min(0).max(3600).default(300),
};
export const authorizer = z.discriminatedUnion("Type", [
  z.strictObject({
    ...authorizerBase,
    Type: z.literal("TOKEN"),
    IdentitySource: z.string().regex(headerSource).default("method.request.header.Authorization"),
    IdentityValidationExpression: z
      .string()
      .refine(isPattern, { error: "not a regular expression" })
      .optional(),
  }),
  z.strictObject({
    ...authorizerBase,
    Type: z.literal("REQUEST"),
    IdentitySource: z
      .string()
      .refine((list) => list.split(",").every((source) => identitySource.test(source.trim())), {
        error:
          "write method.request.header.X, method.request.querystring.X, stageVariables.X or context.X",
      })
      .optional(),
  }),
]);
export type Authorizer = z.infer<typeof authorizer>;

function isPattern(pattern: string): boolean {
  try {
    new RegExp(pattern);
    return true;
  } catch {
    return false;
  }
}

export const deployment = z.strictObject({ RestApiId: text });

const stageName = z.string().regex(/^(?:[A-Za-z0-9_-]{1,128}|\$default)$/);
export const stage = z.strictObject({
  RestApiId: text,
  DeploymentId: text.optional(),
  StageName: stageName,
  Variables: z.record(z.string().regex(/^\w+$/), z.string()).optional(),
  MethodSettings: z
    .array(
      z.strictObject({
        HttpMethod: z.union([httpMethod, z.literal("*")]),
        ResourcePath: z.string(),
        ThrottlingBurstLimit: integer.min(0).optional(),
        ThrottlingRateLimit: z.coerce.number().min(0).optional(),
        CachingEnabled: bool.refine((on) => !on, { error: "there is no cache" }).optional(),
      }),
    )
    .default([]),
});
export type Stage = z.infer<typeof stage>;

/** "gatewayresponse.header.X" from a literal, the request or the context. */
const parameterSource = z
  .string()
  .regex(
    /^(?:'[^']*'|context\.[\w.]+|method\.request\.(?:header|querystring|path)\.[\w.-]+)$/,
    "write 'literal', context.X or method.request.header.X",
  );

const gatewayResponseTypes = [
  "ACCESS_DENIED",
  "API_CONFIGURATION_ERROR",
  "AUTHORIZER_CONFIGURATION_ERROR",
  "AUTHORIZER_FAILURE",
  "BAD_REQUEST_BODY",
  "BAD_REQUEST_PARAMETERS",
  "DEFAULT_4XX",
  "DEFAULT_5XX",
  "EXPIRED_TOKEN",
  "INTEGRATION_FAILURE",
  "INTEGRATION_TIMEOUT",
  "INVALID_API_KEY",
  "INVALID_SIGNATURE",
  "MISSING_AUTHENTICATION_TOKEN",
  "QUOTA_EXCEEDED",
  "REQUEST_TOO_LARGE",
  "RESOURCE_NOT_FOUND",
  "THROTTLED",
  "UNAUTHORIZED",
  "UNSUPPORTED_MEDIA_TYPE",
  "WAF_FILTERED",
] as const;
export type GatewayResponseType = (typeof gatewayResponseTypes)[number];

export const gatewayResponse = z.strictObject({
  RestApiId: text,
  ResponseType: z.enum(gatewayResponseTypes),
  StatusCode: z.coerce
    .string()
    .regex(/^[1-5]\d\d$/)
    .optional(),
  ResponseParameters: z
    .record(z.string().regex(/^gatewayresponse\.header\.[\w-]+$/), parameterSource)
    .default({}),
  ResponseTemplates: templates,
});
export type GatewayResponse = z.infer<typeof gatewayResponse>;

export const account = z.strictObject({});
