import { BlockList } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAllowedAddress, isPublicAddress, requireReceiver } from "./receiver-address.ts";

/**
 * The IANA's registries of special-purpose addresses (RFC 6890, as of 2025) with multicast, written
 * down a second time and judged by Node, so that the library and this list hold each other.
 */
const specialIpv4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.31.196.0", 24],
  ["192.52.193.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["192.175.48.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const;
const specialIpv6 = [
  ["::", 128],
  ["::1", 128],
  ["::ffff:0:0", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["100::", 64],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["2620:4f:8000::", 48],
  ["3fff::", 20],
  ["5f00::", 16],
  ["fc00::", 7],
  ["fe80::", 10],
  ["fec0::", 10],
  ["ff00::", 8],
] as const;

// Two lists: one with mapped addresses in it would take every IPv4 address for one of them.
const special = { ipv4: new BlockList(), ipv6: new BlockList() };
for (const [net, prefix] of specialIpv4) special.ipv4.addSubnet(net, prefix, "ipv4");
for (const [net, prefix] of specialIpv6) special.ipv6.addSubnet(net, prefix, "ipv6");
const globalUnicast = new BlockList();
globalUnicast.addSubnet("2000::", 3, "ipv6");

const ipv4Of = (number: number) =>
  [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join(".");
const numberOf = (address: string) =>
  address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
const anyIpv4 = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(ipv4Of);
const specialAddress = fc
  .constantFrom(...specialIpv4)
  .chain(([net, prefix]) =>
    fc.integer({ min: 0, max: 2 ** (32 - prefix) - 1 }).map((host) => ipv4Of(numberOf(net) + host)),
  );
/** Both ends of each range, and their neighbours outside. */
const borders = specialIpv4.flatMap(([net, prefix]) => {
  const first = numberOf(net);
  const end = first + 2 ** (32 - prefix);
  return [first - 1, first, end - 1, end].filter((at) => at >= 0 && at < 2 ** 32).map(ipv4Of);
});
const hextets = (count: number) =>
  fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: count, maxLength: count });
const textOf = (parts: readonly number[]) => parts.map((part) => part.toString(16)).join(":");
const specialStarts = [0x2001, 0x2002, 0x2620, 0x3fff, 0x5f00, 0xfc00, 0xfe80, 0xff02, 0x64, 0];

describe("a public address", () => {
  it("is no IPv4 address of a special range, and every other", () => {
    fc.assert(
      fc.property(fc.oneof(anyIpv4, specialAddress, fc.constantFrom(...borders)), (address) => {
        expect(isPublicAddress(address)).toBe(!special.ipv4.check(address, "ipv4"));
      }),
      { numRuns: 2_000 },
    );
  });

  it("is only an IPv6 address of global unicast that is no special one", () => {
    const any = hextets(8).map(textOf);
    const nearSpecial = fc
      .tuple(fc.constantFrom(...specialStarts), fc.constantFrom(0, 1, 2, 0xdb8, 0x4f), hextets(6))
      .map(([first, second, rest]) => textOf([first, second, ...rest]));
    fc.assert(
      fc.property(fc.oneof(any, nearSpecial), (address) => {
        const expected =
          globalUnicast.check(address, "ipv6") && !special.ipv6.check(address, "ipv6");
        expect(isPublicAddress(address)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is never an IPv6 address that carries an IPv4 address, whatever that is", () => {
    fc.assert(
      fc.property(anyIpv4, (address) => {
        const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
        const tail = `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
        const carriers = [
          `::ffff:${address}`,
          `::${address}`,
          `64:ff9b::${tail}`,
          `2002:${tail}::`,
        ];
        expect(carriers.filter(isPublicAddress)).toEqual([]);
      }),
    );
  });

  it.each([
    ["the metadata of a machine at AWS", "169.254.169.254"],
    ["the same by IPv6", "fd00:ec2::254"],
    ["the runtime of a function", "127.0.0.1"],
    ["a link-local address with its zone", "fe80::1%eth0"],
    ["no address", "example.com"],
    ["nothing", ""],
  ])("is not %s", (_, address) => {
    expect(isPublicAddress(address)).toBe(false);
    expect(isAllowedAddress("8.8.8.8", "public")).toBe(true);
  });

  it("may be on this machine where that is allowed, and only there", () => {
    for (const address of ["127.0.0.1", "127.255.255.254", "::1"]) {
      expect(isAllowedAddress(address, "local")).toBe(true);
      expect(isAllowedAddress(address, "public")).toBe(false);
    }
    for (const address of ["10.0.0.1", "169.254.169.254", "::ffff:127.0.0.1", "0.0.0.0"])
      expect(isAllowedAddress(address, "local")).toBe(false);
  });
});

describe("a receiver", () => {
  it.each([
    ["https://example.com", "https://example.com/"],
    ["https://EXAMPLE.com:8443/hook?a=1", "https://example.com:8443/hook?a=1"],
    ["https://8.8.8.8/", "https://8.8.8.8/"],
    ["https://[2606:4700::1111]/", "https://[2606:4700::1111]/"],
  ])("is %s", (text, kept) => {
    expect(requireReceiver(text, "public")).toBe(kept);
  });

  it.each([
    ["http://example.com/", "https"],
    ["https://user:secret@example.com/", "password"],
    ["https://example.com/#part", "fragment"],
    ["https://127.0.0.1/", "private"],
    // One address in other clothes, which the URL standard undresses.
    ["https://0x7f.1/", "private"],
    ["https://2130706433/", "private"],
    ["https://0177.0.0.1/", "private"],
    ["https://[::1]/", "private"],
    ["https://[::ffff:8.8.8.8]/", "private"],
    ["https://169.254.169.254/latest/meta-data/", "private"],
  ])("is not %s", (text, reason) => {
    expect(() => requireReceiver(text, "public")).toThrow(
      expect.objectContaining({
        code: "invalid-request",
        errors: [{ path: "url", message: expect.stringContaining(reason) }],
      }),
    );
  });

  it("may be plain http on this machine where that is allowed", () => {
    expect(requireReceiver("http://127.0.0.1:9/hook", "local")).toBe("http://127.0.0.1:9/hook");
    expect(() => requireReceiver("http://10.0.0.1/", "local")).toThrow("cannot be sent");
  });
});
