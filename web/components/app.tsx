import { announcement } from "../state/announce.ts";
import { route } from "../state/route.ts";
import { DeleteDialog } from "./delete-dialog.tsx";
import { FileDrop } from "./file-drop.tsx";
import { Header } from "./header.tsx";
import { Library } from "./library.tsx";
import { Player } from "./player.tsx";

export function App() {
  const { value: at } = route;
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
