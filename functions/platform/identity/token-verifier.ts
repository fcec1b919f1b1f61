import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from "jose";

export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  /** Where the issuer publishes its keys (RFC 7517). */
  readonly jwksUrl: string;
}

/** The token is not valid. Says nothing more: the reason helps only those who forge. */
export class InvalidTokenError extends Error {
  override readonly name = "InvalidTokenError";
}

/** Asymmetric only: with HS256 a public key could be taken for a shared secret (RFC 8725, 2.1). */
const algorithms = ["ES256", "RS256", "EdDSA"];
const clockTolerance = "5s";
const maxSubjectLength = 255;

/**
 * Verifies a JWT and answers its subject. Keys are fetched once and again when an unknown one
 * appears, as the issuer rotates them.
 *
 * @throws InvalidTokenError; other errors when the issuer's keys cannot be had
 */
export const createTokenVerifier = (
  rules: TokenRules,
  keys: JWTVerifyGetKey = createRemoteJWKSet(new URL(rules.jwksUrl)),
) => {
  return async (token: string): Promise<string> => {
    const payload = await verified(token, rules, keys);
    const { sub } = payload;
    if (sub === undefined || sub.length === 0 || sub.length > maxSubjectLength) {
      throw new InvalidTokenError("The token names no usable subject.");
    }
    return sub;
  };
};

const verified = async (token: string, rules: TokenRules, keys: JWTVerifyGetKey) => {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: rules.issuer,
      audience: rules.audience,
      algorithms,
      clockTolerance,
      requiredClaims: ["exp", "sub"],
    });
    return payload;
  } catch (error) {
    if (isFaultOfToken(error))
      throw new InvalidTokenError("The token is not valid.", { cause: error });
    throw error;
  }
};

const isFaultOfToken = (error: unknown) =>
  error instanceof errors.JWTInvalid ||
  error instanceof errors.JWTExpired ||
  error instanceof errors.JWTClaimValidationFailed ||
  error instanceof errors.JWSInvalid ||
  error instanceof errors.JWSSignatureVerificationFailed ||
  error instanceof errors.JOSEAlgNotAllowed ||
  error instanceof errors.JOSENotSupported ||
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys;
