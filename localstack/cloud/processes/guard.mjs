// Outlives the cloud by a moment: told the id of every process group, it ends them all when the pipe
// from the cloud closes, which the kernel does however the cloud dies. Plain JavaScript, so that it
// starts on any Node and stays small.
//
// Lines: `=MARK` what the environment of every child holds, `+ID` and `-ID` groups, `.` an orderly end.
import { markedGroups } from "./marked-groups.mjs";

const groups = new Set();
let unread = "";
let mark;
let orderly = false;

// The cloud may die between the start of a child and the line about it. Such a child is known by its
// mark alone, and shows it only once it has become its program, which a busy machine may put off.
const LATE_CHILD_MS = 2_000;
const LOOK_EVERY_MS = 50;

// The terminal sends Ctrl-C to everybody; the guard must be the last to go.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});

process.stdin.setEncoding("utf8");
process.stdin.on("data", (text) => {
  const lines = (unread + text).split("\n");
  unread = lines.pop() ?? "";
  for (const line of lines) {
    const rest = line.slice(1);
    if (line.startsWith("=")) mark = rest;
    if (line.startsWith("+")) groups.add(Number(rest));
    if (line.startsWith("-")) groups.delete(Number(rest));
    if (line === ".") orderly = true;
  }
});
process.stdin.on("error", endAll);
process.stdin.on("end", endAll);

let ending = false;

function endAll() {
  if (ending) return;
  ending = true;
  for (const groupId of groups) kill(groupId);
  if (orderly || mark === undefined) process.exit(0);
  const until = performance.now() + LATE_CHILD_MS;
  const look = () => {
    for (const groupId of markedGroups(mark)) kill(groupId);
    if (performance.now() > until) process.exit(0);
    setTimeout(look, LOOK_EVERY_MS);
  };
  look();
}

function kill(groupId) {
  try {
    process.kill(-groupId, "SIGKILL");
  } catch {
    // Already gone.
  }
}
