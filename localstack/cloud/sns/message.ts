import type { MessageAttributes } from "../sqs/index.ts";
import { messageBytes } from "../sqs/index.ts";
import { invalidParameter, invalidValue } from "./errors.ts";

export type { MessageAttributes } from "../sqs/index.ts";

/** Text and attributes together: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
export const MAX_MESSAGE_BYTES = 262_144;
const MAX_SUBJECT_CHARACTERS = 100;

/** A message as it was published. */
export interface PublishedMessage {
  readonly messageId: string;
  readonly topicArn: string;
  /** Epoch milliseconds. */
  readonly publishedAt: number;
  readonly subject?: string | undefined;
  /** What protocols get that `byProtocol` does not name. */
  readonly text: string;
  /** With MessageStructure `json`: texts by protocol. */
  readonly byProtocol?: Readonly<Record<string, string>> | undefined;
  readonly attributes: MessageAttributes;
}

export interface PublishInput {
  readonly Message: string;
  readonly Subject?: string | undefined;
  readonly MessageStructure?: string | undefined;
  readonly MessageAttributes?: MessageAttributes | undefined;
}

export function textFor(message: PublishedMessage, protocol: string): string {
  return message.byProtocol?.[protocol] ?? message.text;
}

export function publishedBytes({ Message, MessageAttributes = {} }: PublishInput): number {
  return messageBytes(Message, MessageAttributes);
}

/** What a publisher may send, as a message still without its id. @throws AwsError InvalidParameter, ParameterValueInvalid */
export function checkMessage(
  input: PublishInput,
): Pick<PublishedMessage, "subject" | "text" | "byProtocol" | "attributes"> {
  const { Message, Subject, MessageAttributes = {} } = input;
  if (Message === "") throw invalidParameter("Empty message");
  if (publishedBytes(input) > MAX_MESSAGE_BYTES) throw invalidParameter("Message too long");
  if (Subject !== undefined) checkSubject(Subject);
  for (const [name, attribute] of Object.entries(MessageAttributes)) {
    checkAttribute(name, attribute);
  }
  return {
    ...(Subject !== undefined && { subject: Subject }),
    ...texts(input),
    attributes: MessageAttributes,
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const controlCharacter = /[\u0000-\u001f]/;

function checkSubject(subject: string): void {
  const length = subject.length > 0 && subject.length <= MAX_SUBJECT_CHARACTERS;
  if (!length || controlCharacter.test(subject)) throw invalidParameter("Subject");
}

function texts({ Message, MessageStructure }: PublishInput) {
  if (MessageStructure === undefined) return { text: Message };
  if (MessageStructure !== "json") throw invalidParameter("MessageStructure");
  const structure = parsed(Message);
  if (typeof structure !== "object" || structure === null || Array.isArray(structure)) {
    throw invalidParameter("Message Structure - JSON message body failed to parse");
  }
  const byProtocol = Object.fromEntries(
    Object.entries(structure).filter((it): it is [string, string] => typeof it[1] === "string"),
  );
  if (byProtocol.default === undefined) {
    throw invalidParameter("Message Structure - No default entry in JSON message body");
  }
  return { text: byProtocol.default, byProtocol };
}

function checkAttribute(name: string, attribute: MessageAttributes[string]): void {
  const { DataType, StringValue, BinaryValue } = attribute;
  if (!/^[A-Za-z0-9_.-]{1,256}$/.test(name) || /^(aws|amazon)\.|^\.|\.$|\.\./i.test(name)) {
    throw invalidValue(
      `The message attribute name '${name.slice(0, 256)}' is not valid: 1 to 256 letters, digits, underscores, hyphens and single periods, not at its ends, and not after AWS. or Amazon.`,
    );
  }
  if (!/^(String|Number|Binary)(\..{1,248})?$/.test(DataType)) {
    throw invalidValue(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const [value, other] = DataType.startsWith("Binary")
    ? [BinaryValue, StringValue]
    : [StringValue, BinaryValue];
  if (!value || other !== undefined) {
    throw invalidValue(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${DataType}'.`,
    );
  }
  if (DataType.startsWith("Number") && !Number.isFinite(Number(value))) {
    throw invalidValue(`Could not cast message attribute '${name}' value to number.`);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
