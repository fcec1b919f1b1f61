import { AnswerError, ProblemError, UnreachableError } from "@sluice/client";
import { problemCodes } from "@sluice/contracts";
import { expect, test } from "vitest";
import { sentenceFor } from "./sentences.ts";

test.each([...problemCodes])("%s becomes a sentence, never a code", (code) => {
  const problem = { type: "about:blank", title: code, status: 400, code, detail: "It is so." };
  const sentence = sentenceFor(new ProblemError(problem));
  expect(sentence).toMatch(/^[A-Z].*\.$/);
  expect(sentence).not.toContain(code);
});

test("no connection, a strange answer and a bug are told apart", () => {
  const sentences = [
    sentenceFor(new UnreachableError("x")),
    sentenceFor(new AnswerError("x", 200)),
    sentenceFor("x"),
  ];
  expect(new Set(sentences).size).toBe(3);
});
