import { StartError } from "../aws-error.ts";
import { referencesIn } from "./references.ts";
import type { TemplateResource } from "./template.ts";

/**
 * Puts every id after those it depends on; ids that are free to go first keep the order they came in.
 * A dependency that is not among the ids is left out of account.
 *
 * @throws StartError `dependency-cycle`, with the way round: `A → B → A`
 */
export function orderByDependencies(
  ids: readonly string[],
  dependenciesOf: (id: string) => Iterable<string>,
  whatIsWrong: string,
): string[] {
  const known = new Set(ids);
  const done = new Set<string>();
  const way: string[] = [];

  const visit = (id: string) => {
    if (done.has(id) || !known.has(id)) return;
    const start = way.indexOf(id);
    if (start >= 0) {
      const circle = [...way.slice(start), id].join(" → ");
      throw new StartError("dependency-cycle", `${whatIsWrong}: ${circle}.`);
    }
    way.push(id);
    for (const dependency of dependenciesOf(id)) visit(dependency);
    way.pop();
    done.add(id);
  };

  for (const id of ids) visit(id);
  return [...done];
}

/** The order in which a stack's resources are made: by `DependsOn` and by what their properties refer to. */
export function orderResources(
  stackName: string,
  resources: Readonly<Record<string, TemplateResource>>,
): string[] {
  return orderByDependencies(
    Object.keys(resources),
    (id) => {
      const resource = resources[id];
      return resource ? [...resource.DependsOn, ...referencesIn(resource.Properties)] : [];
    },
    `Stack ${stackName}: resources depend on each other in a circle`,
  );
}
