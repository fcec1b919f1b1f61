import { afterKey, afterPrefix, compareKeys } from "./key-order.ts";

export interface ListQuery {
  readonly prefix: string;
  /** Empty: none. */
  readonly delimiter: string;
  /** The first key that may be listed. */
  readonly from: string;
  readonly limit: number;
}

export interface ListPage<T> {
  readonly items: readonly T[];
  readonly commonPrefixes: readonly string[];
  /** Where the next page begins; undefined on the last one. */
  readonly next: string | undefined;
}

/**
 * One page of keys, those with a delimiter behind the prefix folded into common prefixes. What is
 * folded is skipped by a new query, so a page costs its own length, not that of what it folds.
 * @param query items in order of their keys, from `from` on and below `below`, at most `limit`
 */
export function listPage<T extends { readonly key: string }>(
  { prefix, delimiter, from, limit }: ListQuery,
  query: (from: string, below: string | undefined, limit: number) => readonly T[],
): ListPage<T> {
  const items: T[] = [];
  const commonPrefixes: string[] = [];
  const below = afterPrefix(prefix);
  let next: string | undefined = compareKeys(from, prefix) > 0 ? from : prefix;
  if (limit === 0) return { items, commonPrefixes, next: undefined };

  scan: while (next !== undefined) {
    const start: string = next;
    const wanted: number = limit - items.length - commonPrefixes.length + 1;
    const found = query(start, below, wanted);
    for (const item of found) {
      if (items.length + commonPrefixes.length === limit) {
        next = item.key;
        break scan;
      }
      const folded = foldKey(item.key, prefix, delimiter);
      if (folded !== undefined) {
        commonPrefixes.push(folded);
        next = afterPrefix(folded);
        continue scan;
      }
      items.push(item);
      next = afterKey(item.key);
    }
    if (found.length < wanted) next = undefined;
  }
  return { items, commonPrefixes, next };
}

function foldKey(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === "") return undefined;
  const index = key.indexOf(delimiter, prefix.length);
  return index < 0 ? undefined : key.slice(0, index + delimiter.length);
}
