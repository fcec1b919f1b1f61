import { render } from "preact";
import { z } from "zod";
import { App } from "./components/app.tsx";
import { startLibrary } from "./state/library.ts";

// Compiled parsers need eval, which a strict Content-Security-Policy forbids.
z.config({ jitless: true });

const root = document.getElementById("app");
if (root) {
  render(<App />, root);
  startLibrary();
}
