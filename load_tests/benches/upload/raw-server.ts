import { createWriteStream } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { untilParentEnds } from "../../system/child-server.ts";

/** The least that takes an upload: every PUT becomes a file. Nothing is checked, nothing is kept in order. */
const directory = process.argv[2] ?? ".";

const server = createServer((request, response) => {
  const file = join(directory, basename(request.url ?? ""));
  pipeline(request, createWriteStream(file)).then(
    () => response.writeHead(200).end(),
    () => response.destroy(),
  );
});
server.listen(0, "127.0.0.1", () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
await untilParentEnds();
process.exit(0);
