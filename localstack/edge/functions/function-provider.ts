import { type Log, type ResourceProvider, StartError } from "@sluice/cloud";
import { type FunctionProperties, functionSchema } from "./function-schema.ts";
import { ViewerFunction } from "./viewer-function.ts";

/** `AWS::CloudFront::Function`: `Ref` and `FunctionARN` are its ARN. */
export function functionProvider(
  functions: Map<string, ViewerFunction>,
  log: Log,
): ResourceProvider<FunctionProperties> {
  return {
    type: "AWS::CloudFront::Function",
    schema: functionSchema,
    inert: [],
    async put(properties, { accountId, stackName, logicalId }) {
      const arn = `arn:aws:cloudfront::${accountId}:function/${properties.Name}`;
      try {
        functions.set(arn, new ViewerFunction(properties, log));
      } catch (error) {
        throw new StartError(
          "function-code-invalid",
          `${stackName}/${logicalId}: FunctionCode cannot be compiled: ${String(error)}`,
        );
      }
      return {
        physicalId: arn,
        attributes: {
          FunctionARN: arn,
          "FunctionMetadata.FunctionARN": arn,
          Stage: properties.AutoPublish === true ? "LIVE" : "DEVELOPMENT",
        },
      };
    },
    async delete(arn) {
      functions.delete(arn);
    },
  };
}
