export function markedGroups(mark: string): number[];
