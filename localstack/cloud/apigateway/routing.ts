/** The resource tree of one API, ready for matching. */
export interface ResourceNode<T> {
  readonly id: string;
  /** As in the API: `/videos/{videoId}`. */
  readonly path: string;
  /** By HTTP method; `ANY` for those that have no entry of their own. */
  readonly methods: ReadonlyMap<string, T>;
}

export interface Match<T> {
  readonly node: ResourceNode<T>;
  /** Absent when the resource does not take this method. */
  readonly method: T | undefined;
  /** Values of the path's parameters, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * Finds the resource for a path, segment by segment: a plain segment before a parameter, a parameter
 * before `{name+}`, which takes the rest, one segment at least. Resources without methods are not there.
 *
 * @param path as sent, still encoded
 */
export function matchResource<T>(
  nodes: readonly ResourceNode<T>[],
  httpMethod: string,
  path: string,
): Match<T> | undefined {
  const segments = segmentsOf(path);
  const matching = nodes
    .filter((node) => node.methods.size > 0)
    .flatMap((node) => {
      const pattern = segmentsOf(node.path);
      const parameters = matchSegments(pattern, segments);
      return parameters ? [{ node, pattern, parameters }] : [];
    })
    .sort((a, b) => compareSpecificity(a.pattern, b.pattern));
  const [best] = matching;
  if (!best) return undefined;
  const { node, parameters } = best;
  return {
    node,
    parameters,
    method: node.methods.get(httpMethod) ?? node.methods.get("ANY"),
  };
}

/** `/a/b/` is `/a/b`: API Gateway does not tell them apart. */
function segmentsOf(path: string): string[] {
  const segments = path.split("/").slice(1);
  if (segments.at(-1) === "") segments.pop();
  return segments;
}

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index];
    if (segment === undefined) return undefined;
    const name = parameterName(part);
    if (name === undefined) {
      if (decode(segment) !== part) return undefined;
    } else if (isGreedy(part)) {
      parameters[name] = segments.slice(index).map(decode).join("/");
      return parameters;
    } else {
      if (segment === "") return undefined;
      parameters[name] = decode(segment);
    }
  }
  return pattern.length === segments.length ? parameters : undefined;
}

const parameterName = (part: string): string | undefined => /^\{(.+?)\+?\}$/.exec(part)?.[1];
const isGreedy = (part: string): boolean => part.endsWith("+}");
const rank = (part: string | undefined): number =>
  part === undefined ? 3 : parameterName(part) === undefined ? 0 : isGreedy(part) ? 2 : 1;

function compareSpecificity(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = rank(a[index]) - rank(b[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** @throws URIError when the escapes are broken */
function decode(segment: string): string {
  return decodeURIComponent(segment);
}
