import { AwsError } from "../aws-error.ts";
import type { CloudContext } from "../context.ts";
import type { ResourceContext, ResourceProvider } from "../resource-provider.ts";
import type { CodeStore } from "./code-store.ts";
import type { Documents } from "./documents.ts";
import {
  type FunctionProperties,
  functionProperties,
  inertFunctionProperties,
} from "./function-config.ts";
import { type Functions, parseReference } from "./functions.ts";

export interface LayerDocument {
  readonly arn: string;
  readonly directory: string;
}

interface Parts {
  readonly context: CloudContext;
  readonly functions: Functions;
  readonly code: CodeStore;
  readonly layers: Documents<LayerDocument>;
}

export function functionProvider(parts: Parts): ResourceProvider<FunctionProperties> {
  const { functions, context } = parts;
  return {
    type: "AWS::Lambda::Function",
    schema: functionProperties,
    inert: inertFunctionProperties,
    async put(properties, resource) {
      const name = properties.FunctionName ?? resource.generatedName(64);
      const arn = functions.arnOf(name);
      functions.put({
        name,
        arn,
        handler: properties.Handler,
        runtime: properties.Runtime,
        role: properties.Role,
        description: properties.Description ?? "",
        variables: properties.Environment?.Variables ?? {},
        memoryMb: properties.MemorySize,
        timeoutSeconds: properties.Timeout,
        layers: (properties.Layers ?? []).map((layerArn) => layer(parts, layerArn)),
        ephemeralMb: properties.EphemeralStorage?.Size ?? 512,
        reservedConcurrency: properties.ReservedConcurrentExecutions,
        deadLetterArn: properties.DeadLetterConfig?.TargetArn,
        architecture: properties.Architectures?.[0] ?? "x86_64",
        codeDirectory: await code(parts, properties.Code, resource),
        modifiedAt: context.clock.now(),
      });
      return { physicalId: name, attributes: { Arn: arn } };
    },
    async delete(physicalId) {
      functions.delete(parseReference(physicalId).name);
    },
  };
}

function layer({ layers }: Parts, arn: string): LayerDocument {
  const found = layers.get(arn);
  if (found) return found;
  throw new AwsError(
    "InvalidParameterValueException",
    `The layer ${arn} is not a layer of this app: layers of other accounts cannot be had here.`,
  );
}

function code({ code: store }: Parts, given: FunctionProperties["Code"], from: ResourceContext) {
  return "ZipFile" in given
    ? store.fromText(given.ZipFile)
    : store.fromAsset(from.assetPath(given.S3Key), given.S3Key);
}
