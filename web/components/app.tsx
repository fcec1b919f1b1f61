import { useEffect, useRef } from "preact/hooks";
import { announcement } from "../state/announce.ts";
import { startLibrary } from "../state/library.ts";
import { route } from "../state/route.ts";
import { DeleteDialog } from "./delete-dialog.tsx";
import { FileDrop } from "./file-drop.tsx";
import { Header } from "./header.tsx";
import { Library } from "./library.tsx";
import { Player } from "./player.tsx";
import { ShareDialog } from "./share-dialog.tsx";

export function App() {
  const { value: at } = route;
  const isFirst = useRef(true);
  useEffect(() => {
    // The link that was followed is gone: a keyboard or screen reader goes on in the new view.
    if (!isFirst.current && at) document.querySelector("main")?.focus({ preventScroll: true });
    isFirst.current = false;
  }, [at]);
  useEffect(() => {
    // Not before: a visitor who follows an address of a public video need not sign in.
    if (at.view === "library") startLibrary();
  }, [at]);
  return (
    <>
      <Header />
      {at.view === "player" ? <Player key={at.videoId} videoId={at.videoId} /> : <Library />}
      <p class="visually-hidden" aria-live="polite">
        {announcement.value}
      </p>
      <DeleteDialog />
      <ShareDialog />
      <FileDrop />
    </>
  );
}
