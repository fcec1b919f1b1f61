import { expect, it } from "vitest";
import { problemSchema } from "../../contracts/problem.ts";
import { DomainError } from "../../functions/platform/errors.ts";
import { problemOf } from "../../functions/platform/http/problem.ts";
import { apps } from "../testing/synthesized.ts";
import { at } from "../testing/templates.ts";

const responses = apps.aws.templates
  .all("AWS::ApiGateway::GatewayResponse")
  .map(({ properties }) => {
    const template = at(properties.ResponseTemplates, "application/json");
    return {
      type: String(properties.ResponseType),
      status: Number(properties.StatusCode),
      contentType: at(properties.ResponseParameters, "gatewayresponse.header.Content-Type"),
      body: problemSchema.parse(
        JSON.parse(String(template).replace("$context.requestId", "request-1")),
      ),
    };
  });

it.each(responses)("$type is answered in the words that a function would use", (response) => {
  // Prepare
  const { code, detail } = response.body;

  // Act
  const said = problemOf(new DomainError(code, detail), "request-1");

  // Assess
  expect(response.body).toEqual(said);
  expect(response.status).toBe(said.status);
  expect(response.contentType).toBe("'application/problem+json'");
});

it.each([
  ["UNAUTHORIZED", "unauthenticated"],
  ["ACCESS_DENIED", "forbidden"],
  ["MISSING_AUTHENTICATION_TOKEN", "not-found"],
  ["REQUEST_TOO_LARGE", "payload-too-large"],
  ["THROTTLED", "too-many-requests"],
  ["INTEGRATION_TIMEOUT", "timeout"],
  ["DEFAULT_4XX", "invalid-request"],
  ["DEFAULT_5XX", "internal"],
])("%s says %s", (type, code) => {
  expect(responses.find((response) => response.type === type)?.body.code).toBe(code);
});
