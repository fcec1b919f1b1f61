import { Aws, type RemovalPolicy } from "aws-cdk-lib";
import { Effect, PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  ObjectOwnership,
} from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";

export interface PrivateBucketProps extends Pick<BucketProps, "cors" | "lifecycleRules"> {
  readonly removalPolicy: RemovalPolicy;
}

/** Encrypted, reached over TLS only, and by nobody without a right of their own. */
export class PrivateBucket extends Bucket {
  constructor(scope: Construct, id: string, props: PrivateBucketProps) {
    super(scope, id, {
      ...props,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    });
  }

  /**
   * Lets this account's distributions read `prefix`.
   *
   * Written here rather than by the origin's L2 construct, which would name the distribution: a
   * cycle, since that is made later and in another stack. ListBucket makes S3 answer 404, not 403,
   * for an object that does not exist.
   */
  allowDistributions(prefix: "" | `${string}/`): void {
    const principals = [new ServicePrincipal("cloudfront.amazonaws.com")];
    const conditions = {
      StringEquals: { "aws:SourceAccount": Aws.ACCOUNT_ID },
      ArnLike: {
        "aws:SourceArn": `arn:${Aws.PARTITION}:cloudfront::${Aws.ACCOUNT_ID}:distribution/*`,
      },
    };
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: "DistributionsRead",
        effect: Effect.ALLOW,
        principals,
        actions: ["s3:GetObject"],
        resources: [this.arnForObjects(`${prefix}*`)],
        conditions,
      }),
    );
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: "DistributionsSeeWhatIsMissing",
        effect: Effect.ALLOW,
        principals,
        actions: ["s3:ListBucket"],
        resources: [this.bucketArn],
        conditions,
      }),
    );
  }
}
