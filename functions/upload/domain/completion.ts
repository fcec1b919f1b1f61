import { createHash } from "node:crypto";
import type { ProblemCode } from "@sluice/contracts";
import { type CutFile, lengthOfPart, partCountOf } from "./parts.ts";

export interface DeclaredPart {
  readonly partNumber: number;
  readonly etag: string;
}

/** A part as S3 lists it. */
export interface StoredPart extends DeclaredPart {
  /** Bytes. */
  readonly size: number;
}

export type CompletionVerdict =
  | { readonly ok: true; readonly parts: readonly StoredPart[] }
  | { readonly ok: false; readonly code: ProblemCode; readonly detail: string };

const namedAtMost = 20;

const refuse = (code: ProblemCode, detail: string): CompletionVerdict => ({
  ok: false,
  code,
  detail,
});

/** May these parts become the file? Compares what the caller says, S3 holds and was agreed. */
export const judgeCompletion = (
  file: CutFile,
  declared: readonly DeclaredPart[],
  stored: readonly StoredPart[],
): CompletionVerdict => {
  const partCount = partCountOf(file);
  const declaredByNumber = new Map(declared.map((part) => [part.partNumber, part]));
  if (declaredByNumber.size !== declared.length) {
    return refuse("invalid-request", "A part number occurs twice. Name each part once.");
  }
  const beyond = declared.filter((part) => part.partNumber > partCount);
  if (beyond.length > 0) {
    return refuse(
      "invalid-request",
      `The file has ${partCount} parts; there is no part ${numbers(beyond)}.`,
    );
  }

  const storedByNumber = new Map(stored.map((part) => [part.partNumber, part]));
  const parts: StoredPart[] = [];
  const missing: { partNumber: number }[] = [];
  const different: DeclaredPart[] = [];
  for (let partNumber = 1; partNumber <= partCount; partNumber += 1) {
    const given = declaredByNumber.get(partNumber);
    const held = storedByNumber.get(partNumber);
    if (!given || !held) missing.push({ partNumber });
    else if (bare(given.etag) !== bare(held.etag)) different.push(given);
    else parts.push(held);
  }
  if (missing.length > 0) {
    return refuse(
      "parts-missing",
      `${missing.length} of ${partCount} parts were not sent or not named: ${numbers(missing)}. Send them and complete again.`,
    );
  }
  if (different.length > 0) {
    return refuse(
      "part-mismatch",
      `The store holds other bytes than named for part ${numbers(different)}. List the parts, send these again and complete again.`,
    );
  }

  const left = stored.filter((part) => part.partNumber > partCount);
  if (left.length > 0) {
    return refuse(
      "size-mismatch",
      `${file.size} bytes were declared, and the store holds part ${numbers(left)} beyond them. Declare all that was sent.`,
    );
  }

  const total = parts.reduce((sum, part) => sum + part.size, 0);
  const odd = parts.filter((part) => part.size !== lengthOfPart(file, part.partNumber));
  if (total !== file.size || odd.length > 0) {
    return refuse(
      "size-mismatch",
      `The parts hold ${total} bytes and ${file.size} were declared; part ${numbers(odd)} has the wrong length.`,
    );
  }
  return { ok: true, parts };
};

/** The same for the same parts, in whatever order and quotes. */
export const fingerprintOf = (declared: readonly DeclaredPart[]): string => {
  const lines = declared
    .toSorted((a, b) => a.partNumber - b.partNumber)
    .map((part) => `${part.partNumber} ${bare(part.etag)}`);
  return createHash("sha256").update(lines.join("\n")).digest("hex");
};

/** Clients copy the header ETag with or without its quotes (RFC 9110, 8.8.3). */
const bare = (etag: string) => etag.replace(/^"(.*)"$/, "$1");

const numbers = (parts: readonly { readonly partNumber: number }[]) => {
  const named = parts.slice(0, namedAtMost).map((part) => part.partNumber);
  return named.join(", ") + (parts.length > namedAtMost ? ", …" : "");
};
