const MAX_SUBNETS = 256;

/**
 * `Fn::Cidr` for IPv4.
 *
 * @param bits size of each subnet as the number of its host bits (8 gives /24)
 * @returns the first `count` subnets of `block`, or a sentence that says what is wrong
 */
export function subnets(block: string, count: number, bits: number): readonly string[] | string {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(block);
  const octets = match?.slice(1, 5).map(Number) ?? [];
  const prefix = Number(match?.[5]);
  if (!match || octets.some((octet) => octet > 255) || prefix > 32) {
    return "needs an IPv4 block such as 10.0.0.0/16";
  }
  if (!Number.isInteger(count) || count < 1 || count > MAX_SUBNETS) {
    return `needs a count from 1 to ${MAX_SUBNETS}`;
  }
  if (!Number.isInteger(bits) || bits < 1 || bits > 32) return "needs from 1 to 32 bits";

  const size = 2 ** bits;
  if (count * size > 2 ** (32 - prefix)) {
    return `cannot take ${count} subnets of /${32 - bits} out of ${block}`;
  }
  const address = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  const start = address - (address % 2 ** (32 - prefix));
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * size;
    const parts = [at / 2 ** 24, at / 2 ** 16, at / 2 ** 8, at].map(
      (part) => Math.floor(part) % 256,
    );
    return `${parts.join(".")}/${32 - bits}`;
  });
}
