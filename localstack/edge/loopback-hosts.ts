import { isIP } from "node:net";

const loopbackName = /^(localhost|[a-z0-9-]+\.localhost)$/i;

function isLoopbackAddress(name: string): boolean {
  const address = name.replace(/^\[|\]$/g, "");
  return isIP(address) === 4 ? address.startsWith("127.") : address === "::1";
}

/**
 * Whether an edge that listens on `listening` may answer a request with this Host header.
 *
 * On loopback only loopback names will do: a page of somebody else's whose name is made to point
 * here (DNS rebinding) is of the same origin as what it then reads, and so would get the local
 * user's token. Browsers send the name that they were given. An edge that others reach takes any.
 */
export function mayServeHost(listening: string, hostHeader: string | undefined): boolean {
  if (!isLoopbackAddress(listening) && listening !== "localhost") return true;
  // HTTP/1.0 knows no Host, and no browser speaks it.
  if (hostHeader === undefined || hostHeader === "") return true;
  const name = hostHeader.replace(/:\d+$/, "");
  return loopbackName.test(name) || isLoopbackAddress(name);
}
