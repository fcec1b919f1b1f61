import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { z } from "zod";
import { matchesWildcards } from "../wildcards.ts";

/** Why a request to signed content is refused; the codes are CloudFront's. */
export class AccessRefused extends Error {
  readonly code: "MissingKey" | "InvalidKey" | "AccessDenied" | "MalformedPolicy";

  constructor(code: AccessRefused["code"], message: string) {
    super(message);
    this.name = "AccessRefused";
    this.code = code;
  }
}

/** A signature as it came, in cookies or in the query; names without their prefix. */
export interface SignedClaim {
  readonly policy: string | undefined;
  readonly expires: string | undefined;
  readonly signature: string | undefined;
  readonly keyPairId: string | undefined;
  readonly hashAlgorithm: string | undefined;
}

const epoch = z.strictObject({ "AWS:EpochTime": z.int() });
const policySchema = z.strictObject({
  Statement: z.tuple([
    z.strictObject({
      Resource: z.string().optional(),
      Condition: z.strictObject({
        DateLessThan: epoch,
        DateGreaterThan: epoch.optional(),
        IpAddress: z.strictObject({ "AWS:SourceIp": z.string() }).optional(),
      }),
    }),
  ]),
});
type Policy = z.infer<typeof policySchema>;

const maxRememberedVerdicts = 10_000;

/** CloudFront's own base64: `+` `=` `/` are written `-` `_` `~`. */
function decode(text: string): Buffer {
  return Buffer.from(text.replaceAll("-", "+").replaceAll("_", "=").replaceAll("~", "/"), "base64");
}

/**
 * Checks signed URLs and signed cookies, canned and custom policies, RSA and ECDSA, SHA-1 (the
 * default) and SHA-256. CloudFront Developer Guide, "Serve private content".
 */
export class SignedAccess {
  readonly #keys = new Map<string, KeyObject>();
  /** Verified signatures: the mathematics once, the conditions at every request. */
  readonly #verified = new Map<string, Policy>();

  /** @throws Error when `pem` is not a public key */
  addKey(keyPairId: string, pem: string): void {
    this.#keys.set(keyPairId, createPublicKey(pem));
    this.#verified.clear();
  }

  removeKey(keyPairId: string): void {
    this.#keys.delete(keyPairId);
    this.#verified.clear();
  }

  /**
   * @param trustedKeyIds key pair ids of the behavior's key groups
   * @param url as the viewer asked, without the parameters that sign it
   * @throws AccessRefused
   */
  check(
    claim: SignedClaim,
    request: { readonly url: string; readonly sourceIp: string; readonly nowMs: number },
    trustedKeyIds: ReadonlySet<string>,
  ): void {
    const { keyPairId, signature } = claim;
    if (keyPairId === undefined || signature === undefined) {
      throw new AccessRefused("MissingKey", "Missing Key-Pair-Id query parameter or cookie value");
    }
    const key = this.#keys.get(keyPairId);
    if (!key || !trustedKeyIds.has(keyPairId)) throw new AccessRefused("InvalidKey", "Unknown Key");
    const policy = this.#verify(claim, signature, keyPairId, key, request.url);
    checkConditions(policy, request);
  }

  #verify(
    claim: SignedClaim,
    signature: string,
    keyPairId: string,
    key: KeyObject,
    url: string,
  ): Policy {
    const text = policyText(claim, url);
    const remembered = `${keyPairId}\n${signature}\n${claim.hashAlgorithm ?? ""}\n${text}`;
    const known = this.#verified.get(remembered);
    if (known) return known;
    const algorithm = claim.hashAlgorithm === "SHA256" ? "sha256" : "sha1";
    if (!verify(algorithm, Buffer.from(text), key, decode(signature))) {
      throw new AccessRefused("AccessDenied", "Access denied");
    }
    const policy = parsePolicy(text);
    if (this.#verified.size >= maxRememberedVerdicts) {
      const oldest = this.#verified.keys().next().value;
      if (oldest !== undefined) this.#verified.delete(oldest);
    }
    this.#verified.set(remembered, policy);
    return policy;
  }
}

function policyText(claim: SignedClaim, url: string): string {
  if (claim.policy !== undefined) return decode(claim.policy).toString("utf8");
  if (claim.expires === undefined || !/^\d{1,12}$/.test(claim.expires)) {
    throw new AccessRefused("MalformedPolicy", "Malformed Policy");
  }
  // The canned policy is these exact bytes: "Create a signed URL using a canned policy".
  return `{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":${claim.expires}}}}]}`;
}

function parsePolicy(text: string): Policy {
  try {
    return policySchema.parse(JSON.parse(text));
  } catch {
    throw new AccessRefused("MalformedPolicy", "Malformed Policy");
  }
}

function checkConditions(
  policy: Policy,
  request: { readonly url: string; readonly sourceIp: string; readonly nowMs: number },
): void {
  const [{ Resource, Condition }] = policy.Statement;
  const now = request.nowMs / 1000;
  const begun = (Condition.DateGreaterThan?.["AWS:EpochTime"] ?? 0) <= now;
  const notOver = now < Condition.DateLessThan["AWS:EpochTime"];
  const allowed =
    begun &&
    notOver &&
    (Resource === undefined || matchesWildcards(Resource, request.url)) &&
    matchesIp(Condition.IpAddress?.["AWS:SourceIp"], request.sourceIp);
  if (!allowed) throw new AccessRefused("AccessDenied", "Access denied");
}

function matchesIp(range: string | undefined, address: string): boolean {
  if (range === undefined || range === "0.0.0.0/0") return true;
  const [network = "", bits = "32"] = range.split("/");
  const number = (ip: string) => ip.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const shift = 2 ** (32 - Number(bits));
  return Math.floor(number(network) / shift) === Math.floor(number(address) / shift);
}
