/**
 * The built-in modules, made inside a function's room of what its door was equipped with:
 * "Built-in modules" and "Helper methods for key value stores" of CloudFront's guide.
 */
export const roomModules = `
"use strict";
(hash, store) => {
  const { parse, stringify } = JSON;
  const { fromCharCode } = String;
  const fail = (message) => { throw new TypeError(message); };

  // An error of the other side (a stack that overflows there) must not come in: it is an object of that side.
  const ask = (service, request) => {
    try { return service(stringify(request)); } catch { throw new Error("The request failed."); }
  };

  const piece = (data) => {
    if (typeof data === "string") return { encoding: "utf8", data };
    if (!ArrayBuffer.isView(data)) return fail("Data is a string or an array of bytes.");
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    let text = "";
    for (const byte of bytes) text += fromCharCode(byte);
    return { encoding: "latin1", data: text };
  };
  const bytesOf = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));

  const digester = (algorithm, key) => {
    let pieces = [];
    return {
      update(data) {
        if (!pieces) fail("The digest was taken already.");
        pieces.push(piece(data));
        return this;
      },
      digest(encoding) {
        if (!pieces) fail("The digest was taken already.");
        const asked = { algorithm, ...(key && { key }), pieces, encoding: encoding === undefined ? "latin1" : encoding };
        pieces = undefined;
        const made = encoding === "latin1" ? undefined : ask(hash, asked);
        if (made === undefined) fail("Algorithms are md5, sha1 and sha256; encodings hex, base64 and base64url.");
        return encoding === undefined ? bytesOf(made) : made;
      },
    };
  };
  const crypto = {
    createHash: (algorithm) => digester(algorithm),
    createHmac: (algorithm, key) => digester(algorithm, piece(key)),
  };

  const value = (key) => ask(store, { ask: "value", key: String(key) });
  const formats = {
    string: (text) => text,
    json: (text) => parse(text),
    bytes: (text) => bytesOf(unescape(encodeURIComponent(text))),
  };
  const summary = () => parse(ask(store, { ask: "summary" }));
  const kvs = {
    async get(key, options) {
      const format = options && options.format !== undefined ? options.format : "string";
      if (!Object.hasOwn(formats, format)) fail("Formats are string, json and bytes.");
      const found = value(key);
      if (found === undefined) throw new Error("KeyNotFound");
      return formats[format](found);
    },
    exists: async (key) => value(key) !== undefined,
    count: async () => summary().itemCount,
    async meta() {
      const { createdAt, modifiedAt, itemCount } = summary();
      return {
        creationDateTime: new Date(createdAt).toISOString(),
        lastUpdatedDateTime: new Date(modifiedAt).toISOString(),
        keyCount: itemCount,
      };
    },
  };
  const cloudfront = {
    kvs: () => store === undefined ? fail("The function is associated with no key value store.") : kvs,
  };
  return { crypto, cloudfront };
};
`;
