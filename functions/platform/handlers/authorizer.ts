import type { APIGatewayTokenAuthorizerEvent } from "aws-lambda";
import { z } from "zod";
import { readEnvironment } from "../environment.ts";
import { authorize } from "../identity/authorize.ts";
import { createTokenVerifier } from "../identity/token-verifier.ts";

const environment = readEnvironment({
  TOKEN_ISSUER: z.string().min(1),
  TOKEN_AUDIENCE: z.string().min(1),
  TOKEN_JWKS_URL: z.url(),
});

const subjectOf = createTokenVerifier({
  issuer: environment.TOKEN_ISSUER,
  audience: environment.TOKEN_AUDIENCE,
  jwksUrl: environment.TOKEN_JWKS_URL,
});

export const handler = (event: APIGatewayTokenAuthorizerEvent) => authorize(event, subjectOf);
