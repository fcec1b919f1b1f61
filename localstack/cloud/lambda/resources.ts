import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { z } from "zod";
import { AwsError } from "../aws-error.ts";
import type { CloudContext } from "../context.ts";
import type { ResourceProvider } from "../resource-provider.ts";
import type { Documents } from "./documents.ts";
import {
  type InvokeConfigProperties,
  invokeConfigProperties,
  type MappingProperties,
  mappingProperties,
} from "./function-config.ts";
import type { LayerDocument } from "./function-resource.ts";
import { type Functions, parseReference } from "./functions.ts";
import type { Mappings } from "./mappings.ts";

const layerProperties = z.strictObject({
  Content: z.strictObject({ S3Bucket: z.string(), S3Key: z.string() }),
  LayerName: z.string().optional(),
});

/** Layers are used where they are: a layer may link to a program of the host. */
export function layerProvider(
  context: CloudContext,
  layers: Documents<LayerDocument>,
): ResourceProvider<z.infer<typeof layerProperties>> {
  return {
    type: "AWS::Lambda::LayerVersion",
    schema: layerProperties,
    inert: ["CompatibleRuntimes", "CompatibleArchitectures", "Description", "LicenseInfo"],
    async put({ Content, LayerName }, resource) {
      const directory = resource.assetPath(Content.S3Key);
      if (!existsSync(directory)) {
        throw new AwsError(
          "InvalidParameterValueException",
          `The layer's asset ${Content.S3Key} is not in cdk.out: synthesize again.`,
        );
      }
      const name = LayerName ?? resource.generatedName(64);
      const arn = `arn:aws:lambda:${context.region}:${context.accountId}:layer:${name}:1`;
      layers.put(arn, { arn, directory });
      return { physicalId: arn, attributes: { LayerVersionArn: arn, Arn: arn } };
    },
    async delete(physicalId) {
      layers.delete(physicalId);
    },
  };
}

const permissionProperties = z.strictObject({
  Action: z.string(),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
  SourceAccount: z.string().optional(),
  PrincipalOrgID: z.string().optional(),
  EventSourceToken: z.string().optional(),
});

/** Who may invoke a function. Kept, not enforced: callers inside this cloud are its own services. */
export function permissionProvider(
  permissions: Documents<z.infer<typeof permissionProperties>>,
): ResourceProvider<z.infer<typeof permissionProperties>> {
  return {
    type: "AWS::Lambda::Permission",
    schema: permissionProperties,
    inert: [],
    async put(properties, resource) {
      const id = resource.physicalId ?? resource.generatedName(100);
      permissions.put(id, properties);
      return { physicalId: id, attributes: { Id: id } };
    },
    async delete(physicalId) {
      permissions.delete(physicalId);
    },
  };
}
export const permissionDocument: z.ZodType<z.infer<typeof permissionProperties>> =
  permissionProperties;

export function invokeConfigProvider(
  invokeConfigs: Documents<InvokeConfigProperties>,
): ResourceProvider<InvokeConfigProperties> {
  return {
    type: "AWS::Lambda::EventInvokeConfig",
    schema: invokeConfigProperties,
    inert: [],
    async put(properties) {
      const { name } = parseReference(properties.FunctionName);
      invokeConfigs.put(name, properties);
      return { physicalId: name, attributes: {} };
    },
    async delete(physicalId) {
      invokeConfigs.delete(physicalId);
    },
  };
}

export function mappingProvider(
  context: CloudContext,
  mappings: Mappings,
  mappingArn: (id: string) => string,
): ResourceProvider<MappingProperties> {
  return {
    type: "AWS::Lambda::EventSourceMapping",
    schema: mappingProperties,
    inert: ["Tags"],
    async put(properties, resource) {
      const id = resource.physicalId ?? randomUUID();
      mappings.put({
        id,
        functionName: parseReference(properties.FunctionName).name,
        queueArn: properties.EventSourceArn,
        batchSize: properties.BatchSize,
        windowSeconds: properties.MaximumBatchingWindowInSeconds,
        enabled: properties.Enabled,
        reportsItemFailures: (properties.FunctionResponseTypes ?? []).length > 0,
        maximumConcurrency: properties.ScalingConfig?.MaximumConcurrency,
        modifiedAt: context.clock.now(),
      });
      return { physicalId: id, attributes: { Id: id, EventSourceMappingArn: mappingArn(id) } };
    },
    async delete(physicalId) {
      mappings.delete(physicalId);
    },
  };
}

const versionProperties = z.strictObject({
  FunctionName: z.string(),
  Description: z.string().optional(),
  CodeSha256: z.string().optional(),
});

/** A version is a name for the function as it is now: what runs is always the latest. */
export function versionProvider(
  functions: Functions,
): ResourceProvider<z.infer<typeof versionProperties>> {
  return {
    type: "AWS::Lambda::Version",
    schema: versionProperties,
    inert: [],
    async put({ FunctionName }) {
      const { name } = functions.find(FunctionName);
      functions.putQualifier(name, "1");
      const arn = `${functions.arnOf(name)}:1`;
      return { physicalId: arn, attributes: { Version: "1", FunctionArn: arn } };
    },
    async delete(physicalId) {
      // CDK replaces a version by one of another logical id, whose name is the same here.
      void physicalId;
    },
  };
}

const aliasProperties = z.strictObject({
  FunctionName: z.string(),
  FunctionVersion: z.string(),
  Name: z.string().regex(/^(?!\d+$)[\w-]{1,128}$/),
  Description: z.string().optional(),
});

export function aliasProvider(
  functions: Functions,
): ResourceProvider<z.infer<typeof aliasProperties>> {
  return {
    type: "AWS::Lambda::Alias",
    schema: aliasProperties,
    inert: [],
    async put({ FunctionName, Name }) {
      const { name } = functions.find(FunctionName);
      functions.putQualifier(name, Name);
      const arn = `${functions.arnOf(name)}:${Name}`;
      return { physicalId: arn, attributes: { AliasArn: arn } };
    },
    async delete(physicalId) {
      const { name, qualifier } = parseReference(physicalId);
      if (qualifier !== undefined) functions.deleteQualifier(name, qualifier);
    },
  };
}
