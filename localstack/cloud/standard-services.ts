import { createApiGatewayService } from "./apigateway/index.ts";
import type { SecretReference } from "./cloudformation/dynamic-references.ts";
import { openStackStore } from "./cloudformation/store.ts";
import type { CloudContext } from "./context.ts";
import { createEventsService } from "./events/index.ts";
import { createLambdaService } from "./lambda/index.ts";
import { createRdsDataService } from "./rds-data/index.ts";
import { createS3Service } from "./s3/index.ts";
import { createSecretsManagerService } from "./secrets-manager/index.ts";
import type { AwsService } from "./service.ts";
import { createSnsService } from "./sns/index.ts";
import { createSqsService, type DeliveryFaults } from "./sqs/index.ts";

export interface StandardOptions {
  readonly databaseUrl?: string | undefined;
  readonly faults?: DeliveryFaults | undefined;
}

export interface StandardServices {
  /** In the order they start; they are stopped the other way round: who asks before who answers. */
  readonly services: readonly AwsService[];
  readSecret(reference: SecretReference): string;
}

/** The services of every cloud, each given what it needs of the others. */
export function createStandardServices(
  context: CloudContext,
  { databaseUrl, faults }: StandardOptions,
): StandardServices {
  const stacks = openStackStore(context);
  const secrets = createSecretsManagerService(context, {
    describeTarget(targetId) {
      const database = stacks.findByPhysicalId(targetId)?.attributes;
      const host = database?.["Endpoint.Address"];
      const port = Number(database?.["Endpoint.Port"]);
      return host === undefined ? undefined : { engine: "postgres", host, port };
    },
  });
  const rdsData = createRdsDataService(context, {
    secrets,
    ...(databaseUrl !== undefined && { databaseUrl }),
  });
  const sqs = createSqsService(context, { faults });
  const s3 = createS3Service(context, { queues: sqs });
  const lambda = createLambdaService(context, { sqs });
  const apiGateway = createApiGatewayService(context, { functions: lambda });

  const sns = createSnsService(context, { queues: sqs, functions: lambda });
  sns.injectFaults(faults);
  const events = createEventsService(context, { queues: sqs, functions: lambda });

  return {
    services: [rdsData, secrets, sqs, s3, apiGateway, lambda, sns, events],
    readSecret: (reference) => secrets.resolve(reference),
  };
}
