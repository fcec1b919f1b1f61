import { AwsError } from "../aws-error.ts";
import { escapeXml } from "../http/index.ts";

/** A parameter of the AWS Query protocol: text, a structure, a list, or a map. */
export type QueryValue = string | QueryValue[] | { readonly [name: string]: QueryValue };

/** A value of an answer. A `Map` is written as entries of key and value. */
export type AnswerValue =
  | string
  | number
  | boolean
  | undefined
  | readonly AnswerValue[]
  | ReadonlyMap<string, string>
  | { readonly [name: string]: AnswerValue };

type Node = Map<string, Node | string>;

/** Deeper than any member of SNS. */
const MAX_DEPTH = 8;
const namespace = "http://sns.amazonaws.com/doc/2010-03-31/";

/**
 * Reads a form-encoded request: `A.member.1.B=x` is a list of structures, `A.entry.1.key=…` a map
 * (https://smithy.io/2.0/aws/protocols/aws-query-protocol.html).
 *
 * @throws AwsError MalformedQueryString
 */
export function readQuery(body: string): Readonly<Record<string, QueryValue>> {
  const root: Node = new Map();
  for (const [name, value] of new URLSearchParams(body)) put(root, name, value);
  return structure(root);
}

/** `<PublishResponse><PublishResult>…</PublishResult><ResponseMetadata>…` */
export function writeQueryAnswer(
  action: string,
  result: { readonly [name: string]: AnswerValue } | undefined,
  requestId: string,
): string {
  const answer = {
    ...(result && { [`${action}Result`]: result }),
    ResponseMetadata: { RequestId: requestId },
  };
  return `<${action}Response xmlns="${namespace}">${children(answer)}</${action}Response>`;
}

function put(root: Node, name: string, value: string): void {
  const path = name.split(".");
  const last = path.pop() ?? "";
  if (path.length >= MAX_DEPTH) throw malformed(name);
  let node = root;
  for (const step of path) {
    const next = node.get(step) ?? new Map();
    if (typeof next === "string") throw malformed(name);
    node.set(step, next);
    node = next;
  }
  if (node.has(last)) throw malformed(name);
  node.set(last, value);
}

function read(node: Node | string): QueryValue {
  if (typeof node === "string") return node;
  const member = node.get("member");
  if (node.size === 1 && member instanceof Map) return inOrder(member).map(read);
  const entry = node.get("entry");
  if (node.size === 1 && entry instanceof Map) {
    return Object.fromEntries(
      inOrder(entry).map((it) => {
        const key = it instanceof Map ? (it.get("key") ?? it.get("Name")) : undefined;
        const value = it instanceof Map ? (it.get("value") ?? it.get("Value")) : undefined;
        if (typeof key !== "string" || value === undefined) throw malformed("entry");
        return [key, read(value)];
      }),
    );
  }
  return structure(node);
}

function structure(node: Node): Record<string, QueryValue> {
  return Object.fromEntries([...node].map(([name, value]) => [name, read(value)]));
}

function inOrder(list: Node): (Node | string)[] {
  return [...list].sort(([a], [b]) => Number(a) - Number(b)).map(([, value]) => value);
}

function children(content: { readonly [name: string]: AnswerValue }): string {
  return Object.entries(content)
    .map(([name, value]) => element(name, value))
    .join("");
}

function element(name: string, value: AnswerValue): string {
  if (value === undefined) return "";
  return `<${name}>${contentOf(value)}</${name}>`;
}

function contentOf(value: Exclude<AnswerValue, undefined>): string {
  if (Array.isArray(value)) return value.map((it: AnswerValue) => element("member", it)).join("");
  if (value instanceof Map) {
    return [...value].map(([key, it]) => element("entry", { key, value: it })).join("");
  }
  if (typeof value === "object") return children(value as { [name: string]: AnswerValue });
  return escapeXml(String(value));
}

function malformed(name: string): AwsError {
  return new AwsError(
    "MalformedQueryString",
    `The parameter ${name.slice(0, 80)} stands twice, or in no form of the Query protocol.`,
    404,
  );
}
