/**
 * Splits a script into statements: the Data API takes one statement a call
 * (AWS: "Limitations with the RDS Data API").
 *
 * Follows PostgreSQL 18, section 4.1 "Lexical Structure": quoted text, escape strings, quoted
 * identifiers, dollar quotes and nested comments may all hold a semicolon.
 */
export const splitStatements = (script: string): string[] => {
  const statements: string[] = [];
  let start = 0;
  let position = 0;
  let hasCode = false;

  const finish = (end: number) => {
    if (hasCode) statements.push(script.slice(start, end).trim());
    hasCode = false;
  };

  while (position < script.length) {
    const skipped = commentEnd(script, position);
    if (skipped !== undefined) {
      position = skipped;
      continue;
    }
    if (script[position] === ";") {
      finish(position);
      position += 1;
      start = position;
      continue;
    }
    if (!/\s/.test(script.charAt(position))) hasCode = true;
    position = tokenEnd(script, position);
  }
  finish(script.length);
  return statements;
};

/** Where the comment that begins here ends; undefined when none begins here. */
const commentEnd = (script: string, at: number): number | undefined => {
  if (script.startsWith("--", at)) {
    const newline = script.indexOf("\n", at);
    return newline === -1 ? script.length : newline + 1;
  }
  if (!script.startsWith("/*", at)) return undefined;
  let depth = 0;
  for (let position = at; position < script.length; ) {
    if (script.startsWith("/*", position)) {
      depth += 1;
      position += 2;
    } else if (script.startsWith("*/", position)) {
      depth -= 1;
      position += 2;
      if (depth === 0) return position;
    } else {
      position += 1;
    }
  }
  throw new SyntaxError(`The comment that begins at character ${at} never ends.`);
};

/** Where the token that begins here ends. Words are taken whole, so that `a$b$c` is no quote. */
const tokenEnd = (script: string, at: number): number => {
  const character = script.charAt(at);
  if (character === "'") return quotedEnd(script, at, "'", false);
  if (character === '"') return quotedEnd(script, at, '"', false);
  if (/[eE]/.test(character) && script[at + 1] === "'") return quotedEnd(script, at + 1, "'", true);
  if (character === "$") return dollarQuotedEnd(script, at);
  const word = /[\p{L}_][\p{L}\p{N}_$]*/uy;
  word.lastIndex = at;
  return word.test(script) ? word.lastIndex : at + 1;
};

const quotedEnd = (script: string, at: number, quote: string, escapes: boolean): number => {
  for (let position = at + 1; position < script.length; position += 1) {
    if (escapes && script[position] === "\\") position += 1;
    else if (script[position] === quote) {
      if (script[position + 1] !== quote) return position + 1;
      position += 1;
    }
  }
  throw new SyntaxError(`The text that begins at character ${at} never ends.`);
};

const dollarQuotedEnd = (script: string, at: number): number => {
  const opening = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;
  opening.lastIndex = at;
  const tag = opening.exec(script)?.[0];
  if (tag === undefined) return at + 1;
  const end = script.indexOf(tag, at + tag.length);
  if (end === -1) throw new SyntaxError(`The text that begins at character ${at} never ends.`);
  return end + tag.length;
};
