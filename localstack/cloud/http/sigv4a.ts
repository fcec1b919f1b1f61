import { createECDH, createHmac, createPublicKey, type KeyObject, verify } from "node:crypto";
import type { Credentials } from "../context.ts";

/** Order of the curve P-256 less two (FIPS 186-4, appendix D.1.2.3). */
const largestCandidate = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n - 2n;
const algorithm = "AWS4-ECDSA-P256-SHA256";

/**
 * Whether a signature of Signature Version 4A, an ECDSA signature in DER and hex, holds.
 * "Signature calculations for asymmetric SigV4" of the AWS General Reference; both sides derive the
 * key pair from the secret key by NIST SP 800-108, counter mode.
 */
export function verifyAsymmetric(
  credentials: Credentials,
  stringToSign: string,
  signature: string,
): boolean {
  if (!/^([0-9a-f]{2}){8,72}$/.test(signature)) return false;
  return verify(
    "sha256",
    Buffer.from(stringToSign),
    publicKeyOf(credentials),
    Buffer.from(signature, "hex"),
  );
}

const known = new WeakMap<Credentials, KeyObject>();

function publicKeyOf(credentials: Credentials): KeyObject {
  let key = known.get(credentials);
  if (!key) {
    key = publicHalf(privateScalar(credentials));
    known.set(credentials, key);
  }
  return key;
}

/** The first candidate that is a scalar of the curve, plus one. */
function privateScalar({ accessKeyId, secretAccessKey }: Credentials): Buffer {
  for (let counter = 1; counter < 255; counter += 1) {
    const candidate = createHmac("sha256", `AWS4A${secretAccessKey}`)
      .update(Buffer.from([0, 0, 0, 1]))
      .update(algorithm)
      .update(Buffer.from([0]))
      .update(accessKeyId)
      .update(Buffer.from([counter, 0, 0, 1, 0]))
      .digest("hex");
    const scalar = BigInt(`0x${candidate}`);
    if (scalar <= largestCandidate) {
      return Buffer.from((scalar + 1n).toString(16).padStart(64, "0"), "hex");
    }
  }
  throw new Error("These credentials give no key of P-256.");
}

function publicHalf(scalar: Buffer): KeyObject {
  const pair = createECDH("prime256v1");
  pair.setPrivateKey(scalar);
  const point = pair.getPublicKey();
  return createPublicKey({
    format: "jwk",
    key: {
      kty: "EC",
      crv: "P-256",
      x: point.subarray(1, 33).toString("base64url"),
      y: point.subarray(33).toString("base64url"),
    },
  });
}
