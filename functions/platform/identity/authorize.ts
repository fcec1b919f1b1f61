import type { APIGatewayAuthorizerResult, APIGatewayTokenAuthorizerEvent } from "aws-lambda";
import { InvalidTokenError } from "./token-verifier.ts";

/** API Gateway answers 401 for exactly this message, and 500 for any other. */
const unauthorized = () => new Error("Unauthorized");

/**
 * A TOKEN authorizer. Its policy allows every method of the stage, because API Gateway keeps it for
 * the token's next requests, which may go elsewhere. What belongs to whom, the functions decide.
 *
 * @throws Error "Unauthorized" when the token is missing or not valid
 */
export const authorize = async (
  event: Pick<APIGatewayTokenAuthorizerEvent, "authorizationToken" | "methodArn">,
  subjectOf: (token: string) => Promise<string>,
): Promise<APIGatewayAuthorizerResult> => {
  const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(event.authorizationToken)?.[1];
  if (token === undefined) throw unauthorized();
  try {
    const principalId = await subjectOf(token);
    return {
      principalId,
      policyDocument: {
        Version: "2012-10-17",
        Statement: [
          {
            Action: "execute-api:Invoke",
            Effect: "Allow",
            Resource: everyMethodOfTheStage(event.methodArn),
          },
        ],
      },
    };
  } catch (error) {
    if (error instanceof InvalidTokenError) throw unauthorized();
    throw error;
  }
};

/** `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{method}/{path}` up to the stage. */
const everyMethodOfTheStage = (methodArn: string) => {
  const [api, stage] = methodArn.split("/");
  return `${api}/${stage}/*`;
};
