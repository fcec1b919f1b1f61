import path from "node:path";

export const repositoryRoot = path.resolve(import.meta.dirname, "..");

/** Entry file of a function, relative to the repository. */
export function entryOf(capability: string, name: string): string {
  return `functions/${capability}/handlers/${name}.ts`;
}
