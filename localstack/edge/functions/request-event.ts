import { type RawRequest, splitOnce, toViewerRequest, type Viewer } from "../viewer-request.ts";
import { fromFields, toFields } from "./fields.ts";
import { FunctionValidationError } from "./function-errors.ts";
import type { FunctionRequest } from "./function-event.ts";
import { checkHeader, checkReadOnly, isDisallowed, readOnlyInRequests } from "./header-rules.ts";

/** "The total size of the URI, including the query string, must be less than 8,192 characters." */
const maxTargetLength = 8192;

/** A viewer's request as functions see it, the signature with it. */
export function toFunctionRequest({ method, raw }: Viewer): FunctionRequest {
  const query = (raw.query ?? "").split("&").filter((pair) => pair !== "");
  return {
    method,
    uri: raw.path,
    querystring: toFields(
      query.map((pair) => {
        const [name, value = ""] = splitOnce(pair, "=");
        return [name, { value }];
      }),
    ),
    headers: toFields(
      [...raw.headers]
        .filter(([name]) => !isDisallowed(name))
        .flatMap(([name, values]) => values.map((value) => [name, { value }] as const)),
    ),
    cookies: toFields(raw.cookies.map(([name, value]) => [name, { value }])),
  };
}

/**
 * The request to go on with. What the function left alone stays as the viewer sent it.
 * @throws FunctionValidationError
 */
export function withFunctionRequest(
  viewer: Viewer,
  before: FunctionRequest,
  after: FunctionRequest,
  defaultRootObject: string | undefined,
): Viewer {
  if (after.method !== before.method) {
    throw new FunctionValidationError("A function may not change the method.");
  }
  const raw: RawRequest = {
    path: after.uri,
    query: isSame(before.querystring, after.querystring)
      ? viewer.raw.query
      : queryOf(after.querystring),
    headers: headersOf(viewer.raw, after),
    cookies: fromFields(after.cookies).map(([name, { value }]) => [name, value]),
  };
  if (`${raw.path}?${raw.query ?? ""}`.length >= maxTargetLength) {
    throw new FunctionValidationError(`An address has less than ${maxTargetLength} characters.`);
  }
  return { ...viewer, raw, request: toViewerRequest(raw, defaultRootObject) };
}

function headersOf(raw: RawRequest, after: FunctionRequest): RawRequest["headers"] {
  const headers = new Map([...raw.headers].filter(([name]) => isDisallowed(name)));
  for (const [name, { value }] of fromFields(after.headers)) {
    checkHeader(name, [value]);
    if (name === "cookie") throw new FunctionValidationError("Cookies go into request.cookies.");
    headers.set(name, [...(headers.get(name) ?? []), value]);
  }
  checkReadOnly(
    readOnlyInRequests,
    (name) => raw.headers.get(name)?.join(", "),
    (name) => headers.get(name)?.join(", "),
  );
  return headers;
}

function queryOf(fields: FunctionRequest["querystring"]): string | undefined {
  const query = fromFields(fields)
    .map(([name, { value }]) => `${name}=${value}`)
    .join("&");
  if (!/^[^\s#\p{Cc}]*$/u.test(query)) {
    throw new FunctionValidationError("A query has no spaces, control characters or #.");
  }
  return query === "" ? undefined : query;
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
