import { Duration } from "aws-cdk-lib";
import {
  HeadersFrameOption,
  HeadersReferrerPolicy,
  ResponseHeadersPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import type { Construct } from "constructs";

export interface SecurityHeadersProps {
  readonly comment: string;
  /** Content Security Policy Level 3, directive by directive. */
  readonly contentSecurityPolicy: Readonly<Record<string, readonly string[]>>;
  /** Pages of any origin may read the answers; they carry no credentials, since none are asked for. */
  readonly isReadableAnywhere?: boolean;
  /** In the place of what the origin says, which the edge itself still follows. */
  readonly cacheControl?: string;
}

/** Headers that make a browser stricter, whatever the origin says. */
export class SecurityHeaders extends ResponseHeadersPolicy {
  constructor(scope: Construct, id: string, props: SecurityHeadersProps) {
    const override = true;
    super(scope, id, {
      comment: props.comment,
      securityHeadersBehavior: {
        contentSecurityPolicy: {
          contentSecurityPolicy: Object.entries(props.contentSecurityPolicy)
            .map(([directive, sources]) => [directive, ...sources].join(" "))
            .join("; "),
          override,
        },
        contentTypeOptions: { override },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.SAME_ORIGIN, override },
        // Ignored over plain HTTP (RFC 6797, section 8.1).
        strictTransportSecurity: { accessControlMaxAge: Duration.days(365), override },
      },
      ...(props.isReadableAnywhere && {
        corsBehavior: {
          accessControlAllowOrigins: ["*"],
          accessControlAllowMethods: ["GET", "HEAD"],
          accessControlAllowHeaders: ["Range"],
          accessControlExposeHeaders: ["Content-Length", "Content-Range", "Date", "ETag"],
          accessControlAllowCredentials: false,
          originOverride: override,
        },
      }),
      ...(props.cacheControl && {
        customHeadersBehavior: {
          customHeaders: [{ header: "Cache-Control", value: props.cacheControl, override }],
        },
      }),
    });
  }
}

/** For the page: what it needs to play (hls.js feeds blobs from a worker) and to upload parts. */
export function pagePolicy(connectsTo: string): SecurityHeadersProps["contentSecurityPolicy"] {
  return {
    "default-src": ["'self'"],
    "connect-src": ["'self'", connectsTo],
    "img-src": ["'self'", "blob:", "data:"],
    "media-src": ["'self'", "blob:"],
    "worker-src": ["'self'", "blob:"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
  };
}

/** For bytes that are never a page: a video or an answer that pretends to be one runs nothing. */
export const inertPolicy: SecurityHeadersProps["contentSecurityPolicy"] = {
  "default-src": ["'none'"],
  "frame-ancestors": ["'none'"],
  sandbox: [],
};
