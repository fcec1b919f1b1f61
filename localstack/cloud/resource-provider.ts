import type { z } from "zod";

/** Where a resource stands in the app. */
export interface ResourceContext {
  readonly accountId: string;
  readonly region: string;
  readonly stackName: string;
  readonly logicalId: string;
  /** What `put` answered before, at an earlier start or earlier in this one. */
  readonly physicalId?: string;
  /** A name as CloudFormation makes one: stack, logical id and a suffix that never changes. */
  generatedName(maxLength?: number): string;
  /** Directory of an asset in cdk.out, by the S3 key that the template gives it. */
  assetPath(objectKey: string): string;
}

export interface ResourceState {
  /** What `Ref` gives. */
  readonly physicalId: string;
  /** What `Fn::GetAtt` gives, by attribute name (`Arn`, `Outputs.x`). */
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * One resource type of CloudFormation.
 *
 * A property is honoured (in `schema`), inert (in `inert`: accepted, without effect here, named
 * once at start) or refused: `schema` is strict, so an unknown property stops the start.
 */
export interface ResourceProvider<P = unknown> {
  /** For example `AWS::SQS::Queue`. */
  readonly type: string;
  readonly schema: z.ZodType<P>;
  readonly inert: readonly string[];
  /** Makes the resource what `properties` say; the same call twice changes nothing. */
  put(properties: P, context: ResourceContext): Promise<ResourceState>;
  /** Called when the logical id left the template. */
  delete(physicalId: string, context: ResourceContext): Promise<void>;
}
