// Runs at CloudFront (cloudfront-js-2.0) before every request of /play/*.
//
// A link is an address whose second part is its right: /play/{token}/{planHash}/master.m3u8, so that
// the relative URIs of playlists keep it. Media is cached under the address that the origin knows,
// once for all links (docs/decisions/0009). The key value store holds the key that signs tokens and
// what was revoked before its time; a failing lookup throws, and nothing is handed out.
import cf from "cloudfront";
// biome-ignore lint/style/useNodejsImportProtocol: CloudFront's module, not Node's
import crypto from "crypto";

const store = cf.kvs();

// {videoId}.{linkId}.{expires, seconds since the epoch}.{HMAC-SHA256 of all before it}
const address =
  /^\/play\/(([0-9a-f-]{36})\.([0-9a-f-]{36})\.([0-9]{1,11}))\.([A-Za-z0-9_-]{43})((?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+)$/;

// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by this name
async function handler(event) {
  const request = event.request;
  const found = address.exec(request.uri);
  if (!found || request.rawQueryString()) return refused("Ask for media by its plain address.\n");
  const key = await store.get("key");
  const expected = crypto.createHmac("sha256", key).update(found[1]).digest("base64url");
  if (!isSame(expected, found[5])) return refused("This link is not valid.\n");
  if (Number(found[4]) * 1000 <= Date.now()) return refused("This link has expired.\n");
  const isRevoked = await store.exists(`revoked.${found[3]}`);
  if (isRevoked) return refused("This link was revoked.\n");
  request.uri = `/videos/${found[2]}${found[6]}`;
  return request;
}

// As long for every signature: how long a comparison takes tells nothing about where it differs.
function isSame(one, other) {
  let difference = one.length ^ other.length;
  for (let index = 0; index < one.length; index += 1) {
    difference |= one.charCodeAt(index) ^ other.charCodeAt(index);
  }
  return difference === 0;
}

function refused(body) {
  return {
    statusCode: 403,
    statusDescription: "Forbidden",
    headers: {
      "cache-control": { value: "no-store" },
      "content-type": { value: "text/plain" },
    },
    body: body,
  };
}
