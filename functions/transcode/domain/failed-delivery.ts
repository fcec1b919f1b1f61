import { taskMessageSchema } from "@sluice/contracts";
import { z } from "zod";

/** A task as the topic carries it: text within JSON. */
const taskTextSchema = z
  .string()
  .max(10_000)
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue({ code: "custom", message: "The task is not JSON." });
      return z.NEVER;
    }
  })
  .pipe(taskMessageSchema);

/**
 * What Lambda sends to a failure destination (AWS Lambda guide, "Capturing records of Lambda
 * asynchronous invocations"), around the notification that it could not get done.
 */
const invocationRecordSchema = z
  .object({
    requestContext: z.object({ condition: z.string() }),
    requestPayload: z.object({
      Records: z.tuple([z.object({ Sns: z.object({ Message: taskTextSchema }) })]),
    }),
  })
  .transform(({ requestContext, requestPayload }) => ({
    task: requestPayload.Records[0].Sns.Message,
    // Its other conditions say that the event never had its attempts (EventAgeExceeded).
    cause: requestContext.condition === "RetriesExhausted" ? "failed" : "never-run",
  }));

/** What SNS sets aside when it could not deliver at all (Amazon SNS guide, "Dead-letter queues"). */
const undeliveredSchema = z
  .object({ Type: z.literal("Notification"), Message: taskTextSchema })
  .transform(({ Message }) => ({ task: Message, cause: "never-run" }));

/** A task that push gave up, as it arrives in the queue of failed tasks. */
export const failedDeliverySchema = z.union([invocationRecordSchema, undeliveredSchema]);
export type FailedDelivery = z.infer<typeof failedDeliverySchema>;
