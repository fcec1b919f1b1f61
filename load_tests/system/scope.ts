/**
 * Runs `work` and then ends what it put into its scope, last one first, also when it failed.
 * (`await using` says the same, but the tool behind `npm run check:imports` cannot read it yet.)
 */
export async function inScope<T>(work: (scope: AsyncDisposableStack) => Promise<T>): Promise<T> {
  const scope = new AsyncDisposableStack();
  try {
    return await work(scope);
  } finally {
    await scope.disposeAsync();
  }
}
