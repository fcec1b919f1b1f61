import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";
import { z } from "zod";

const keySchema = z.looseObject({ kty: z.literal("EC"), kid: z.string(), d: z.string() });
const algorithm = "ES256";

/**
 * The issuer of tokens on this machine: one key made at first start, one user, no form.
 * Its documents are static files that the edge serves (OpenID Connect Discovery 1.0, RFC 7517).
 */
export class LocalIdentity {
  static readonly audience = "sluice";
  static readonly user = "local-user";
  readonly #key: JWK;

  private constructor(key: JWK) {
    this.#key = key;
  }

  /** @param file where the private key is kept, readable by its owner only */
  static async open(file: string): Promise<LocalIdentity> {
    const stored = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (stored !== undefined) return new LocalIdentity(keySchema.parse(JSON.parse(stored)) as JWK);
    const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
    const key = { ...(await exportJWK(privateKey)), kid: crypto.randomUUID(), alg: algorithm };
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(key), { mode: 0o600 });
    return new LocalIdentity(key);
  }

  /** A token for the local user; `lifetime` in seconds. */
  async token(issuer: string, lifetime: number): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT()
      .setProtectedHeader({ alg: algorithm, kid: this.#key.kid ?? "" })
      .setIssuer(issuer)
      .setAudience(LocalIdentity.audience)
      .setSubject(LocalIdentity.user)
      .setIssuedAt(now)
      .setExpirationTime(now + lifetime)
      .sign(await importJWK(this.#key, algorithm));
  }

  /** The public documents, by path below the issuer's address. */
  documents(issuer: string): Record<string, unknown> {
    const { d: _private, ...publicKey } = this.#key;
    return {
      ".well-known/jwks.json": { keys: [{ ...publicKey, use: "sig" }] },
      ".well-known/openid-configuration": {
        issuer,
        jwks_uri: `${issuer}/.well-known/jwks.json`,
        id_token_signing_alg_values_supported: [algorithm],
        response_types_supported: ["id_token"],
        subject_types_supported: ["public"],
      },
    };
  }
}
