import { useEffect, useRef, useState } from "preact/hooks";
import { askedToDelete } from "../state/dialog.ts";
import { deleteVideo } from "../state/library.ts";
import { openLibrary } from "../state/route.ts";
import { sentenceFor } from "../text/sentences.ts";

export function DeleteDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [error, setError] = useState<string | undefined>(undefined);
  const [isBusy, setIsBusy] = useState(false);
  const video = askedToDelete.value;

  useEffect(() => {
    setError(undefined);
    if (video) dialog.current?.showModal();
    else dialog.current?.close();
  }, [video]);

  const close = () => {
    askedToDelete.value = undefined;
  };
  const confirm = async () => {
    if (!video) return;
    setIsBusy(true);
    try {
      await deleteVideo(video);
      close();
      openLibrary();
    } catch (thrown) {
      setError(sentenceFor(thrown));
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="delete-title" onClose={close}>
      <h2 id="delete-title">Delete “{video?.title}”?</h2>
      <p>The file and everything made of it go for good.</p>
      {error && (
        <p class="row-error" role="alert">
          {error}
        </p>
      )}
      <div class="dialog-actions">
        <button type="button" class="button" onClick={close}>
          Keep
        </button>
        <button
          type="button"
          class="button button-danger"
          disabled={isBusy}
          onClick={() => void confirm()}
        >
          {isBusy ? "Deleting…" : "Delete"}
        </button>
      </div>
    </dialog>
  );
}
