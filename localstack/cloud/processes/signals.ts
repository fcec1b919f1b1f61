/** Sends a signal to a whole process group; `false` when nobody is left in it. */
export function killGroup(groupId: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(-groupId, signal);
  } catch (error) {
    // EPERM on macOS: only zombies are left.
    if (
      error instanceof Error &&
      "code" in error &&
      ["ESRCH", "EPERM"].includes(String(error.code))
    )
      return false;
    throw error;
  }
}
