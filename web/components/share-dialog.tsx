import type { PlaybackLink, Video } from "@sluice/contracts";
import { useEffect, useRef, useState } from "preact/hooks";
import { announce } from "../state/announce.ts";
import { askedToShare } from "../state/dialog.ts";
import { setVisibility } from "../state/library.ts";
import {
  addressOf,
  copy,
  linkLifetimes,
  linksOf,
  makeLink,
  pageOf,
  revokeLink,
} from "../state/sharing.ts";
import { formatUntil } from "../text/format.ts";
import { sentenceFor } from "../text/sentences.ts";
import { CloseIcon, CopyIcon } from "./icons.tsx";

export function ShareDialog() {
  const dialog = useRef<HTMLDialogElement>(null);
  const video = askedToShare.value;

  useEffect(() => {
    if (video) dialog.current?.showModal();
    else dialog.current?.close();
  }, [video?.videoId]);

  const close = () => {
    askedToShare.value = undefined;
  };
  return (
    <dialog ref={dialog} class="dialog share" aria-labelledby="share-title" onClose={close}>
      <div class="share-head">
        <h2 id="share-title">Share “{video?.title}”</h2>
        <button type="button" class="icon-button" onClick={close}>
          <CloseIcon />
          <span class="visually-hidden">Close</span>
        </button>
      </div>
      {video && <Sharing key={video.videoId} video={video} />}
    </dialog>
  );
}

function Sharing({ video }: { video: Video }) {
  const { videoId } = video;
  const [links, setLinks] = useState<readonly PlaybackLink[] | undefined>(undefined);
  const [error, setError] = useState<string | undefined>(undefined);
  const [isBusy, setIsBusy] = useState(false);

  useEffect(() => {
    const stop = new AbortController();
    linksOf(videoId, stop.signal).then(setLinks, (thrown) => {
      if (!stop.signal.aborted) setError(sentenceFor(thrown));
    });
    return () => stop.abort();
  }, [videoId]);

  /** One thing at a time, and what goes wrong is said. */
  const act = async (work: () => Promise<void>) => {
    setIsBusy(true);
    setError(undefined);
    try {
      await work();
    } catch (thrown) {
      setError(sentenceFor(thrown));
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <>
      <VisibilitySwitch
        video={video}
        isBusy={isBusy}
        onChange={(visibility) =>
          void act(async () => {
            askedToShare.value = await setVisibility(videoId, visibility);
          })
        }
      />
      <h3 class="share-title">Links for players</h3>
      <p>For VLC, a television or another page. Whoever has the link can watch until it ends.</p>
      <NewLink
        isBusy={isBusy}
        onMake={(seconds, label) =>
          act(async () => {
            const link = await makeLink(videoId, seconds, label);
            setLinks((before = []) => [link, ...before]);
            if (await copy(addressOf(link))) announce("The link was copied.");
          })
        }
      />
      {error && (
        <p class="row-error" role="alert">
          {error}
        </p>
      )}
      {links && links.length > 0 && (
        <ul class="link-list">
          {links.map((link) => (
            <LinkRow
              key={link.linkId}
              link={link}
              isBusy={isBusy}
              onRevoke={() =>
                void act(async () => {
                  await revokeLink(videoId, link.linkId);
                  setLinks((before = []) => before.filter((each) => each !== link));
                  announce("The link was revoked.");
                })
              }
            />
          ))}
        </ul>
      )}
    </>
  );
}

interface VisibilitySwitchProps {
  readonly video: Video;
  readonly isBusy: boolean;
  readonly onChange: (visibility: "public" | "private") => void;
}

function VisibilitySwitch({ video, isBusy, onChange }: VisibilitySwitchProps) {
  const isPublic = video.visibility === "public";
  return (
    <div class="visibility">
      <button
        type="button"
        role="switch"
        class="switch"
        aria-checked={isPublic}
        aria-labelledby="visibility-name"
        aria-describedby="visibility-meaning"
        disabled={isBusy}
        onClick={() => onChange(isPublic ? "private" : "public")}
      />
      <div>
        <h3 class="share-title" id="visibility-name">
          Public
        </h3>
        <p id="visibility-meaning">
          {isPublic
            ? "Anybody with the address can watch."
            : "Only you can watch, and whoever has a link below."}
        </p>
      </div>
      {isPublic && <Address label="Address of the page" text={pageOf(video.videoId)} />}
    </div>
  );
}

interface NewLinkProps {
  readonly isBusy: boolean;
  readonly onMake: (seconds: number, label: string) => Promise<void>;
}

function NewLink({ isBusy, onMake }: NewLinkProps) {
  const [seconds, setSeconds] = useState<number>(linkLifetimes[1].seconds);
  const [label, setLabel] = useState("");
  return (
    <form
      class="new-link"
      onSubmit={(event) => {
        event.preventDefault();
        void onMake(seconds, label.trim()).then(() => setLabel(""));
      }}
    >
      <label class="field">
        <span>For whom (optional)</span>
        <input
          type="text"
          maxLength={100}
          value={label}
          onInput={({ currentTarget }) => setLabel(currentTarget.value)}
        />
      </label>
      <label class="field">
        <span>Ends in</span>
        <select
          value={String(seconds)}
          onChange={({ currentTarget }) => setSeconds(Number(currentTarget.value))}
        >
          {linkLifetimes.map((each) => (
            <option key={each.seconds} value={String(each.seconds)}>
              {each.label}
            </option>
          ))}
        </select>
      </label>
      <button type="submit" class="button button-main" disabled={isBusy}>
        Copy a new link
      </button>
    </form>
  );
}

interface LinkRowProps {
  readonly link: PlaybackLink;
  readonly isBusy: boolean;
  readonly onRevoke: () => void;
}

function LinkRow({ link, isBusy, onRevoke }: LinkRowProps) {
  const name = link.label ?? "Link";
  return (
    <li class="link-row">
      <div class="link-text">
        <p class="link-name">{name}</p>
        <p>ends {formatUntil(new Date(link.expiresAt), new Date())}</p>
      </div>
      <button type="button" class="button button-quiet" disabled={isBusy} onClick={onRevoke}>
        Revoke
        <span class="visually-hidden"> {name}</span>
      </button>
      <Address label={`Address of ${name}`} text={addressOf(link)} />
    </li>
  );
}

/** To be copied by the button, or by hand where the browser does not let the page. */
function Address({ label, text }: { label: string; text: string }) {
  const [isCopied, setIsCopied] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const onCopy = async () => {
    field.current?.select();
    if (!(await copy(text))) return;
    setIsCopied(true);
    announce("Copied.");
  };
  return (
    <div class="address">
      <input ref={field} type="text" readOnly aria-label={label} value={text} />
      <button type="button" class="button button-small" onClick={() => void onCopy()}>
        <CopyIcon />
        {isCopied ? "Copied" : "Copy"}
      </button>
    </div>
  );
}
