import type { Headers } from "../headers.ts";
import { fromFields, toFields } from "./fields.ts";
import { FunctionValidationError } from "./function-errors.ts";
import type { FunctionResponse } from "./function-event.ts";
import { checkHeader, checkReadOnly, isDisallowed, readOnlyInResponses } from "./header-rules.ts";

/** An answer as functions see it: without its body. */
export function toFunctionResponse(
  status: number,
  statusText: string,
  headers: Headers,
): FunctionResponse {
  const list = (value: string | readonly string[] = []) =>
    typeof value === "string" ? [value] : value;
  return {
    statusCode: status,
    statusDescription: statusText,
    headers: toFields(
      [...headers]
        .filter(([name]) => name !== "set-cookie" && !isDisallowed(name))
        .flatMap(([name, value]) => list(value).map((each) => [name, { value: each }] as const)),
    ),
    cookies: toFields(list(headers.get("set-cookie")).map(parseSetCookie)),
  };
}

/**
 * The headers of a function's response, `set-cookie` among them.
 * @throws FunctionValidationError
 */
export function headersOf(response: FunctionResponse, before: Headers): Headers {
  const grouped = new Map<string, string[]>();
  for (const [name, { value }] of fromFields(response.headers ?? {})) {
    checkHeader(name, [value]);
    if (name === "set-cookie")
      throw new FunctionValidationError("Cookies go into response.cookies.");
    grouped.set(name, [...(grouped.get(name) ?? []), value]);
  }
  checkReadOnly(
    readOnlyInResponses,
    (name) => before.get(name)?.toString(),
    (name) => grouped.get(name)?.toString(),
  );
  const headers: Headers = new Map();
  for (const [name, [first = "", ...others]] of grouped) {
    headers.set(name, others.length > 0 ? [first, ...others] : first);
  }
  const cookies = fromFields(response.cookies ?? {}).map(([name, { value, attributes }]) =>
    [`${name}=${value}`, ...(attributes ? [attributes] : [])].join("; "),
  );
  checkHeader("set-cookie", cookies);
  if (cookies.length > 0) headers.set("set-cookie", cookies);
  return headers;
}

function parseSetCookie(line: string): [string, { value: string; attributes?: string }] {
  const [, name = "", value = "", attributes] = /^([^=;]*)=?([^;]*)(?:;\s*(.*))?$/.exec(line) ?? [];
  return [name.trim(), { value: value.trim(), ...(attributes ? { attributes } : {}) }];
}
