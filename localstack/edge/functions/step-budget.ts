import { type Node, type Program, parse } from "acorn";
import { full } from "acorn-walk";

/** What counted code calls at each step: at the start of each function and each turn of a loop. */
export const stepName = "$step";

interface Insertion {
  readonly at: number;
  readonly text: string;
  /** The wider of two constructs that end at one place must close last. */
  readonly width: number;
}

/**
 * The code with a call of `$step` wherever it could go on without end, so that a time limit needs
 * no watching thread: one such costs more than all the rest of a request.
 * @throws SyntaxError for what CloudFront's runtime would not take either
 */
export function countSteps(code: string): string {
  // "Features of ES versions 6 through 12"; `return` outside functions is an error, as there.
  const program: Program = parse(code, { ecmaVersion: 2021, sourceType: "script" });
  const insertions = new Map<string, Insertion>();
  const insert = (at: number, text: string, width: number) =>
    insertions.set(`${at} ${text} ${width}`, { at, text, width });
  const countBody = (body: Node, [open, close]: readonly [string, string]) => {
    if (body.type === "BlockStatement") {
      insert(startOfStatements(body), `;${stepName}();`, 0);
    } else {
      insert(body.start, open, body.end - body.start);
      insert(body.end, close, body.end - body.start);
    }
  };
  full(program, (node) => {
    const { type } = node;
    if (type === "ImportExpression") throw new SyntaxError("import() is not available.");
    if ("name" in node && (node.name === stepName || node.name === "$door")) {
      throw new SyntaxError(`The name ${String(node.name)} is taken.`);
    }
    if (isLoop(node)) countBody(node.body, [`{${stepName}();`, "}"]);
    if (isFunction(node)) countBody(node.body, [`(${stepName}(),`, ")"]);
  });
  return spliced(code, [...insertions.values()]);
}

const isLoop = (node: Node): node is Node & { body: Node } =>
  /^(For|ForIn|ForOf|While|DoWhile)Statement$/.test(node.type);

const isFunction = (node: Node): node is Node & { body: Node } =>
  /^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type);

/** After "use strict", which counts only where a block begins. */
function startOfStatements(block: Node): number {
  const { body } = block as Node & { body: readonly (Node & { directive?: string })[] };
  const directives = body.filter(({ directive }) => directive !== undefined);
  return directives.at(-1)?.end ?? block.start + 1;
}

function spliced(code: string, insertions: Insertion[]): string {
  const opens = ({ text }: Insertion) => text.startsWith("{") || text.startsWith("(");
  insertions.sort(
    (one, other) =>
      one.at - other.at ||
      // What ends here goes before what begins here; of two beginnings the wider goes first.
      Number(opens(one)) - Number(opens(other)) ||
      (opens(one) ? other.width - one.width : one.width - other.width),
  );
  let result = "";
  let done = 0;
  for (const { at, text } of insertions) {
    result += code.slice(done, at) + text;
    done = at;
  }
  return result + code.slice(done);
}
