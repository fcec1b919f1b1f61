import { z } from "zod";
import { AwsError } from "../aws-error.ts";
import { parseSchedule, type Schedule, ScheduleError } from "./schedule/expression.ts";

/** Templates carry numbers as numbers or texts. */
const number = (min: number, max: number) =>
  z
    .union([z.number(), z.string().regex(/^\d+$/)])
    .transform(Number)
    .pipe(z.number().int().min(min).max(max));
const refused = (reason: string) => z.undefined(reason).optional();
const queueArn = z.string().regex(/^arn:aws[\w-]*:sqs:[\w-]+:\d{12}:[\w-]{1,80}$/);

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html */
export const targetSchema = z.strictObject({
  Id: z.string().regex(/^[.\-_A-Za-z0-9]{1,64}$/),
  Arn: z
    .string()
    .regex(
      /^arn:aws[\w-]*:(sqs:[\w-]+:\d{12}:[\w-]{1,80}|lambda:[\w-]+:\d{12}:function:[\w-]+(:[\w$-]+)?)$/,
      "this cloud sends events to SQS queues and Lambda functions only",
    ),
  Input: z.string().max(8192).refine(isJson, "it is no JSON").optional(),
  RetryPolicy: z
    .strictObject({
      MaximumRetryAttempts: number(0, 185).optional(),
      MaximumEventAgeInSeconds: number(60, 86_400).optional(),
    })
    .optional(),
  DeadLetterConfig: z.strictObject({ Arn: queueArn.optional() }).optional(),
  InputPath: refused("this cloud sends the event whole, or a constant Input"),
  InputTransformer: refused("this cloud sends the event whole, or a constant Input"),
  SqsParameters: refused("they are for FIFO queues, which this cloud has not"),
});
export type Target = z.infer<typeof targetSchema>;

export const ruleName = z.string().regex(/^[.\-_A-Za-z0-9]{1,64}$/);

/** What a rule is made of, in the API and in templates alike. */
export const ruleMembers = {
  Description: z.string().max(512).optional(),
  EventBusName: z
    .literal("default", "this cloud has the default event bus only: leave EventBusName out")
    .optional(),
  EventPattern: refused("this cloud runs rules by a schedule only: leave EventPattern out"),
  State: z.enum(["ENABLED", "DISABLED"]).default("ENABLED"),
  ScheduleExpression: z.string("a rule of this cloud needs a schedule").min(1).max(256),
};

/** A rule as it is kept. */
export const ruleDocument = z.strictObject({
  name: z.string(),
  description: z.string(),
  scheduleExpression: z.string(),
  enabled: z.boolean(),
  /** Epoch milliseconds: when it began to count, at a new schedule or when it was enabled. */
  since: z.number(),
  targets: z.array(targetSchema),
});
export type RuleDocument = z.infer<typeof ruleDocument>;

export interface Rule extends RuleDocument {
  readonly arn: string;
  readonly schedule: Schedule;
}

export const invalid = (message: string) => new AwsError("ValidationException", message);

/** @throws AwsError ValidationException */
export function readSchedule(expression: string): Schedule {
  try {
    return parseSchedule(expression);
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    throw invalid(`Parameter ScheduleExpression is not valid: ${error.message}.`);
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
