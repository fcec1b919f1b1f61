import ipaddr from "ipaddr.js";
import { InvalidRequestError } from "../../platform/errors.ts";

/**
 * Whom webhooks may reach. `public`: https at addresses of the internet. `local` also takes plain
 * http, and receivers on this machine.
 */
export const receiverPolicies = ["public", "local"] as const;
export type ReceiverPolicy = (typeof receiverPolicies)[number];

/** RFC 4291, section 2.4, and the IANA's registry: what is allocated of global unicast so far. */
const allocatedIpv6: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse("2000::"), 3];

/**
 * Whether a connection to this IP address leaves for the internet: neither private, shared (RFC
 * 6598), loopback, link-local (the metadata of a machine at AWS), multicast nor reserved. IPv6
 * addresses that carry an IPv4 address (mapped, NAT64, 6to4, Teredo) are none either: what is
 * behind them would have to be judged again.
 */
export const isPublicAddress = (address: string): boolean => {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== "unicast") return false;
  return parsed instanceof ipaddr.IPv4 || parsed.match(allocatedIpv6);
};

export const isAllowedAddress = (address: string, policy: ReceiverPolicy): boolean =>
  isPublicAddress(address) ||
  (policy === "local" && ipaddr.isValid(address) && ipaddr.parse(address).range() === "loopback");

/** The IP address that a URL names itself, without a resolver; undefined when it names a host. */
export const literalAddress = ({ hostname }: URL): string | undefined => {
  const address = hostname.replace(/^\[(.*)\]$/, "$1");
  return ipaddr.isValid(address) ? address : undefined;
};

/**
 * What can be told of a receiver before anything is sent to it. Names are resolved, and judged, at
 * each attempt: they may lead elsewhere by then.
 *
 * @returns the address as it is kept, in the form of the URL standard
 * @throws InvalidRequestError
 */
export const requireReceiver = (text: string, policy: ReceiverPolicy): string => {
  const url = new URL(text);
  const fault = receiverFault(url, policy);
  if (fault === undefined) return url.href;
  throw new InvalidRequestError("Events cannot be sent to this address; see errors.", [
    { path: "url", message: fault },
  ]);
};

const receiverFault = (url: URL, policy: ReceiverPolicy): string | undefined => {
  if (policy === "public" && url.protocol !== "https:") return "Use https.";
  if (url.username !== "" || url.password !== "")
    return "No user name or password: requests are signed, which tells the receiver who sent them.";
  if (url.hash !== "") return "No fragment: it is not sent.";
  const address = literalAddress(url);
  if (address !== undefined && !isAllowedAddress(address, policy))
    return "An address of the internet: this one is private, local or reserved.";
  return undefined;
};
