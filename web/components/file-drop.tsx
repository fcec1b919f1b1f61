import { useEffect, useState } from "preact/hooks";
import { openLibrary } from "../state/route.ts";
import { addFiles } from "../state/uploads.ts";

/** The whole page takes files. */
export function FileDrop() {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    // Entering a child comes before leaving its parent: only the difference says where we are.
    let depth = 0;
    const listen = (type: "dragenter" | "dragover" | "dragleave" | "drop", act: () => void) =>
      addEventListener(
        type,
        (event) => {
          if (!event.dataTransfer?.types.includes("Files")) return;
          event.preventDefault();
          act();
          setIsOver(depth > 0);
          if (type !== "drop") return;
          const files = [...event.dataTransfer.files];
          if (files.length === 0) return;
          addFiles(files);
          openLibrary();
        },
        { signal: stop.signal },
      );
    listen("dragenter", () => {
      depth += 1;
    });
    listen("dragleave", () => {
      depth -= 1;
    });
    listen("dragover", () => {});
    listen("drop", () => {
      depth = 0;
    });
    return () => stop.abort();
  }, []);
  return (
    <div class={`veil${isOver ? " veil-on" : ""}`} aria-hidden="true">
      <p>Drop to upload</p>
    </div>
  );
}
