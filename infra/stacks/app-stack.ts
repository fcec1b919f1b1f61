import { CfnOutput, Stack, type StackProps, Validations } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { DeliveryFunctions } from "../constructs/delivery-functions.ts";
import { FfmpegLayer } from "../constructs/ffmpeg-layer.ts";
import { LibraryFunctions } from "../constructs/library-functions.ts";
import { MaintenanceFunctions } from "../constructs/maintenance-functions.ts";
import { PlatformFunctions } from "../constructs/platform-functions.ts";
import type { Resources } from "../constructs/resources.ts";
import { SluiceApi } from "../constructs/rest-api.ts";
import { stringParameter } from "../constructs/string-parameter.ts";
import { TranscodeFunctions } from "../constructs/transcode-functions.ts";
import { UploadFunctions } from "../constructs/upload-functions.ts";
import { WebhookFunctions } from "../constructs/webhook-functions.ts";
import type { Target } from "../targets.ts";
import type { DatabaseStack } from "./database-stack.ts";
import type { StorageStack } from "./storage-stack.ts";

export interface AppStackProps extends StackProps {
  readonly target: Target;
  readonly storage: StorageStack;
  /** Undefined where the target has no database of its own; parameters then say where it is. */
  readonly database: DatabaseStack | undefined;
}

export class AppStack extends Stack {
  readonly api: SluiceApi;

  constructor(scope: Construct, id: string, props: AppStackProps) {
    super(scope, id, props);
    const { storage, target } = props;
    Validations.of(this).acknowledge({
      id: "CloudFormation-Validate::W2509",
      reason: "Parameters named …SecretArn hold addresses of secrets, which may be read",
    });
    const parameter = (name: string, description: string) =>
      stringParameter(this, name, description);

    const resources: Resources = {
      target,
      sourceBucket: storage.sourceBucket,
      mediaBucket: storage.mediaBucket,
      ingestQueue: storage.ingestQueue,
      taskQueue: storage.taskQueue,
      packageQueue: storage.packageQueue,
      taskTopic: storage.taskTopic,
      failedTasks: storage.failedTasks,
      webhookQueue: storage.webhookQueue,
      database: props.database?.access ?? {
        clusterArn: parameter("DatabaseClusterArn", "ARN by which the Data API knows the database"),
        secretArn: parameter("DatabaseSecretArn", "ARN of the secret that opens the database"),
        endpoint: parameter("DataApiEndpoint", "Address of the Data API as functions see it"),
      },
      playback: {
        keyPairId: storage.playbackKeyPairId,
        privateKeySecretArn: parameter(
          "PlaybackPrivateKeySecretArn",
          "ARN of the secret that holds the private half of the key pair for playback, PEM",
        ),
      },
      links: storage.linkStore && {
        storeArn: storage.linkStore.keyValueStoreArn,
        keySecretArn: parameter(
          "LinkKeySecretArn",
          "ARN of the secret that holds the key that signs playback links",
        ),
      },
    };

    const platform = new PlatformFunctions(this, "Platform", {
      target,
      database: resources.database,
      tokens: {
        issuer: parameter("TokenIssuer", "Issuer (iss) of the tokens that the API takes"),
        audience: parameter("TokenAudience", "Audience (aud) of the tokens that the API takes"),
        jwksUrl: parameter("TokenJwksUrl", "Address of the issuer's key set (JWKS)"),
      },
    });
    this.api = new SluiceApi(this, "Api", { authorizer: platform.authorizer });
    new UploadFunctions(this, "Upload", {
      ...resources,
      api: this.api,
      publicS3Endpoint: target.hasPublicS3Endpoint
        ? parameter("PublicS3Endpoint", "Address of S3 as the uploader sees it")
        : undefined,
    });
    new WebhookFunctions(this, "Webhooks", {
      ...resources,
      api: this.api,
      keysSecretArn: parameter(
        "WebhookKeysSecretArn",
        "ARN of the secret that holds the master keys of webhooks, JSON",
      ),
    });
    new LibraryFunctions(this, "Library", { ...resources, api: this.api });
    new DeliveryFunctions(this, "Delivery", { ...resources, api: this.api });
    new TranscodeFunctions(this, "Transcode", {
      ...resources,
      ffmpeg: new FfmpegLayer(this, "Ffmpeg", { target }),
    });

    new MaintenanceFunctions(this, "Maintenance", resources);

    new CfnOutput(this, "ApiUrl", { value: this.api.restApi.url });
    new CfnOutput(this, "MigrateFunctionName", { value: platform.migrate.functionName });
  }
}
