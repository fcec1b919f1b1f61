export { type HostTarget, parseHost, splitTarget } from "./address.ts";
export { type AwsProtocol, escapeXml, writeAwsError } from "./aws-error-response.ts";
export { parseQuery, uriEscape, uriUnescape } from "./canonical-request.ts";
export { type Endpoint, type EndpointOptions, openEndpoint } from "./endpoint.ts";
