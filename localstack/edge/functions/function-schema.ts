import { z } from "zod";

/** "Quotas on CloudFront Functions": maximum function size. */
const maxCodeBytes = 10 * 1024;

/** What `AWS::CloudFront::Function` of CloudFormation may say here. */
export const functionSchema = z.strictObject({
  Name: z.string().regex(/^[a-zA-Z0-9-_]{1,64}$/),
  AutoPublish: z.boolean().optional(),
  FunctionCode: z
    .string()
    .min(1)
    .refine((code) => Buffer.byteLength(code) <= maxCodeBytes, "A function has 10 KB at most."),
  FunctionConfig: z.strictObject({
    Comment: z.string(),
    Runtime: z.enum(["cloudfront-js-1.0", "cloudfront-js-2.0"]),
    /** "Each function can be associated with only one key value store", and only in runtime 2.0. */
    KeyValueStoreAssociations: z
      .array(z.strictObject({ KeyValueStoreARN: z.string() }))
      .max(1)
      .optional(),
  }),
});
export type FunctionProperties = z.infer<typeof functionSchema>;
export type FunctionRuntime = FunctionProperties["FunctionConfig"]["Runtime"];

/** "Each event type can have only one edge function association"; the origin events are Lambda@Edge's. */
export const functionAssociationsSchema = z
  .array(
    z.strictObject({
      EventType: z.enum(["viewer-request", "viewer-response"]),
      FunctionARN: z.string(),
    }),
  )
  .refine(
    (list) => new Set(list.map(({ EventType }) => EventType)).size === list.length,
    "An event type has one function at most.",
  );
export type FunctionEventType = z.infer<typeof functionAssociationsSchema>[number]["EventType"];
