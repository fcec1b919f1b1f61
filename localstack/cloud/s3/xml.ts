import type { ServerResponse } from "node:http";
import { XMLParser } from "fast-xml-parser";
import type { z } from "zod";
import { AwsError } from "../aws-error.ts";
import { escapeXml } from "../http/index.ts";

/** An element's content: text, children by name, or several elements of one name. Undefined is left out. */
type XmlValue = string | number | boolean | undefined | XmlElement | readonly XmlValue[];
export interface XmlElement {
  readonly [name: string]: XmlValue;
}

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

function toXml(root: string, content: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${namespace}">${children(content)}</${root}>`;
}

export function answerXml(response: ServerResponse, root: string, content: XmlElement): void {
  const body = toXml(root, content);
  response.setHeader("content-type", "application/xml");
  response.setHeader("content-length", Buffer.byteLength(body));
  response.end(body);
}

/** Parses a body such as `<Delete><Object>…`. Elements named in `lists` are arrays even when single. */
export function parseXml<T>(
  body: Buffer,
  root: string,
  lists: readonly string[],
  schema: z.ZodType<T>,
): T {
  const parser = new XMLParser({
    ignoreAttributes: true,
    ignoreDeclaration: true,
    parseTagValue: false,
    trimValues: true,
    // Decodes character references in keys; a DOCTYPE, which could define entities, is refused below.
    htmlEntities: true,
    isArray: (name) => lists.includes(name),
  });
  const malformed = (reason: string) =>
    new AwsError(
      "MalformedXML",
      `The XML you provided was not well-formed or did not validate against our published schema: ${reason}.`,
    );
  const text = body.toString("utf8");
  if (text.includes("<!DOCTYPE")) throw malformed("a DOCTYPE is not allowed");
  let parsed: unknown;
  try {
    parsed = parser.parse(text, true);
  } catch {
    throw malformed("it does not parse");
  }
  const content =
    typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, root) : undefined;
  if (content === undefined) throw malformed(`<${root}> is missing`);
  const result = schema.safeParse(content === "" ? {} : content);
  if (!result.success) {
    const issue = result.error.issues[0];
    throw malformed(`${[root, ...(issue?.path ?? [])].join("/")}: ${issue?.message}`);
  }
  return result.data;
}

function children(content: XmlElement): string {
  return Object.entries(content)
    .map(([name, value]) => element(name, value))
    .join("");
}

function element(name: string, value: XmlValue): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join("");
  if (typeof value === "object") return `<${name}>${children(value as XmlElement)}</${name}>`;
  return `<${name}>${escapeXml(String(value))}</${name}>`;
}
