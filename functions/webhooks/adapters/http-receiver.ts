import { lookup as systemLookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { Client } from "undici";
import {
  isAllowedAddress,
  literalAddress,
  type ReceiverPolicy,
} from "../domain/receiver-address.ts";
import { type Receiver, ReceiverError } from "../ports.ts";

export interface HttpReceiverOptions {
  readonly policy: ReceiverPolicy;
  /** From the beginning of a request to the headers of its answer. */
  readonly timeoutMs: number;
  /** Only tests pass their own. */
  readonly lookup?: typeof systemLookup;
}

/** Of an answer's body as much is taken, and thrown away, before the connection is closed. */
const maxBodyBytes = 16 * 1024;
const maxHeaderBytes = 16 * 1024;

/**
 * Posts to addresses that strangers chose. A name is resolved here, all that it leads to is judged,
 * and the connection goes to what was judged, not to what a second look-up might say. Redirects
 * are answers like others: they are not followed.
 */
export const httpReceiver = ({
  policy,
  timeoutMs,
  lookup = systemLookup,
}: HttpReceiverOptions): Receiver => ({
  async post(address, body, headers, signal) {
    const url = new URL(address);
    if (policy === "public" && url.protocol !== "https:")
      throw new ReceiverError("The address is not https.");
    const literal = literalAddress(url);
    // A connection to an IP address asks no resolver.
    if (literal !== undefined && !isAllowedAddress(literal, policy)) throw notAllowed();

    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    // One connection an attempt: a function that was frozen would find a kept one broken.
    const client = new Client(url.origin, {
      connect: { lookup: judgedLookup(policy, lookup), timeout: timeoutMs },
      allowH2: false,
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    try {
      const answer = await client.request({
        method: "POST",
        path: `${url.pathname}${url.search}`,
        headers: {
          "content-type": "application/json",
          "user-agent": "Sluice-Webhooks/1",
          ...headers,
        },
        body,
        signal: deadline,
      });
      const retryAfter = answer.headers["retry-after"];
      // So that the receiver can finish its sentence; what it says is nobody's business.
      await answer.body.dump({ limit: maxBodyBytes, signal: deadline }).catch(() => {});
      return {
        status: answer.statusCode,
        retryAfter: typeof retryAfter === "string" ? retryAfter : undefined,
      };
    } catch (error) {
      throw receiverError(error, deadline.aborted);
    } finally {
      await client.destroy();
    }
  },
});

const notAllowed = () =>
  new ReceiverError("The address leads to a private, local or reserved network.");

/** What Node's sockets call to resolve a name; answers only addresses that may be reached. */
const judgedLookup =
  (policy: ReceiverPolicy, lookup: typeof systemLookup): LookupFunction =>
  (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, []);
      // One that may not be reached is enough: which is tried is up to the socket.
      if (addresses.some(({ address }) => !isAllowedAddress(address, policy)))
        return callback(notAllowed(), []);
      if (options.all) return callback(null, addresses);
      const [first] = addresses;
      return callback(null, first?.address ?? "", first?.family);
    });
  };

/** In a sentence for the webhook's owner, who sees neither our network nor our libraries. */
const receiverError = (error: unknown, timedOut: boolean): ReceiverError => {
  if (error instanceof ReceiverError) return error;
  if (timedOut) return new ReceiverError("No answer came in time.");
  const code = codeOf(error);
  return new ReceiverError(sentences[code ?? ""] ?? "The connection failed.");
};

const sentences: Readonly<Record<string, string>> = {
  ENOTFOUND: "The host name does not exist.",
  EAI_AGAIN: "The host name could not be looked up.",
  ECONNREFUSED: "The connection was refused.",
  ECONNRESET: "The connection was closed before an answer came.",
  UND_ERR_SOCKET: "The connection was closed before an answer came.",
  UND_ERR_CONNECT_TIMEOUT: "No answer came in time.",
  UND_ERR_HEADERS_TIMEOUT: "No answer came in time.",
  UND_ERR_HEADERS_OVERFLOW: "The answer's headers are too large.",
  CERT_HAS_EXPIRED: "The certificate has expired.",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The certificate is signed by nobody who is trusted.",
  SELF_SIGNED_CERT_IN_CHAIN: "The certificate is signed by nobody who is trusted.",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "The certificate is signed by nobody who is trusted.",
  ERR_TLS_CERT_ALTNAME_INVALID: "The certificate is for another host name.",
};

const codeOf = (error: unknown): string | undefined => {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && typeof cause.code === "string" && cause.code in sentences)
      return cause.code;
  }
  return undefined;
};
