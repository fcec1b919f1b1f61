import { type Node, type Program, parse } from "acorn";

/**
 * The code with its `import name from "module"` lines, which CloudFront's runtime 2.0 takes at the
 * top of a script, written as calls of `require`, on the same lines. Every other form of import is
 * left to be refused as no script.
 * @throws SyntaxError
 */
export function namedImports(code: string): string {
  if (!/\bimport\b/.test(code)) return code;
  const program: Program = parse(code, {
    ecmaVersion: 2021,
    sourceType: "script",
    allowImportExportEverywhere: true,
  });
  let result = "";
  let done = 0;
  for (const statement of program.body) {
    const text = isNamedImport(statement) ? requireOf(statement) : undefined;
    if (text === undefined) continue;
    result += code.slice(done, statement.start) + text;
    done = statement.end;
  }
  return result + code.slice(done);
}

interface NamedImport extends Node {
  readonly specifiers: readonly { readonly type: string; readonly local: { name: string } }[];
  readonly source: { readonly value: unknown };
}

const isNamedImport = (node: Node): node is NamedImport => node.type === "ImportDeclaration";

function requireOf({ specifiers, source }: NamedImport): string | undefined {
  const [only, ...others] = specifiers;
  if (only?.type !== "ImportDefaultSpecifier" || others.length > 0) return undefined;
  return `const ${only.local.name} = require(${JSON.stringify(source.value)});`;
}
