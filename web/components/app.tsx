import { useEffect, useRef } from "preact/hooks";
import { announcement } from "../state/announce.ts";
import { route } from "../state/route.ts";
import { DeleteDialog } from "./delete-dialog.tsx";
import { FileDrop } from "./file-drop.tsx";
import { Header } from "./header.tsx";
import { Library } from "./library.tsx";
import { Player } from "./player.tsx";

export function App() {
  const { value: at } = route;
  const isFirst = useRef(true);
  useEffect(() => {
    // The link that was followed is gone: a keyboard or screen reader goes on in the new view.
    if (!isFirst.current && at) document.querySelector("main")?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [at]);
  return (
    <>
      <Header />
      {at.view === "player" ? <Player key={at.videoId} videoId={at.videoId} /> : <Library />}
      <p class="visually-hidden" aria-live="polite">
        {announcement.value}
      </p>
      <DeleteDialog />
      <FileDrop />
    </>
  );
}
