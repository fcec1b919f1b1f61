// First of all: see there.
import "./state/parsers.ts";

import { render } from "preact";
import { App } from "./components/app.tsx";
import { startLibrary } from "./state/library.ts";

const root = document.getElementById("app");
if (root) {
  render(<App />, root);
  startLibrary();
}
