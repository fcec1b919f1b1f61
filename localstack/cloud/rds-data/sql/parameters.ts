export type StatementPiece =
  | { readonly kind: "text"; readonly text: string }
  | {
      readonly kind: "parameter";
      readonly name: string;
      /** `x[:n]` can be an element by parameter or a slice up to n: it is a slice when no such parameter is given. */
      readonly maybeSlice: boolean;
    };

const identifier = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;
const number = /\d[\w.]*/y;
const space = /\s+/y;
const lineComment = /--[^\n\r]*/y;
const dollarTag = /\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/y;
const positional = /\$\d+/y;
const parameter = /:(\w+)/y;

/** Characters of `sql` that `pattern` (sticky) matches at `at`. */
function match(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
}

/**
 * Finds the named parameters of a SQL statement the way PostgreSQL would read it. The pieces put together
 * again are the statement.
 *
 * A colon inside a string, a quoted identifier, a dollar-quoted body or a comment is text, `::` is a
 * cast, `:=` an argument and `[1:2]` a slice (PostgreSQL 18, "Lexical Structure", 4.1).
 */
export function parseStatement(sql: string): readonly StatementPiece[] {
  const pieces: StatementPiece[] = [];
  let textFrom = 0;
  let at = 0;
  let brackets = 0;
  /** Whether what stands before could be the lower bound of a slice. */
  let afterOperand = false;

  const step = (length: number, operand: boolean): void => {
    at += length;
    afterOperand = operand;
  };

  while (at < sql.length) {
    const blank = match(space, sql, at) ?? match(lineComment, sql, at);
    if (blank !== undefined) {
      at += blank.length;
      continue;
    }
    if (sql.startsWith("/*", at)) {
      at = endOfBlockComment(sql, at);
      continue;
    }
    const word = match(identifier, sql, at);
    if (word !== undefined) {
      const quote = sql[at + word.length];
      if (quote === "'" && /^[eE]$/.test(word)) {
        step(endOfQuoted(sql, at + word.length, true) - at, true);
        continue;
      }
      step(word.length, true);
      continue;
    }
    const named = match(parameter, sql, at);
    if (named !== undefined && sql[at - 1] !== ":" && !(brackets > 0 && afterOperand)) {
      if (textFrom < at) pieces.push({ kind: "text", text: sql.slice(textFrom, at) });
      const maybeSlice = brackets > 0 && /\[\s*$/.test(sql.slice(Math.max(0, at - 64), at));
      pieces.push({ kind: "parameter", name: named.slice(1), maybeSlice });
      step(named.length, true);
      textFrom = at;
      continue;
    }
    const character = sql[at];
    if (character === "'" || character === '"') {
      step(endOfQuoted(sql, at, false) - at, true);
      continue;
    }
    const tag = match(dollarTag, sql, at);
    if (tag !== undefined) {
      const end = sql.indexOf(tag, at + tag.length);
      step((end < 0 ? sql.length : end + tag.length) - at, true);
      continue;
    }
    const literal = match(number, sql, at) ?? match(positional, sql, at);
    if (literal !== undefined) {
      step(literal.length, true);
      continue;
    }
    if (sql.startsWith("::", at) || sql.startsWith(":=", at)) {
      step(2, false);
      continue;
    }
    if (character === "[") brackets += 1;
    if (character === "]" && brackets > 0) brackets -= 1;
    step(1, character === ")" || character === "]");
  }
  if (textFrom < sql.length) pieces.push({ kind: "text", text: sql.slice(textFrom) });
  return pieces;
}

/** Index after the closing quote; a doubled quote is one character of the text. */
function endOfQuoted(sql: string, open: number, backslashEscapes: boolean): number {
  const quote = sql[open];
  let at = open + 1;
  while (at < sql.length) {
    if (backslashEscapes && sql[at] === "\\") at += 2;
    else if (sql[at] !== quote) at += 1;
    else if (sql[at + 1] === quote) at += 2;
    else return at + 1;
  }
  return sql.length;
}

/** Index after the comment; block comments nest in PostgreSQL. */
function endOfBlockComment(sql: string, open: number): number {
  let depth = 0;
  let at = open;
  while (at < sql.length) {
    if (sql.startsWith("/*", at)) {
      depth += 1;
      at += 2;
    } else if (sql.startsWith("*/", at)) {
      depth -= 1;
      at += 2;
      if (depth === 0) return at;
    } else at += 1;
  }
  return sql.length;
}
