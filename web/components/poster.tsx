import { useState } from "preact/hooks";

interface PosterProps {
  readonly url: string | undefined;
  readonly badge?: string;
}

/**
 * A box of the same shape whether its picture is there or not. Every answer of the API signs the
 * poster anew: the first link is kept while it works, so that the picture does not flicker.
 */
export function Poster({ url, badge }: PosterProps) {
  const [kept, setKept] = useState<string | undefined>(url);
  const [failed, setFailed] = useState<string | undefined>(undefined);
  if (url && (!kept || kept === failed) && url !== failed) setKept(url);
  const shown = kept && kept !== failed ? kept : undefined;
  return (
    <div class="poster">
      {shown ? (
        <img src={shown} alt="" loading="lazy" decoding="async" onError={() => setFailed(shown)} />
      ) : (
        <svg class="poster-empty" viewBox="0 0 32 18" aria-hidden="true">
          <path d="M0 11c2.700-1.600 5.300-1.600 8 0s5.300 1.600 8 0 5.300-1.600 8 0 5.300 1.600 8 0v7H0Z" />
          <path d="M0 14c2.700-1.600 5.300-1.600 8 0s5.300 1.600 8 0 5.300-1.600 8 0 5.300 1.600 8 0v4H0Z" />
        </svg>
      )}
      {badge && <span class="badge">{badge}</span>}
    </div>
  );
}
