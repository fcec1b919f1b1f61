// Runs at CloudFront (cloudfront-js-2.0) before every request of /videos/*.
//
// A grant is a custom policy with `*` for the host. CloudFront matches it against the address with
// its query, and its `*` spans `/`: without this function a grant for one video would open another
// whose address has the granted path in its query, or is reached by `..` from there.

// CloudFront's own parameters, in its own base64: nothing in them can look like a path.
var signing = /^(Policy|Signature|Key-Pair-Id|Expires|Hash-Algorithm)=([A-Za-z0-9_~-]|%7E)+$/;
var path = /^(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$/;

// biome-ignore lint/correctness/noUnusedVariables: CloudFront calls it by this name
function handler(event) {
  var request = event.request;
  // As it came: parsed parameters would leave open what becomes of those without a name.
  var query = request.rawQueryString();
  if (path.test(request.uri) && (!query || isSignature(query))) return request;
  return {
    statusCode: 403,
    statusDescription: "Forbidden",
    headers: {
      "cache-control": { value: "no-store" },
      "content-type": { value: "text/plain" },
    },
    body: "Ask for media by its plain address.\n",
  };
}

function isSignature(query) {
  var seen = {};
  return query.split("&").every((pair) => {
    var match = signing.exec(pair);
    if (!match || seen[match[1]]) return false;
    seen[match[1]] = true;
    return true;
  });
}
