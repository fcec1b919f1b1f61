export { parseHost, splitTarget } from "./address.ts";
export { escapeXml, writeAwsError } from "./aws-error-response.ts";
export { parseQuery, uriEscape, uriUnescape } from "./canonical-request.ts";
export { type Endpoint, openEndpoint } from "./endpoint.ts";
