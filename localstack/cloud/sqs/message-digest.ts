import { createHash } from "node:crypto";
import type { MessageAttributes } from "./requests.ts";

export function md5(data: string | Buffer): string {
  return createHash("md5").update(data).digest("hex");
}

/**
 * The digest that SDKs check, over attributes in the order of their names
 * (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation).
 */
export function md5OfAttributes(attributes: MessageAttributes): string | undefined {
  const names = Object.keys(attributes).sort((a, b) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  if (names.length === 0) return undefined;
  const parts: Buffer[] = [];
  for (const name of names) {
    const attribute = attributes[name];
    if (!attribute) continue;
    const binary = attribute.BinaryValue !== undefined;
    parts.push(
      withLength(Buffer.from(name)),
      withLength(Buffer.from(attribute.DataType)),
      Buffer.of(binary ? 2 : 1),
      withLength(
        binary
          ? Buffer.from(attribute.BinaryValue ?? "", "base64")
          : Buffer.from(attribute.StringValue ?? ""),
      ),
    );
  }
  return md5(Buffer.concat(parts));
}

/** What counts against the size limit: body, and each attribute's name, type and value. */
export function messageBytes(body: string, attributes: MessageAttributes): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(DataType);
    bytes += Buffer.byteLength(StringValue ?? "");
    bytes += Buffer.byteLength(BinaryValue ?? "", "base64");
  }
  return bytes;
}

function withLength(data: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, data]);
}
