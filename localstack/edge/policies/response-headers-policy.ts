import { z } from "zod";

const override = { Override: z.boolean() };
const nameList = z.strictObject({ Items: z.array(z.string()) });

export const responseHeadersPolicySchema = z.strictObject({
  Name: z.string(),
  Comment: z.string().optional(),
  SecurityHeadersConfig: z
    .strictObject({
      ContentSecurityPolicy: z
        .strictObject({ ContentSecurityPolicy: z.string(), ...override })
        .optional(),
      ContentTypeOptions: z.strictObject(override).optional(),
      FrameOptions: z
        .strictObject({ FrameOption: z.enum(["DENY", "SAMEORIGIN"]), ...override })
        .optional(),
      ReferrerPolicy: z.strictObject({ ReferrerPolicy: z.string(), ...override }).optional(),
      StrictTransportSecurity: z
        .strictObject({
          AccessControlMaxAgeSec: z.coerce.number(),
          IncludeSubdomains: z.boolean().optional(),
          Preload: z.boolean().optional(),
          ...override,
        })
        .optional(),
      XSSProtection: z
        .strictObject({
          Protection: z.boolean(),
          ModeBlock: z.boolean().optional(),
          ReportUri: z.string().optional(),
          ...override,
        })
        .optional(),
    })
    .optional(),
  CustomHeadersConfig: z
    .strictObject({
      Items: z.array(z.strictObject({ Header: z.string(), Value: z.string(), ...override })),
    })
    .optional(),
  RemoveHeadersConfig: z
    .strictObject({ Items: z.array(z.strictObject({ Header: z.string() })) })
    .optional(),
  CorsConfig: z
    .strictObject({
      AccessControlAllowCredentials: z.boolean(),
      AccessControlAllowHeaders: nameList,
      AccessControlAllowMethods: nameList,
      AccessControlAllowOrigins: nameList,
      AccessControlExposeHeaders: nameList.optional(),
      AccessControlMaxAgeSec: z.coerce.number().optional(),
      OriginOverride: z.boolean(),
    })
    .optional(),
});
export type ResponseHeadersPolicy = z.infer<typeof responseHeadersPolicySchema>;

interface PolicyHeader {
  readonly name: string;
  readonly value: string;
  readonly override: boolean;
}

function securityHeaders(policy: ResponseHeadersPolicy, viewerIsSecure: boolean): PolicyHeader[] {
  const config = policy.SecurityHeadersConfig;
  if (!config) return [];
  const headers: PolicyHeader[] = [];
  const add = (name: string, value: string, setting: { Override: boolean }) =>
    headers.push({ name, value, override: setting.Override });
  const csp = config.ContentSecurityPolicy;
  if (csp) add("content-security-policy", csp.ContentSecurityPolicy, csp);
  if (config.ContentTypeOptions)
    add("x-content-type-options", "nosniff", config.ContentTypeOptions);
  if (config.FrameOptions)
    add("x-frame-options", config.FrameOptions.FrameOption, config.FrameOptions);
  if (config.ReferrerPolicy)
    add("referrer-policy", config.ReferrerPolicy.ReferrerPolicy, config.ReferrerPolicy);
  const sts = config.StrictTransportSecurity;
  // RFC 6797 section 7.2: a host must not send it over plain HTTP.
  if (sts && viewerIsSecure) {
    const flags = `${sts.IncludeSubdomains ? "; includeSubDomains" : ""}${sts.Preload ? "; preload" : ""}`;
    add("strict-transport-security", `max-age=${sts.AccessControlMaxAgeSec}${flags}`, sts);
  }
  const xss = config.XSSProtection;
  if (xss) {
    const mode = xss.ModeBlock ? "; mode=block" : xss.ReportUri ? `; report=${xss.ReportUri}` : "";
    add("x-xss-protection", xss.Protection ? `1${mode}` : "0", xss);
  }
  return headers;
}

function corsHeaders(
  policy: ResponseHeadersPolicy,
  viewerOrigin: string | undefined,
): PolicyHeader[] {
  const cors = policy.CorsConfig;
  if (!cors || viewerOrigin === undefined) return [];
  const allowed = cors.AccessControlAllowOrigins.Items;
  if (!allowed.includes("*") && !allowed.includes(viewerOrigin)) return [];
  const entries: [string, string][] = [
    ["access-control-allow-origin", allowed.includes("*") ? "*" : viewerOrigin],
    ["access-control-allow-methods", cors.AccessControlAllowMethods.Items.join(", ")],
    ["access-control-allow-headers", cors.AccessControlAllowHeaders.Items.join(", ")],
  ];
  if (cors.AccessControlAllowCredentials)
    entries.push(["access-control-allow-credentials", "true"]);
  if (cors.AccessControlExposeHeaders) {
    entries.push([
      "access-control-expose-headers",
      cors.AccessControlExposeHeaders.Items.join(", "),
    ]);
  }
  if (cors.AccessControlMaxAgeSec !== undefined) {
    entries.push(["access-control-max-age", String(cors.AccessControlMaxAgeSec)]);
  }
  return entries.map(([name, value]) => ({ name, value, override: cors.OriginOverride }));
}

/** Changes `headers` (names in lower case) as the policy says. */
export function applyResponseHeadersPolicy(
  headers: Map<string, string | readonly string[]>,
  policy: ResponseHeadersPolicy,
  viewer: { readonly origin: string | undefined; readonly secure: boolean },
): void {
  for (const { Header } of policy.RemoveHeadersConfig?.Items ?? [])
    headers.delete(Header.toLowerCase());
  const custom = (policy.CustomHeadersConfig?.Items ?? []).map((item) => ({
    name: item.Header.toLowerCase(),
    value: item.Value,
    override: item.Override,
  }));
  for (const { name, value, override } of [
    ...corsHeaders(policy, viewer.origin),
    ...securityHeaders(policy, viewer.secure),
    ...custom,
  ]) {
    if (override || !headers.has(name)) headers.set(name, value);
  }
}
