import type { Answer } from "./answer.ts";
import { header, type RoutedCall } from "./call.ts";
import type { MockIntegration } from "./definitions.ts";
import { GatewayFailure } from "./gateway-response.ts";

/**
 * Answers without asking anybody: the request template names a status, and the first integration
 * response for it gives headers and body. The CDK makes the CORS preflight of such parts.
 */
export function mockAnswer(integration: MockIntegration, call: RoutedCall): Answer {
  const mediaType =
    header(call.headers, "content-type")?.split(";")[0]?.trim() || "application/json";
  const template =
    integration.RequestTemplates[mediaType] ?? integration.RequestTemplates["application/json"];
  const status = /["']?statusCode["']?\s*:\s*["']?(\d{3})/.exec(template ?? "")?.[1];
  const byPattern = integration.IntegrationResponses.find(
    ({ SelectionPattern }) =>
      SelectionPattern !== undefined && status !== undefined && SelectionPattern === status,
  );
  const chosen =
    byPattern ?? integration.IntegrationResponses.find(({ SelectionPattern }) => !SelectionPattern);
  if (!chosen)
    throw new GatewayFailure("API_CONFIGURATION_ERROR", {
      reason: `no integration response for status ${status ?? "(none)"}`,
    });
  const [contentType, body] = Object.entries(chosen.ResponseTemplates)[0] ?? [
    "application/json",
    "",
  ];
  return {
    status: Number(chosen.StatusCode),
    headers: [
      ["Content-Type", contentType],
      ...Object.entries(chosen.ResponseParameters).map(
        ([name, literal]) =>
          [name.slice("method.response.header.".length), literal.slice(1, -1)] as const,
      ),
    ],
    body: Buffer.from(body),
  };
}
