import path from "node:path";
import {
  Function as CloudFrontFunction,
  FunctionCode,
  FunctionRuntime,
} from "aws-cdk-lib/aws-cloudfront";
import type { Construct } from "constructs";
import { repositoryRoot } from "../paths.ts";

export const plainMediaAddressesFile = path.join(
  repositoryRoot,
  "infra/viewer-functions/plain-media-addresses.js",
);

/**
 * Refuses addresses in which a grant for one video could be found by one for another; every
 * behavior that asks for signatures needs it (docs/decisions/0006).
 */
export class PlainMediaAddresses extends CloudFrontFunction {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      comment: "Media: plain paths, no parameters but the signature",
      runtime: FunctionRuntime.JS_2_0,
      code: FunctionCode.fromFile({ filePath: plainMediaAddressesFile }),
    });
  }
}
