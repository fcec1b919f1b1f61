import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { z } from "zod";
import { commitAnswerSchema, leaseAnswerSchema } from "../domain/office.ts";
import type { TaskOffice } from "../ports.ts";

/** The two functions, invoked and waited for. */
export const lambdaTaskOffice = (
  client: LambdaClient,
  functions: { readonly lease: string; readonly commit: string },
): TaskOffice => {
  const invoke = async <S extends z.ZodType>(
    name: string,
    request: unknown,
    answer: S,
    signal: AbortSignal,
  ): Promise<z.output<S>> => {
    const { FunctionError, Payload } = await client.send(
      new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(request) }),
      { abortSignal: signal },
    );
    const text = Payload?.transformToString() ?? "";
    if (FunctionError) throw new Error(`The function ${name} failed: ${text.slice(0, 300)}`);
    return answer.parse(JSON.parse(text));
  };
  return {
    lease: (request, signal) => invoke(functions.lease, request, leaseAnswerSchema, signal),
    commit: (request, signal) => invoke(functions.commit, request, commitAnswerSchema, signal),
  };
};
