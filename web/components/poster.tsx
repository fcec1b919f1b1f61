import { usePoster } from "./use-poster.ts";

interface PosterProps {
  readonly url: string | undefined;
  readonly badge?: string;
}

/** A box of the same shape whether its picture is there or not. */
export function Poster({ url, badge }: PosterProps) {
  const { shown, onError } = usePoster(url);
  return (
    <div class="poster">
      {shown ? (
        <img src={shown} alt="" loading="lazy" decoding="async" onError={onError} />
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
