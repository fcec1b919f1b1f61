import path from "node:path";
import {
  Function as CloudFrontFunction,
  FunctionCode,
  FunctionRuntime,
  type IKeyValueStore,
} from "aws-cdk-lib/aws-cloudfront";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { repositoryRoot } from "../paths.ts";
import type { ServiceFunction } from "./service-function.ts";

export const pathTokenLinksFile = path.join(
  repositoryRoot,
  "infra/viewer-functions/path-token-links.js",
);

/** Opens media to whoever has a link, for players that keep no cookies (docs/decisions/0009). */
export class PathTokenLinks extends CloudFrontFunction {
  constructor(scope: Construct, id: string, props: { readonly store: IKeyValueStore }) {
    super(scope, id, {
      comment: "Media by link: checks the token in the path",
      runtime: FunctionRuntime.JS_2_0,
      code: FunctionCode.fromFile({ filePath: pathTokenLinksFile }),
      keyValueStore: props.store,
    });
  }
}

/** What functions need of links. */
export interface PlaybackLinks {
  /** Of the key value store that holds the key and what was revoked. */
  readonly storeArn: string;
  /** Of the key that signs tokens. */
  readonly keySecretArn: string;
}

/** Without links in this deployment the functions say so by themselves. */
export function allowLinks(
  links: PlaybackLinks | undefined,
  ...functions: readonly ServiceFunction[]
): void {
  if (!links) return;
  for (const each of functions) {
    each.addEnvironment("LINK_KEY_SECRET_ARN", links.keySecretArn);
    each.allow(
      new PolicyStatement({
        actions: ["secretsmanager:GetSecretValue"],
        resources: [links.keySecretArn],
      }),
    );
  }
}

/** Likewise. */
export function allowRevoking(
  links: PlaybackLinks | undefined,
  ...functions: readonly ServiceFunction[]
): void {
  if (!links) return;
  for (const each of functions) {
    each.addEnvironment("LINK_STORE_ARN", links.storeArn);
    each.allow(
      new PolicyStatement({
        actions: [
          "cloudfront-keyvaluestore:DescribeKeyValueStore",
          "cloudfront-keyvaluestore:UpdateKeys",
          "cloudfront-keyvaluestore:DeleteKey",
        ],
        resources: [links.storeArn],
      }),
    );
  }
}
