/**
 * CRC-64/NVME, reflected, polynomial 0xad93d23594c93659 (NVM Express, "64b CRC").
 * Eight bytes a step over tables of 32-bit halves, since BigInt would be a hundred times slower.
 */
const polynomialHigh = 0x9a6c9329;
const polynomialLow = 0xac4bc9b5;

/** `low[k * 256 + b]`: the effect of byte `b` followed by `k` zero bytes. */
const low = new Uint32Array(8 * 256);
const high = new Uint32Array(8 * 256);

for (let byte = 0; byte < 256; byte++) {
  let h = 0;
  let l = byte;
  for (let bit = 0; bit < 8; bit++) {
    const carry = l & 1;
    l = (l >>> 1) | ((h & 1) << 31);
    h >>>= 1;
    if (carry) {
      l ^= polynomialLow;
      h ^= polynomialHigh;
    }
  }
  low[byte] = l;
  high[byte] = h;
}
for (let index = 256; index < 8 * 256; index++) {
  const l = at(low, index - 256);
  const h = at(high, index - 256);
  low[index] = at(low, l & 0xff) ^ ((l >>> 8) | (h << 24));
  high[index] = at(high, l & 0xff) ^ (h >>> 8);
}

export class Crc64Nvme {
  #high = 0xffffffff;
  #low = 0xffffffff;

  update(data: Uint8Array): void {
    let h = this.#high;
    let l = this.#low;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const whole = data.length - (data.length % 8);
    let index = 0;
    for (; index < whole; index += 8) {
      l ^= view.getUint32(index, true);
      h ^= view.getUint32(index + 4, true);
      const a = 1792 + (l & 0xff);
      const b = 1536 + ((l >>> 8) & 0xff);
      const c = 1280 + ((l >>> 16) & 0xff);
      const d = 1024 + (l >>> 24);
      const e = 768 + (h & 0xff);
      const f = 512 + ((h >>> 8) & 0xff);
      const g = 256 + ((h >>> 16) & 0xff);
      const i = h >>> 24;
      l =
        at(low, a) ^
        at(low, b) ^
        at(low, c) ^
        at(low, d) ^
        at(low, e) ^
        at(low, f) ^
        at(low, g) ^
        at(low, i);
      h =
        at(high, a) ^
        at(high, b) ^
        at(high, c) ^
        at(high, d) ^
        at(high, e) ^
        at(high, f) ^
        at(high, g) ^
        at(high, i);
    }
    for (; index < data.length; index++) {
      const entry = (l ^ view.getUint8(index)) & 0xff;
      l = ((l >>> 8) | (h << 24)) ^ at(low, entry);
      h = (h >>> 8) ^ at(high, entry);
    }
    this.#high = h;
    this.#low = l;
  }

  /** Eight bytes, most significant first. */
  digest(): Buffer {
    const result = Buffer.alloc(8);
    result.writeUInt32BE((this.#high ^ 0xffffffff) >>> 0, 0);
    result.writeUInt32BE((this.#low ^ 0xffffffff) >>> 0, 4);
    return result;
  }
}

/** In range by construction; `| 0` keeps it a 32-bit integer for the compiler. */
function at(table: Uint32Array, index: number): number {
  return (table[index] ?? 0) | 0;
}
