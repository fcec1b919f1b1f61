import { Annotations, Duration } from "aws-cdk-lib";
import {
  AllowedMethods,
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  Distribution,
  FunctionEventType,
  HttpVersion,
  type IKeyGroup,
  type IKeyValueStore,
  type IOrigin,
  OriginRequestPolicy,
  PriceClass,
  ViewerProtocolPolicy,
} from "aws-cdk-lib/aws-cloudfront";
import { RestApiOrigin, S3BucketOrigin } from "aws-cdk-lib/aws-cloudfront-origins";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import type { Target } from "../targets.ts";
import { PathTokenLinks } from "./path-token-links.ts";
import { PlainMediaAddresses } from "./plain-media-addresses.ts";
import { inertPolicy, pagePolicy, SecurityHeaders } from "./response-headers.ts";
import type { SluiceApi } from "./rest-api.ts";

export interface FrontDoorProps {
  readonly target: Target;
  readonly webBucket: Bucket;
  readonly mediaBucket: Bucket;
  readonly api: SluiceApi;
  /** Whose signatures open `/videos/*`. */
  readonly viewers: IKeyGroup;
  /** What `/play/*` asks about links. */
  readonly linkStore: IKeyValueStore;
}

/** One distribution before page, API and media, so that the cookies that open a video are first-party. */
export class FrontDoor extends Construct {
  readonly distribution: Distribution;

  constructor(scope: Construct, id: string, props: FrontDoorProps) {
    super(scope, id);
    const { api, target } = props;
    const viewerProtocolPolicy = target.requiresHttps
      ? ViewerProtocolPolicy.REDIRECT_TO_HTTPS
      : ViewerProtocolPolicy.ALLOW_ALL;
    const inertHeaders = new SecurityHeaders(this, "InertHeaders", {
      comment: "API and media: never a page",
      contentSecurityPolicy: inertPolicy,
    });

    const media = {
      origin: this.#bucketOrigin("Media", props.mediaBucket),
      viewerProtocolPolicy,
      allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
      cachePolicy: this.#mediaCachePolicy(),
      // Video does not shrink.
      compress: false,
    };

    this.distribution = new Distribution(this, "Distribution", {
      comment: "Sluice: page, API and media",
      defaultRootObject: "index.html",
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      defaultBehavior: {
        origin: this.#bucketOrigin("Web", props.webBucket),
        viewerProtocolPolicy,
        allowedMethods: AllowedMethods.ALLOW_GET_HEAD,
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        compress: true,
        responseHeadersPolicy: new SecurityHeaders(this, "PageHeaders", {
          comment: "The page",
          contentSecurityPolicy: pagePolicy(target.pageConnectsTo),
        }),
      },
      additionalBehaviors: {
        "/api/*": {
          // The stage is named api: the path goes on as it came.
          origin: new RestApiOrigin(api.restApi, { originPath: "" }),
          viewerProtocolPolicy,
          allowedMethods: AllowedMethods.ALLOW_ALL,
          cachePolicy: CachePolicy.CACHING_DISABLED,
          // API Gateway finds the API by Host, which must be its own.
          originRequestPolicy: OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
          responseHeadersPolicy: inertHeaders,
        },
        "/videos/*": {
          ...media,
          trustedKeyGroups: [props.viewers],
          functionAssociations: [
            {
              eventType: FunctionEventType.VIEWER_REQUEST,
              function: new PlainMediaAddresses(this, "PlainMediaAddresses"),
            },
          ],
          responseHeadersPolicy: inertHeaders,
        },
        "/play/*": {
          ...media,
          functionAssociations: [
            {
              eventType: FunctionEventType.VIEWER_REQUEST,
              function: new PathTokenLinks(this, "PathTokenLinks", { store: props.linkStore }),
            },
          ],
          responseHeadersPolicy: new SecurityHeaders(this, "LinkHeaders", {
            comment: "Media by link: for players on any page, and no cache but the viewer's own",
            contentSecurityPolicy: inertPolicy,
            isReadableAnywhere: true,
            // A cache between viewer and edge would hand out what was revoked, or has expired; the
            // viewer's own asks again each time, and is told that nothing has changed.
            cacheControl: "private, no-cache",
          }),
        },
      },
      // CloudFront keeps errors for 10 s unless told: a segment not yet there would stay missing.
      // No page is put in their place: that would turn the API's problem+json into HTML.
      errorResponses: [
        ...[400, 403, 404, 405, 414, 416].map((httpStatus) => ({
          httpStatus,
          ttl: Duration.seconds(0),
        })),
        // One second shields an origin in trouble.
        ...[500, 501, 502, 503, 504].map((httpStatus) => ({
          httpStatus,
          ttl: Duration.seconds(1),
        })),
      ],
    });
  }

  /** Reads by Origin Access Control. The bucket's own stack holds the policy that allows it. */
  #bucketOrigin(name: string, bucket: Bucket): IOrigin {
    const { bucketName, bucketRegionalDomainName } = bucket;
    // Seen as another's bucket: the origin would else write this distribution into its policy, a
    // cycle between stacks.
    const seen = Bucket.fromBucketAttributes(this, `${name}Bucket`, {
      bucketName,
      bucketRegionalDomainName,
    });
    Annotations.of(this).acknowledgeWarning(
      "@aws-cdk/aws-cloudfront-origins:updateImportedBucketPolicyOac",
      "PrivateBucket.allowDistributions wrote the policy",
    );
    return S3BucketOrigin.withOriginAccessControl(seen);
  }

  /** Keys are immutable but for growing playlists, which say so: the origin's word counts. */
  #mediaCachePolicy(): CachePolicy {
    return new CachePolicy(this, "MediaCache", {
      comment: "Media: one copy for all viewers",
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.days(1),
      maxTtl: Duration.days(365),
      // Signatures differ by viewer and must not split the cache.
      queryStringBehavior: CacheQueryStringBehavior.none(),
      cookieBehavior: CacheCookieBehavior.none(),
      headerBehavior: CacheHeaderBehavior.none(),
      enableAcceptEncodingGzip: false,
      enableAcceptEncodingBrotli: false,
    });
  }
}
