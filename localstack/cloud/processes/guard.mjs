// Outlives the cloud by a moment: told the id of every process group, it ends them all when the pipe
// from the cloud closes, which the kernel does however the cloud dies. Plain JavaScript, so that it
// starts on any Node and stays small.
const groups = new Set();
let unread = "";

// The terminal sends Ctrl-C to everybody; the guard must be the last to go.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});

process.stdin.setEncoding("utf8");
process.stdin.on("data", (text) => {
  const lines = (unread + text).split("\n");
  unread = lines.pop() ?? "";
  for (const line of lines) {
    const groupId = Number(line.slice(1));
    if (line.startsWith("+")) groups.add(groupId);
    if (line.startsWith("-")) groups.delete(groupId);
  }
});
process.stdin.on("error", endAll);
process.stdin.on("end", endAll);

function endAll() {
  for (const groupId of groups) {
    try {
      process.kill(-groupId, "SIGKILL");
    } catch {
      // Already gone.
    }
  }
  process.exit(0);
}
