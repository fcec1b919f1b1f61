import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { z } from "zod";
import { CommandError } from "../errors.ts";

const failureSchema = z.object({ errorMessage: z.string() });

/**
 * Brings the database's schema up to date by the function that may do so.
 * @throws CommandError migration-failed
 */
export async function migrate(lambda: LambdaClient, functionName: string): Promise<void> {
  const answer = await lambda.send(
    new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from("{}") }),
  );
  if (answer.FunctionError === undefined) return;
  const failure = failureSchema.safeParse(JSON.parse(answer.Payload?.transformToString() ?? "{}"));
  throw new CommandError(
    "migration-failed",
    `The database could not be migrated: ${failure.success ? failure.data.errorMessage : answer.FunctionError}`,
  );
}
